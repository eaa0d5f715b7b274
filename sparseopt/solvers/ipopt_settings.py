"""Ipopt's status codes, and the options sparseopt sets for it; shared by both Ipopt adapters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError
from sparseopt.solvers.ipopt_factorization import factorization
from sparseopt.solvers.ipopt_options import ipopt_option_rules
from sparseopt.solvers.options import checked_options
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import Start
from sparseopt.solvers.status import Status

FloatArray = NDArray[np.float64]

STOPPED_BY_USER = 5
INVALID_NUMBER = -13

# ApplicationReturnStatus of IpReturnCodes.h.
IPOPT_STATUSES = {
    0: Status.OPTIMAL,
    1: Status.ACCEPTABLE,
    2: Status.INFEASIBLE,
    3: Status.STALLED,
    4: Status.DIVERGING,
    STOPPED_BY_USER: Status.STOPPED,
    6: Status.OPTIMAL,  # a square system: every feasible point is a solution
    -1: Status.ITERATION_LIMIT,
    -2: Status.RESTORATION_FAILED,
    -3: Status.STEP_ERROR,
    -4: Status.TIME_LIMIT,  # processor time
    -5: Status.TIME_LIMIT,
    -10: Status.TOO_FEW_DEGREES_OF_FREEDOM,
    -11: Status.INVALID_PROBLEM,
    -12: Status.INVALID_OPTION,
    INVALID_NUMBER: Status.INVALID_NUMBER,
    -100: Status.SOLVER_ERROR,
    -101: Status.SOLVER_ERROR,
    -102: Status.OUT_OF_MEMORY,
    -199: Status.SOLVER_ERROR,
}

_DEFAULTS: dict[str, Any] = {
    "sb": "yes",  # no banner
    "honor_original_bounds": "yes",  # else the solution may lie 1e-8 outside
    "option_file_name": "",  # a file ipopt.opt in the working directory changes nothing
}

# A previous solution is close to the bounds it touches, so it is not pushed away from them.
_WARM_START: dict[str, Any] = {
    "warm_start_init_point": "yes",
    "mu_init": 1e-8,
    "warm_start_bound_push": 1e-9,
    "warm_start_bound_frac": 1e-9,
    "warm_start_slack_bound_push": 1e-9,
    "warm_start_slack_bound_frac": 1e-9,
    "warm_start_mult_bound_push": 1e-9,
}

_ADMISSIBLE = 1e4  # Ipopt's own factor, here for each row


class IpoptSettings(dict[str, Any]):
    """Every option to set, by name.

    Attributes
    ----------
    advice : frozenset of str
        Those for the linear solver that nobody asked for; a library may lack them.
    note : str
        How the linear systems are ordered, and why; empty where that is left to the solver.
    """

    advice: frozenset[str] = frozenset()
    note: str = ""


def ipopt_settings(
    problem: NonlinearProblem,
    options: Mapping[str, Any],
    start: Start | None = None,
    time_limit: float | None = None,
    *,
    verbose: bool = False,
) -> IpoptSettings:
    """Return every option to set: ours, what is proven of the problem, and the caller's on top.

    Raises
    ------
    UnknownOptionError, SolverError
        For a caller's option that Ipopt does not have, or a value it does not admit.
    """
    chosen = checked_options(options, ipopt_option_rules(), "ipopt")
    settings = {**_DEFAULTS, "print_level": 5 if verbose else 0, **_proven(problem)}
    systems = factorization(problem, chosen)
    settings |= _for_lifted(problem) | systems.options
    if user_scaling(problem) is not None:
        settings["nlp_scaling_method"] = "user-scaling"
    if start is not None and start.has_multipliers:
        settings |= _WARM_START
        if start.barrier_parameter is not None:
            settings["mu_init"] = start.barrier_parameter
    if time_limit is not None:
        settings["max_wall_time"] = max(float(time_limit), 1e-9)
    complete = IpoptSettings(settings | chosen)
    complete.note, complete.advice = systems.note, frozenset(systems.options) - set(chosen)
    return complete


def user_scaling(problem: NonlinearProblem) -> tuple[FloatArray, FloatArray] | None:
    """Return the factors of variables and of constraints from typical sizes, None without any.

    Problems that are not made by a model need not have sizes.
    """
    sizes = [getattr(problem, f"{kind}_scale", None) for kind in ("variable", "constraint")]
    if all(s is None for s in sizes):
        return None
    numbers = (problem.num_variables, problem.num_constraints)
    x, rows = (np.ones(n) if s is None else 1.0 / s for s, n in zip(sizes, numbers, strict=True))
    return x, rows


def feasibility_tolerance(settings: Mapping[str, Any]) -> float:
    """Return the violation that Ipopt takes for feasible with these options."""
    return max(float(settings.get("constr_viol_tol", 1e-4)), float(settings.get("tol", 1e-8)))


def _proven(problem: NonlinearProblem) -> dict[str, str]:
    equalities = problem.constraint_lower == problem.constraint_upper
    linear = problem.is_linear_row
    claims = {
        "jac_c_constant": bool(equalities.any() and linear[equalities].all()),
        "jac_d_constant": bool((~equalities).any() and linear[~equalities].all()),
        "hessian_constant": bool(problem.is_hessian_constant),
    }
    return {name: "yes" for name, holds in claims.items() if holds}


def _for_lifted(problem: NonlinearProblem) -> dict[str, Any]:
    """Return how far lifted problems may be violated.

    Ipopt measures the largest admissible violation, a sum over all rows, by that of the start
    (Wächter and Biegler 2006, doi:10.1007/s10107-004-0559-y), which is none here: full steps
    would be refused where there are many rows.
    """
    lifting = getattr(problem, "lifting", None)
    if lifting is None or not lifting.num_lifted:
        return {}
    return {"theta_max_fact": _ADMISSIBLE * lifting.num_lifted}


def failure_note(code: int, non_finite: NonFiniteError | None) -> str:
    """Return a word on the latest NaN for a solve that failed; Ipopt can step back from one."""
    failed = not IPOPT_STATUSES.get(code, Status.SOLVER_ERROR).success
    return f"On the way, {non_finite.what}." if failed and non_finite is not None else ""
