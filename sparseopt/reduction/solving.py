"""A solve in reduced space: the solver moves the parameters, the result is in all variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.modeling.checked_problem import Verify, check_choice
from sparseopt.modeling.progress import progress_callback
from sparseopt.modeling.solution import Solution
from sparseopt.modeling.starting_point import StartingPoint, starting_arrays
from sparseopt.reduction.recovery import recovered
from sparseopt.reduction.reduced_functions import ReducedFunctions
from sparseopt.reduction.stepping_back import SteppingBack
from sparseopt.solvers import Iteration, Start, solve
from sparseopt.solvers.verification import check_start, verified

__all__ = ["solve_reduced"]

FloatArray = NDArray[np.float64]

# Each evaluation is a solve of the states, and stopping early spares little of it.  Tolerances are
# relative to the gradient at the start, since SciPy's are not.
_TOLERANCE = 1e-9
_TOLERANCES = {
    "l-bfgs-b": ("gtol",),
    "bfgs": ("gtol",),
    "trust-krylov": ("gtol",),
    "trust-ncg": ("gtol",),
    "trust-constr": ("gtol", "barrier_tol"),
}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "l-bfgs-b": {"ftol": 1e-15, "maxiter": 15000, "maxfun": 30000, "maxcor": 30},
    "trust-constr": {"xtol": 1e-12, "maxiter": 3000},
    "slsqp": {"ftol": 1e-14, "maxiter": 1000},
    "newton-cg": {"xtol": 1e-10},
    "ipopt": {"hessian_approximation": "limited-memory"},
    "cyipopt": {"hessian_approximation": "limited-memory"},
}
_STEP_BACK = ("ipopt", "cyipopt", "trust-constr", "nelder-mead")


def solve_reduced(
    reduced: ReducedFunctions,
    solver: str,
    *,
    options: Mapping[str, Any],
    start: StartingPoint | None,
    time_limit: float | None,
    verbose: bool,
    callback: Callable[[Any], bool | None] | None,
    verify: Verify,
) -> Solution:
    """Return the solution; see `ReducedProblem.solve`."""
    check_choice(verify)
    full, name = reduced.full, _chosen(reduced, solver)
    with full.evaluator.turns.solve():
        before = replace(reduced.counts)
        arrays = starting_arrays(full, start)
        reduced.begin_at(arrays["x"])
        p = arrays["x"][reduced.partition.parameters]
        p = np.clip(p, reduced.variable_lower, reduced.variable_upper)
        reduced.require_finite(p)
        if verify == "start":
            check_start(full, Start(reduced.state(p)))
        progress = progress_callback(callback, verbose, full.is_maximized)
        found = solve(
            reduced if name.lower() in _STEP_BACK else SteppingBack(reduced, p),
            name,
            {**_defaults(reduced, name.lower(), p), **options},
            Start(p),
            time_limit,
            None if progress is None else _in_all_variables(reduced, progress),
            verify="off",
        )
        result = recovered(reduced, found, before)
        return Solution(full, result if verify == "off" else verified(full, result))


def _chosen(reduced: ReducedFunctions, solver: str) -> str:
    if solver != "auto":
        return solver
    if reduced.num_constraints:
        return "trust-constr"
    bounds = (reduced.variable_lower, reduced.variable_upper)
    return "L-BFGS-B" if np.isfinite(bounds).any() else "trust-krylov"


def _defaults(reduced: ReducedFunctions, name: str, start: FloatArray) -> dict[str, Any]:
    largest = float(np.abs(reduced.gradient(start)).max())
    tolerance = _TOLERANCE * min(largest, 1.0) if largest else _TOLERANCE
    return {**_DEFAULTS.get(name, {}), **dict.fromkeys(_TOLERANCES.get(name, ()), tolerance)}


def _in_all_variables(
    reduced: ReducedFunctions, progress: Callable[[Any], bool | None]
) -> Callable[[Iteration], bool | None]:
    def report(iteration: Iteration) -> bool | None:
        return progress(replace(iteration, x=reduced.state(iteration.x)))

    return report
