# ruff: noqa: D102 - the names below are those of `sparseopt.modeling.problem.Problem`
"""Residuals as rows without an objective, so that a fit is checked as a solution is."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DerivativeError, NonFiniteError
from sparseopt.graph.formulas import Formulas
from sparseopt.modeling.finite_check import find_origin
from sparseopt.modeling.solution_check import Verification, check_point
from sparseopt.modeling.traced_function import TracedFunction
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.tracing.source_lines import describe_where

__all__ = ["ResidualProblem", "check_fit", "check_fit_start", "require_finite_residuals"]

FloatArray = NDArray[np.float64]


class ResidualProblem:
    """A function's results as constraints without bounds.

    Parameters
    ----------
    function : TracedFunction
    lower, upper : float arrays
        Bounds of the variables.
    """

    def __init__(self, function: TracedFunction, lower: FloatArray, upper: FloatArray) -> None:
        self._function = function
        self.num_variables = function.size
        self.num_constraints = function.result_size
        self.variable_lower, self.variable_upper = lower, upper
        self.constraint_lower = np.full(self.num_constraints, -np.inf)
        self.constraint_upper = -self.constraint_lower

    @cached_property
    def formulas(self) -> Formulas:
        return Formulas(self._function.program, self._function.evaluator.parameters)

    @property
    def jacobian_pattern(self) -> SparsityPattern:
        return self._function.evaluator.jacobian_pattern

    def objective(self, x: FloatArray) -> float:
        return 0.0

    def gradient(self, x: FloatArray) -> FloatArray:
        return np.zeros(self.num_variables)

    def constraints(self, x: FloatArray) -> FloatArray:
        return self._function.evaluator.constraints(x)

    def jacobian_values(self, x: FloatArray) -> FloatArray:
        return self._function.evaluator.jacobian_values(x)

    def variable_name(self, index: int) -> str:
        return self._function.element(index)

    def constraint_name(self, index: int) -> str:
        return self._function.result_element(index)

    def constraint_source(self, index: int) -> str:
        return describe_where(self._function.program.outputs[1].where)


def check_fit_start(problem: ResidualProblem, x: FloatArray) -> None:
    """Raise `DerivativeError` for a derivative that is wrong at the start of a fit."""
    found = check_point(problem, x)
    if not found.ok:
        raise DerivativeError(
            "the Jacobian of the residuals is wrong at the start",
            why=str(found.wrong[0]),
            instead=found.advice,
        )


def check_fit(problem: ResidualProblem, result: Any) -> Verification | None:
    """Check a result of ``scipy.optimize.least_squares``, and take its success away if it fails."""
    x = np.asarray(result.x, np.float64).reshape(-1)
    if not result.success or not np.isfinite(problem.jacobian_values(x)).all():
        return None
    found = check_point(problem, x)
    if not found.ok:
        result.success = False
        result.message = f"A wrong derivative or value was used. {found}."
    return found


def require_finite_residuals(function: TracedFunction, x: FloatArray) -> None:
    """Raise `NonFiniteError` for a residual that is NaN or infinite at the start of a fit."""
    evaluator = function.evaluator
    values = evaluator.constraints(x)
    if np.isfinite(values).all():
        return
    row = int(np.flatnonzero(~np.isfinite(values))[0])
    node = function.program.outputs[1]
    origin = find_origin(function.program, node, row, x, evaluator.parameters)
    raise NonFiniteError(
        f"the residual {function.result_element(row)} is not finite at the start",
        where=origin.where,
        why=str(origin),
        instead="give a start inside the domain of the formula",
    )
