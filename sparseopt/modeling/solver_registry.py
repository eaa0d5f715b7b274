"""The one place where modeling reaches the solvers.

Solvers import modeling's `Problem` and never the other way; so the package of adapters is loaded
here by its name, when the first solve asks for it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.modeling.checked_problem import Verify

__all__ = [
    "SolverOutcome",
    "SolverStatus",
    "expect_default_solver",
    "expect_solver",
    "run_solver",
    "start_compiling",
    "takes_constraints",
]

FloatArray = NDArray[np.float64]


@cache
def _solvers() -> Any:
    return importlib.import_module("sparseopt.solvers")


class SolverStatus(Protocol):
    """How a solve ended: `sparseopt.Status`."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> str: ...  # noqa: D102
    @property
    def success(self) -> bool: ...  # noqa: D102
    @property
    def sentence(self) -> str: ...  # noqa: D102


class Errors(Protocol):
    """The errors in the optimality conditions, recomputed at the solution."""

    @property
    def stationarity(self) -> float: ...
    @property
    def feasibility(self) -> float: ...
    @property
    def complementarity(self) -> float: ...


class SolverOutcome(Protocol):
    """What an adapter gives back; the class is `sparseopt.solvers.result.SolverResult`."""

    @property
    def x(self) -> FloatArray: ...  # noqa: D102
    @property
    def objective(self) -> float: ...  # noqa: D102
    @property
    def status(self) -> SolverStatus: ...  # noqa: D102
    @property
    def message(self) -> str: ...  # noqa: D102
    @property
    def iterations(self) -> int: ...  # noqa: D102
    @property
    def constraint_multipliers(self) -> FloatArray: ...  # noqa: D102
    @property
    def lower_multipliers(self) -> FloatArray: ...  # noqa: D102
    @property
    def upper_multipliers(self) -> FloatArray: ...  # noqa: D102
    @property
    def evaluations(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def timings(self) -> Mapping[str, float]: ...  # noqa: D102
    @property
    def history(self) -> Mapping[str, NDArray[Any]]: ...  # noqa: D102
    @property
    def raw_status(self) -> int: ...  # noqa: D102
    @property
    def optimality(self) -> Errors | None: ...  # noqa: D102
    @property
    def solver(self) -> str: ...  # noqa: D102
    @property
    def linear_systems(self) -> str: ...  # noqa: D102
    @property
    def verification(self) -> Any: ...  # noqa: D102
    @property
    def constraint_values(self) -> FloatArray | None: ...  # noqa: D102


def takes_constraints(solver: str) -> bool:
    """Return whether a solver takes constraints; what is no solver is refused when it is run."""
    return bool(_solvers().takes_constraints(solver))


def expect_solver(solver: str, options: Mapping[str, Any] | None) -> None:
    """Start to load a solver, and do not wait; what is no solver is refused."""
    _solvers().expect(solver, options)


def expect_default_solver() -> None:
    """Start to load what most models are solved with, unless loading Python's part takes longer."""
    if "sparseopt.solvers.ipopt" in sys.modules:
        expect_solver("ipopt", None)


def start_compiling(problem: object, solver: str, options: Mapping[str, Any] | None) -> None:
    """Start to compile what a solve will evaluate, and do not wait."""
    _solvers().start_compiling(problem, solver, options)


def run_solver(
    problem: object,
    solver: str,
    *,
    options: Mapping[str, Any] | None,
    start: Mapping[str, Any],
    time_limit: float | None,
    callback: Callable[[Any], bool | None] | None,
    verify: Verify = "final",
) -> SolverOutcome:
    """Solve a problem with the solver of that name.

    Parameters
    ----------
    problem : Problem
    solver : str
    options : mapping, optional
        Under the solver's own names.
    start : mapping
        ``x`` and, for a warm start, ``constraint_multipliers``, ``lower_multipliers`` and
        ``upper_multipliers``, and a ``barrier_parameter``.
    time_limit : float, optional
        Seconds.
    callback : callable, optional
        Called with an ``Iteration`` after each iteration; returning False stops.
    verify : {"final", "start", "off"}
        Where values and derivatives are checked.
    """
    solvers = _solvers()
    outcome: SolverOutcome = solvers.solve(
        problem,
        solver=solver,
        options=options,
        start=solvers.Start(**start),
        time_limit=time_limit,
        callback=callback,
        verify=verify,
    )
    return outcome
