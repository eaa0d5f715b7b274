"""The table of solvers, and `solve`, which runs any of them.

An adapter is a module loaded by name when first used, so that importing sparseopt loads no solver.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, SupportsFloat

from sparseopt.errors import SolverError, SolverNotInstalledError, UnknownSolverError, did_you_mean
from sparseopt.solvers.dense_matrices import warn_if_dense
from sparseopt.solvers.ipopt_library import load_ipopt
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import ProgressCallback, SolverResult, Start
from sparseopt.solvers.scipy_methods import SCIPY_METHODS
from sparseopt.solvers.verification import Verify, check_choice, check_start, verified

Adapter = Callable[..., SolverResult]


@dataclass(frozen=True)
class SolverEntry:
    """Where an adapter lives, the method it is asked for, and how to install what it needs."""

    module: str
    function: str
    method: str = ""
    install: str = ""
    start_compiling: str = ""
    """The function that starts to compile what a solve will evaluate, if there is one."""
    expect: str = ""
    """The function that starts to load the solver itself, if there is one."""
    factored: tuple[str, ...] = ()
    """Sparse matrices of the problem that the solver factors, or not at all if they are dense."""


_SCIPY_METHODS = (
    *("trust-constr", "SLSQP", "L-BFGS-B", "TNC", "Newton-CG", "trust-ncg", "trust-krylov"),
    *("BFGS", "CG", "Nelder-Mead", "Powell"),
)

SOLVERS: dict[str, SolverEntry] = {
    "ipopt": SolverEntry(
        "ipopt",
        "solve_with_ipopt",
        install="pip install casadi",
        start_compiling="start_compiling",
        expect="expect",
        factored=("jacobian", "hessian"),
    ),
    "cyipopt": SolverEntry(
        "cyipopt_adapter",
        "solve_with_cyipopt",
        install="pip install cyipopt-wheels==1.7.0.dev0",
        factored=("jacobian", "hessian"),
    ),
    **{
        method: SolverEntry(
            "scipy_minimize",
            "solve_with_scipy",
            method,
            "pip install scipy",
            factored=("jacobian",) if method == "trust-constr" else (),
        )
        for method in _SCIPY_METHODS
    },
}


# What "auto" tries, the best first.
AUTOMATIC = ("ipopt", "cyipopt", "trust-constr")


def solver_names() -> tuple[str, ...]:
    """Return the names that `solve` takes, "auto" aside.

    Examples
    --------
    >>> solver_names()[:3]
    ('ipopt', 'cyipopt', 'trust-constr')
    """
    return tuple(SOLVERS)


def solve(
    problem: NonlinearProblem,
    solver: str = "ipopt",
    options: Mapping[str, Any] | None = None,
    start: Start | None = None,
    time_limit: float | None = None,
    callback: ProgressCallback | None = None,
    *,
    verbose: bool = False,
    verify: Verify = "final",
) -> SolverResult:
    """Minimize the problem's objective subject to its constraints and bounds.

    Parameters
    ----------
    problem : NonlinearProblem
    solver : str
        "ipopt", "cyipopt", a method of `scipy.optimize.minimize`, or "auto": the first of ipopt,
        cyipopt and trust-constr that is installed.
    options : mapping, optional
        Under the solver's own names.
    start : Start, optional
        Default is the problem's initial point; multipliers in it make a warm start.
    time_limit : float, optional
        Seconds.
    callback : callable, optional
        Called with an `Iteration` after each iteration; returning False stops.
    verbose : bool
        Let the solver print.
    verify : {"final", "start", "off"}
        Check values and derivatives against the problem's own formulas where a solve succeeds;
        "start" checks the start too, before the solve.

    Returns
    -------
    SolverResult
        For every way a solve can end, Ctrl-C and limits included.

    Raises
    ------
    UnknownSolverError, UnknownOptionError, SolverNotInstalledError
    SolverError
        For a time limit that is no number, and if another thread is solving the problem.
    DerivativeError
        With ``verify="start"``, naming a derivative that is wrong at the start.
    NonFiniteError
        If a NaN or infinite value left the solver no way to go on.
    Exception
        Whatever the problem's own functions raise, unchanged; the best point is in its attribute
        ``result``.
    """
    check_choice(verify)
    name = automatic_solver() if solver == "auto" else _canonical(solver)
    method = SOLVERS[name].method
    arguments = {"method": method} if method else {}
    adapter = _load(name)
    turns = getattr(getattr(problem, "evaluator", None), "turns", None)
    with nullcontext() if turns is None else turns.solve():
        if verify == "start":
            check_start(problem, start)
        result = adapter(
            problem,
            options=dict(options or {}),
            start=start,
            time_limit=_seconds(time_limit),
            callback=callback,
            verbose=verbose,
            **arguments,
        )
        result = _finished(problem, result, options)
        return result.unverified() if verify == "off" else verified(problem, result)


def _finished(
    problem: NonlinearProblem, result: SolverResult, options: Mapping[str, Any] | None
) -> SolverResult:
    """Return the result; of a fit with its last digits."""
    if getattr(problem, "residuals", None) is None:
        return result
    module = importlib.import_module("sparseopt.solvers.fit_finish")  # which loads scipy.optimize
    finished: SolverResult = module.finished_fit(problem, result, options)
    return finished


def _seconds(time_limit: float | None) -> float | None:
    if time_limit is None:
        return None
    if isinstance(time_limit, SupportsFloat) and not math.isnan(time_limit):
        return float(time_limit)
    raise SolverError(f"the time limit is a number of seconds or None, not {time_limit!r}")


def expect(solver: str, options: Mapping[str, Any] | None = None) -> None:
    """Start to load a solver before there is a problem, and do not wait.

    Raises
    ------
    UnknownSolverError
        With the nearest name.
    """
    name = AUTOMATIC[0] if solver == "auto" else _canonical(solver)
    if SOLVERS[name].expect:
        _function(name, SOLVERS[name].expect)(options or {})


def start_compiling(
    problem: NonlinearProblem, solver: str, options: Mapping[str, Any] | None = None
) -> None:
    """Start to compile what a solve will evaluate, and do not wait; warn of dense matrices."""
    name = automatic_solver() if solver == "auto" else _canonical(solver)
    warn_if_dense(problem, SOLVERS[name].factored, options or {})
    if SOLVERS[name].start_compiling:
        _function(name, SOLVERS[name].start_compiling)(problem, options or {})


def takes_constraints(name: str) -> bool:
    """Return whether a solver takes constraints; True for an unknown one.

    Examples
    --------
    >>> takes_constraints("ipopt"), takes_constraints("l-bfgs-b")
    (True, False)
    """
    methods = {method.lower(): found for method, found in SCIPY_METHODS.items()}
    method = methods.get(str(name).lower())
    return method is None or method.constraints


def load_solver(name: str) -> Adapter:
    """Return the adapter of that name.

    Raises
    ------
    UnknownSolverError
        With the nearest name.
    SolverNotInstalledError
        With the command that installs what is missing.
    """
    return _load(_canonical(name))


def ipopt_problem(problem: NonlinearProblem) -> Any:
    """Return a ready ``cyipopt.Problem``, guarded, with our default options set."""
    return _function("cyipopt", "ipopt_problem")(problem)


def scipy_arguments(problem: NonlinearProblem, method: str = "trust-constr") -> dict[str, Any]:
    """Return the keyword arguments for ``scipy.optimize.minimize``."""
    name = _canonical(method)
    arguments: dict[str, Any] = _function(name, "scipy_arguments")(problem, name)
    return arguments


def _canonical(name: str) -> str:
    """Return the registered spelling of a name; SciPy's methods take any capitals."""
    if isinstance(name, str):
        if name in SOLVERS:
            return name
        spellings = {known.lower(): known for known in SOLVERS}
        if name.lower() in spellings:
            return spellings[name.lower()]
    raise UnknownSolverError(
        f"there is no solver {name!r}", instead=did_you_mean(str(name), [*SOLVERS, "auto"])
    )


def automatic_solver() -> str:
    """Return what "auto" is: the first of `AUTOMATIC` that is installed."""
    for name in AUTOMATIC:
        try:
            _load(name)
            if name == "ipopt":
                load_ipopt()
        except SolverNotInstalledError:
            continue
        return name
    raise SolverNotInstalledError("no solver is installed", instead="pip install casadi")


def _load(name: str) -> Adapter:
    adapter: Adapter = _function(name, SOLVERS[name].function)
    return adapter


@cache
def _function(name: str, function: str) -> Any:
    entry = SOLVERS[name]
    try:
        module = importlib.import_module(f"sparseopt.solvers.{entry.module}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("sparseopt"):
            raise
        raise SolverNotInstalledError(
            f"solver {name!r} needs the package {error.name!r}", instead=entry.install
        ) from error
    return getattr(module, function)
