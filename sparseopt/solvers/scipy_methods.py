"""What each method of ``scipy.optimize.minimize`` takes, and what its codes mean: one table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sparseopt.errors import SolverError
from sparseopt.solvers.options import OptionRule, option_rule
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.status import Status


@dataclass(frozen=True)
class ScipyMethod:
    """One method.

    Attributes
    ----------
    options : str
        Names of its options.
    codes : dict
        Its ``status`` numbers; what is missing is SOLVER_ERROR.
    derivatives : str
        The highest it uses: "none", "gradient", "product" (Hessian times vector), "hessian".
    bounds, constraints : bool
        Whether it takes them.
    steps_back : bool
        Whether it shrinks its step from a point where the objective is infinite.
    """

    options: str
    codes: dict[int, Status]
    derivatives: str = "gradient"
    bounds: bool = False
    constraints: bool = False
    steps_back: bool = False


_LIMIT, _STALLED = Status.ITERATION_LIMIT, Status.STALLED
_LINE_SEARCH = {0: Status.OPTIMAL, 1: _LIMIT, 2: _STALLED, 3: Status.INVALID_NUMBER}
_SEARCH = {0: Status.OPTIMAL, 1: _LIMIT, 2: _LIMIT, 3: Status.INVALID_NUMBER, 4: _STALLED}
_TRUST_REGION = {0: Status.OPTIMAL, 1: _LIMIT, 2: _STALLED, 3: Status.STEP_ERROR}
_TRUST_OPTIONS = "initial_trust_radius max_trust_radius eta gtol maxiter disp"

SCIPY_METHODS = {
    "trust-constr": ScipyMethod(
        "xtol gtol barrier_tol maxiter verbose initial_constr_penalty initial_tr_radius "
        "initial_barrier_parameter initial_barrier_tolerance factorization_method disp",
        {0: _LIMIT, 1: Status.OPTIMAL, 2: Status.ACCEPTABLE, 3: Status.STOPPED},
        derivatives="hessian",
        bounds=True,
        constraints=True,
        steps_back=True,
    ),
    "SLSQP": ScipyMethod(
        "maxiter ftol iprint disp",
        {
            0: Status.OPTIMAL,
            2: Status.TOO_FEW_DEGREES_OF_FREEDOM,
            3: Status.STEP_ERROR,
            4: Status.INFEASIBLE,
            5: Status.STEP_ERROR,
            6: Status.STEP_ERROR,
            7: Status.STEP_ERROR,
            8: _STALLED,
            9: _LIMIT,
        },
        bounds=True,
        constraints=True,
    ),
    "L-BFGS-B": ScipyMethod(
        "disp maxcor ftol gtol maxfun maxiter iprint maxls",
        {0: Status.OPTIMAL, 1: _LIMIT, 2: _STALLED},
        bounds=True,
    ),
    "TNC": ScipyMethod(
        "scale offset mesg_num maxCGit eta stepmx accuracy minfev ftol xtol gtol rescale disp "
        "maxfun",
        {
            -1: Status.INVALID_PROBLEM,
            0: Status.OPTIMAL,
            1: Status.OPTIMAL,
            2: Status.OPTIMAL,
            3: _LIMIT,
            4: _STALLED,
            5: _STALLED,
            6: _STALLED,
            7: Status.STOPPED,
        },
        bounds=True,
    ),
    "Newton-CG": ScipyMethod("xtol maxiter disp c1 c2", _LINE_SEARCH, derivatives="product"),
    "trust-ncg": ScipyMethod(_TRUST_OPTIONS, _TRUST_REGION, derivatives="product", steps_back=True),
    "trust-krylov": ScipyMethod(
        _TRUST_OPTIONS + " inexact", _TRUST_REGION, derivatives="product", steps_back=True
    ),
    "BFGS": ScipyMethod("gtol norm maxiter disp xrtol c1 c2 hess_inv0", _LINE_SEARCH),
    "CG": ScipyMethod("gtol norm maxiter disp c1 c2", _LINE_SEARCH),
    "Nelder-Mead": ScipyMethod(
        "maxiter maxfev disp initial_simplex xatol fatol adaptive",
        _SEARCH,
        derivatives="none",
        bounds=True,
        steps_back=True,
    ),
    "Powell": ScipyMethod(
        "xtol ftol maxiter maxfev disp direc", _SEARCH, derivatives="none", bounds=True
    ),
}

_INTEGERS = {"maxiter", "maxfun", "maxfev", "maxcor", "maxls", "maxCGit", "iprint", "verbose"}
_NUMBERS = {"xtol", "gtol", "ftol", "barrier_tol", "eta", "xatol", "fatol", "xrtol", "c1", "c2"}


@cache
def scipy_option_rules(method: str) -> dict[str, OptionRule]:
    """Return the rule for each option of a method.

    Examples
    --------
    >>> scipy_option_rules("L-BFGS-B")["maxiter"].kind
    'integer'
    """
    names = SCIPY_METHODS[method].options.split()
    kinds = dict.fromkeys(_INTEGERS, "integer") | dict.fromkeys(_NUMBERS, "number")
    return {name: option_rule(name, kinds.get(name, "any")) for name in names}


def require_suitable(problem: NonlinearProblem, method: str) -> None:
    """Raise if the method cannot take the problem's bounds or constraints.

    Raises
    ------
    SolverError
        Naming the methods that can.
    """
    described = SCIPY_METHODS[method]
    if problem.num_constraints and not described.constraints:
        lifting = getattr(problem, "lifting", None)
        hint = '; or lift="none"' if lifting is not None and lifting.num_lifted else ""
        _refuse(method, f"{problem.num_constraints} constraints", "constraints", hint)
    if not described.bounds and has_bounds(problem):
        _refuse(method, "bounds on its variables", "bounds")


def has_bounds(problem: NonlinearProblem) -> bool:
    """Return whether any variable has a finite bound."""
    lowest, highest = problem.variable_lower.max(), problem.variable_upper.min()
    return bool(lowest > -float("inf") or highest < float("inf"))


def _refuse(method: str, what: str, attribute: str, hint: str = "") -> None:
    able = [name for name, other in SCIPY_METHODS.items() if getattr(other, attribute)]
    raise SolverError(
        f"the problem has {what}, which SciPy's {method} cannot take",
        instead="use ipopt, " + ", ".join(able) + hint,
    )
