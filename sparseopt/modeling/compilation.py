"""From a model's declarations to its compiled problem."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.evaluation import compile_program
from sparseopt.modeling.assembly import Declarations, assemble
from sparseopt.modeling.lifted_intermediates import Intermediate, Lift, lifted_declarations
from sparseopt.modeling.problem import Problem
from sparseopt.on_demand import on_demand

if TYPE_CHECKING:
    from sparseopt.modeling import gauss_newton
else:
    gauss_newton = on_demand("sparseopt.modeling.gauss_newton")

__all__ = ["compile_problem"]


def compile_problem(
    declared: Declarations,
    *,
    lift_bounds: bool,
    lift: Lift,
    intermediates: Mapping[str, Intermediate],
    parameters: NDArray[np.float64],
    trace_seconds: float,
    **options: Any,
) -> Problem:
    """Return the compiled problem of a model's declarations.

    Parameters
    ----------
    declared : Declarations
    lift_bounds : bool
        Whether rows of one variable become bounds.
    lift : str or sequence of str
        "auto", "none" or names of intermediates that become variables.
    intermediates : mapping of str to Intermediate
    parameters : float array
        Their present values.
    trace_seconds : float
    options
        Of `compile_program`.
    """
    program, bounds = assemble(declared, lift_bounds)
    started = time.perf_counter()
    declared, program, bounds, lifting = lifted_declarations(
        declared, program, bounds, lift, intermediates, parameters
    )
    lifting_seconds = time.perf_counter() - started
    evaluator = compile_program(program, **options)
    evaluator.timings["lifting"] = lifting_seconds
    is_full = declared.fit is None or declared.fit.hessian == "exact"
    kind = Problem if is_full else gauss_newton.GaussNewtonProblem
    problem = kind(declared, program, bounds, evaluator, trace_seconds)
    problem.lifting = lifting
    return problem
