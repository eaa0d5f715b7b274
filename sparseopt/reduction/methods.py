"""How the solvers are used on a reduced problem: options by default, and what they need.

Each evaluation is a solve of the states, and stopping early spares little of it.  Tolerances are
relative to the gradient at the start, since SciPy's are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.reduction.other_rows import MOST_SOLVES
from sparseopt.reduction.reduced_functions import ReducedFunctions
from sparseopt.solvers import automatic_solver

__all__ = ["Usage", "usage"]

FloatArray = NDArray[np.float64]

_TOLERANCE = 1e-9
_IPOPT_TOLERANCE = 1e-11  # of complementarity too, which parameters follow slowly
_LEAST_TOLERANCE = 1e-13
_TOLERANCES = {
    "l-bfgs-b": ("gtol",),
    "bfgs": ("gtol",),
    "cg": ("gtol",),
    "trust-krylov": ("gtol",),
    "trust-ncg": ("gtol",),
    "trust-constr": ("gtol", "barrier_tol"),
    "ipopt": ("tol",),
    "cyipopt": ("tol",),
}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "l-bfgs-b": {"ftol": 1e-15, "maxiter": 15000, "maxfun": 30000, "maxcor": 30},
    "tnc": {"ftol": 1e-15, "xtol": 1e-12, "gtol": 1e-12, "maxfun": 30000},
    "trust-constr": {"xtol": 1e-12, "maxiter": 3000},
    "slsqp": {"ftol": 1e-14, "maxiter": 1000},
    "newton-cg": {"xtol": 1e-10},
    "nelder-mead": {"xatol": 1e-8, "fatol": 1e-12},
    "powell": {"xtol": 1e-8, "ftol": 1e-12},
    # What is relaxed is moved back in the end, and the states with it.
    "ipopt": {"bound_relax_factor": 0.0},
    "cyipopt": {"bound_relax_factor": 0.0},
}
_STEP_BACK = ("ipopt", "cyipopt", "trust-constr", "nelder-mead")
_IPOPTS = ("ipopt", "cyipopt")
_LEAST_GRADIENT = 1e-7
"""Below the square root of its machine precision, trlib (trust-krylov) divides zero by zero."""


@dataclass(frozen=True)
class Usage:
    """A solver with its options.

    Attributes
    ----------
    solver : str
    options : dict
    steps_back : bool
        Whether it steps back from a point without a value.
    factor : float
        What the objective is multiplied by.
    has_free_barrier : bool
        Whether it is trust-constr, with a barrier and a tolerance that are not the caller's.
    takes_matrix : bool
        Whether it is given the dense matrix of second derivatives.
    """

    solver: str
    options: dict[str, Any]
    steps_back: bool
    factor: float = 1.0
    has_free_barrier: bool = False
    takes_matrix: bool = False


def usage(
    reduced: ReducedFunctions, solver: str, options: Mapping[str, Any], start: FloatArray
) -> Usage:
    """Return how a solver is used from a start; ``options`` come before ours."""
    chosen = _automatic(reduced) if solver == "auto" else solver
    name = str(chosen).lower()
    largest = float(np.abs(reduced.gradient(start)).max())
    relative = _IPOPT_TOLERANCE if name in _IPOPTS else _TOLERANCE
    tolerance = max(relative * min(largest or 1.0, 1.0), _LEAST_TOLERANCE)
    ours = {**_DEFAULTS.get(name, {}), **dict.fromkeys(_TOLERANCES.get(name, ()), tolerance)}
    merged, factor = {**ours, **options}, 1.0
    if name == "trust-krylov" and isinstance(merged["gtol"], (int, float)) and merged["gtol"] > 0:
        factor = max(1.0, _LEAST_GRADIENT / merged["gtol"])
        merged["gtol"] *= factor
    is_exact = name in _IPOPTS and merged.setdefault(*_hessian(reduced)) == "exact"
    is_free = name == "trust-constr" and not {"gtol", "initial_barrier_parameter"} & set(options)
    return Usage(chosen, merged, name in _STEP_BACK, factor, is_free, is_exact)


def _hessian(reduced: ReducedFunctions) -> tuple[str, str]:
    """Return Ipopt's option: a matrix as long as parameters are few."""
    is_small = reduced.num_variables <= MOST_SOLVES
    return "hessian_approximation", "exact" if is_small else "limited-memory"


def _automatic(reduced: ReducedFunctions) -> str:
    bounds = (reduced.variable_lower, reduced.variable_upper)
    if not reduced.num_constraints and not np.isfinite(bounds).any():
        return "trust-ncg"
    if reduced.num_variables <= MOST_SOLVES and automatic_solver() in _IPOPTS:
        return automatic_solver()
    return "trust-constr" if reduced.num_constraints else "L-BFGS-B"
