"""The one gate between a problem's functions and every solver.

No solver can be trusted with what Python functions may do.  Bare, they lose exceptions, read past
short arrays, take NaN in a Jacobian to a crash inside the linear solver, and swallow Ctrl-C.  So
solvers call a `GuardedOracle`: it checks length, kind and finiteness of every array, keeps the
first exception, answers no further call after one, watches the clock, counts and times, and
remembers the best point.  An adapter only has to turn `HaltSolve` and `NonFiniteError` into its
solver's way of saying no, and to call `raise_pending` after the solve.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NoReturn, TypeGuard

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import InnerSolveError, NonFiniteError, ShapeError
from sparseopt.modeling.checked_problem import Evaluated
from sparseopt.modeling.problem import Problem
from sparseopt.solvers.optimality import infeasibility
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import Iteration, ProgressCallback, SolverResult
from sparseopt.solvers.status import Status

FloatArray = NDArray[np.float64]

KINDS = ("objective", "gradient", "constraints", "jacobian", "hessian")
PRODUCT = "hessian_vector_product"

# Points violating nothing by more than this compete by objective, others by violation.
FEASIBLE = 1e-6


class HaltSolve(Exception):  # noqa: N818 - a signal to the adapter, never seen by a user
    """Raised by the guard to make a solver stop: an exception, an interrupt or the clock."""


@dataclass(frozen=True)
class Point:
    """An evaluated point, with multipliers where the solver has them."""

    x: FloatArray
    objective: float
    infeasibility: float
    multipliers: tuple[FloatArray, FloatArray, FloatArray] | None = None


class GuardedOracle:
    """Evaluate a problem's functions for a solver, trusting neither side.

    Parameters
    ----------
    problem : NonlinearProblem
    time_limit : float or None
        Seconds from now after which every call raises `HaltSolve`.

    Attributes
    ----------
    error : BaseException or None
        The first exception out of the problem's functions, the original object.
    stop : Status or None
        STOPPED after an interrupt, TIME_LIMIT after the deadline.
    non_finite : NonFiniteError or None
        The latest complaint about a NaN or infinite value; solvers may step back from it.
    best : Point or None
    """

    def __init__(self, problem: NonlinearProblem, time_limit: float | None = None) -> None:
        self.problem = problem
        self.started = perf_counter()
        self.deadline = None if time_limit is None else self.started + time_limit
        self.error: BaseException | None = None
        self.stop: Status | None = None
        self.non_finite: NonFiniteError | None = None
        self.best: Point | None = None
        self.counts = dict.fromkeys(KINDS, 0)
        self.seconds = dict.fromkeys(KINDS, 0.0)
        self._latest: Point | None = None
        self._last_objective: tuple[FloatArray, float] | None = None
        self._last_constraints: tuple[FloatArray, FloatArray] | None = None

    def reset(self) -> None:
        """Forget what ended an earlier solve."""
        self.error = self.stop = self.non_finite = self.best = None

    @property
    def halted(self) -> bool:
        """Whether the solver has been told to stop."""
        return self.error is not None or self.stop is not None

    def first_order(self, x: FloatArray) -> Evaluated:
        """Return f(x), c(x), ∇f(x) and the Jacobian's entries, in new arrays."""
        rows = self.problem.num_constraints
        return Evaluated(
            self.objective(x),
            self.constraints(x).copy() if rows else np.empty(0),
            self.gradient(x).copy(),
            self.jacobian_values(x).copy() if rows else np.empty(0),
        )

    def objective(self, x: FloatArray) -> float:
        """Return f(x)."""
        value = float(self._evaluate("objective", 1, self.problem.objective, x)[0])
        self._last_objective = (x.copy(), value)
        self._observe()
        return value

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return ∇f(x), shape (num_variables,)."""
        return self._evaluate("gradient", self.problem.num_variables, self.problem.gradient, x)

    def constraints(self, x: FloatArray) -> FloatArray:
        """Return c(x), shape (num_constraints,)."""
        size = self.problem.num_constraints
        values = self._evaluate("constraints", size, self.problem.constraints, x)
        self._last_constraints = (x.copy(), values)
        self._observe()
        return values

    def jacobian_values(self, x: FloatArray) -> FloatArray:
        """Return the Jacobian's entries in the order of its pattern."""
        size = len(self.problem.jacobian_pattern.rows)
        return self._evaluate("jacobian", size, self.problem.jacobian_values, x)

    def hessian_values(
        self, x: FloatArray, multipliers: FloatArray, objective_weight: float = 1.0
    ) -> FloatArray:
        """Return the entries of the Lagrangian's Hessian, lower triangle."""
        size = len(self.problem.hessian_pattern.rows)
        function = self.problem.hessian_values
        return self._evaluate("hessian", size, function, x, multipliers, objective_weight)

    def hessian_vector_product(
        self, x: FloatArray, multipliers: FloatArray, vector: FloatArray, objective_weight: float
    ) -> FloatArray:
        """Return the Lagrangian's Hessian times `vector`."""
        size, function = self.problem.num_variables, self.problem.hessian_vector_product
        return self._evaluate(PRODUCT, size, function, x, multipliers, vector, objective_weight)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call any function of the user, keeping what it raises.

        Raises
        ------
        HaltSolve
            If it raises, or if the solve was to stop before.
        """
        self.check_running()
        try:
            return function(*arguments)
        except BaseException as error:  # kept, and raised again after the solve
            self.keep(error)
        raise HaltSolve

    def keep(self, error: BaseException) -> None:
        """Note the first exception of the problem's functions, or that the user pressed Ctrl-C."""
        if isinstance(error, KeyboardInterrupt):
            self.interrupt()
        else:
            self.error = self.error or error

    def report(self, progress: ProgressCallback, iteration: Iteration) -> None:
        """Call the caller's progress callback, which may ask for the end of the solve.

        Raises
        ------
        HaltSolve
            If it does, or raises anything else.
        """
        started = perf_counter()
        try:
            keep_on = self.call(progress, iteration)
        except HaltSolve:
            if isinstance(self.error, StopIteration):
                self.error, self.stop = None, Status.STOPPED
            raise
        finally:
            self.seconds["callback"] = self.seconds.get("callback", 0.0) + perf_counter() - started
        if keep_on is False:
            self.stop = Status.STOPPED
            raise HaltSolve

    def check_running(self) -> None:
        """Raise `HaltSolve` after an exception, an interrupt, or the deadline."""
        if self.deadline is not None and perf_counter() > self.deadline and self.stop is None:
            self.stop = Status.TIME_LIMIT
        if self.halted:
            raise HaltSolve

    def interrupt(self) -> None:
        """Note that the user pressed Ctrl-C."""
        self.stop = Status.STOPPED

    def would_be_best(self, objective: float, violation: float) -> bool:
        """Return whether a point violates less than the best one, or as little at a lower cost."""
        if self.best is None or not math.isfinite(objective):
            return math.isfinite(objective)
        mine, theirs = max(violation, FEASIBLE), max(self.best.infeasibility, FEASIBLE)
        return (mine, objective) < (theirs, self.best.objective)

    def known_values(self, x: FloatArray) -> tuple[float, float]:
        """Return objective and infeasibility at `x` if they were just evaluated, else NaN."""
        for point in (self._latest, self.best):
            if point is not None and np.array_equal(point.x, x):
                return point.objective, point.infeasibility
        return math.nan, math.nan

    def raise_pending(self, result: SolverResult) -> None:
        """Raise the original exception, if any, with the best point attached as `result`."""
        if self.error is None:
            return
        raise with_result(self.error, result.unverified())

    def _evaluate(
        self, kind: str, size: int, function: Callable[..., Any], x: FloatArray, *rest: Any
    ) -> FloatArray:
        started = perf_counter()
        try:
            values = self.call(function, x, *rest)
        finally:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.seconds[kind] = self.seconds.get(kind, 0.0) + perf_counter() - started
        array = self._vector(kind, size, values)
        if not np.isfinite(array).all():
            self._refuse(kind, array, x)
        return array

    def _vector(self, kind: str, size: int, values: Any) -> FloatArray:
        try:
            array = np.asarray(values)
            if array.size == size and (array.ndim <= 1 or kind != "objective"):
                if array.dtype.kind in "fiub":
                    return array.astype(np.float64, copy=False).reshape(-1)
                found = f"values of type {array.dtype}"
            else:
                found = f"an array of shape {array.shape}"
        except (TypeError, ValueError) as error:
            found = str(error)
        wanted = "one number" if kind == "objective" else f"{size} numbers"
        self.error = ShapeError(f"the {kind} returned {found}, but {wanted} are needed")
        raise HaltSolve

    def _refuse(self, kind: str, array: FloatArray, x: FloatArray) -> None:
        index = int(np.argmax(~np.isfinite(array)))
        self.non_finite = non_finite_error(self.problem, kind, index, array[index], x)
        raise self.non_finite

    def _observe(self) -> None:
        if self._last_objective is None:
            return
        x, value = self._last_objective
        constraints = np.empty(0)
        if self.problem.num_constraints:
            if self._last_constraints is None or not np.array_equal(self._last_constraints[0], x):
                return
            constraints = self._last_constraints[1]
        violation = infeasibility(self.problem, x, constraints)
        self._latest = Point(x, value, violation)
        if self.would_be_best(value, violation):
            self.best = self._latest


def has_compiled_functions(problem: NonlinearProblem) -> TypeGuard[Problem]:
    """Whether a model made the problem, and no caller replaced one of its functions."""
    return (
        isinstance(problem, Problem)
        and _REPLACEABLE.isdisjoint(vars(problem))
        and (type(problem) is Problem or _inherits_functions(type(problem)))
    )


_REPLACEABLE = frozenset(
    ("objective", "gradient", "constraints", "jacobian_values", "hessian_values")
)


def _inherits_functions(kind: type[Problem]) -> bool:
    return all(getattr(kind, name) is getattr(Problem, name) for name in _REPLACEABLE)


def with_result(error: BaseException, result: SolverResult) -> BaseException:
    """Attach the best point to an exception, in a place where a reader will see it."""
    try:
        error.result = result  # type: ignore[attr-defined]
    except Exception:  # a class that refuses attributes; its exception must come back all the same
        return error
    if sys.version_info >= (3, 11) and not getattr(error, "__notes__", None):
        error.add_note(
            f"The best point so far is in the attribute `result` "
            f"(objective {result.objective:.8g}, {result.iterations} iterations)."
        )
    return error


def raise_non_finite(
    problem: NonlinearProblem, error: NonFiniteError, result: SolverResult, advice: str = ""
) -> NoReturn:
    """Raise the problem's own account of a bad value if it has one, else `error`.

    The advice of either speaks of the start; ``advice`` replaces it for a point on the way.
    """
    try:
        problem.require_finite(error.x)  # type: ignore[attr-defined]
    except NonFiniteError as account:
        error = account
    if advice and not isinstance(error, InnerSolveError):  # whose advice is not of the start
        error = NonFiniteError(error.what, where=error.where, why=error.why, instead=advice)
    raise with_result(error, result) from None


def non_finite_error(
    problem: NonlinearProblem, kind: str, index: int, value: float, x: FloatArray
) -> NonFiniteError:
    """Return an error that names the function, constraint and variables of a bad entry."""
    what, where = _entry_name(problem, kind, index)
    word = "NaN" if np.isnan(value) else "infinite"
    error = NonFiniteError(
        f"{what} is {word}",
        where=where,
        why="a function is evaluated outside its domain, or overflows",
        instead="bound the variables away from such points, or start elsewhere",
    )
    error.x = np.array(x)  # type: ignore[attr-defined]
    return error


def _entry_name(problem: NonlinearProblem, kind: str, index: int) -> tuple[str, str]:
    if kind == "objective":
        return "the objective", ""
    if kind in ("gradient", PRODUCT):
        function = "objective" if kind == "gradient" else "Lagrangian's curvature"
        return f"the derivative of the {function} by {problem.variable_name(index)}", ""
    if kind == "constraints":
        return f"constraint {problem.constraint_name(index)}", problem.constraint_source(index)
    if kind == "jacobian":
        row, col = (int(a[index]) for a in _rows_and_cols(problem.jacobian_pattern))
        names = problem.constraint_name(row), problem.variable_name(col)
        return f"the derivative of {names[0]} by {names[1]}", problem.constraint_source(row)
    row, col = (int(a[index]) for a in _rows_and_cols(problem.hessian_pattern))
    pair = f"{problem.variable_name(row)} and {problem.variable_name(col)}"
    return f"the second derivative of the Lagrangian by {pair}", ""


def _rows_and_cols(pattern: Any) -> tuple[Any, Any]:
    return pattern.rows, pattern.cols
