"""The errors in the first-order (Karush–Kuhn–Tucker) conditions at a point, computed here.

A solver's word is not taken for it: it may scale the problem, relax bounds or stop for another
reason than it says.  Definitions are those of Wächter and Biegler (2006), equation (5), without
scaling: doi:10.1007/s10107-004-0559-y.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.solvers.protocol import NonlinearProblem, Pattern

FloatArray = NDArray[np.float64]

BOUND_RELAXATION = 1e-8
"""Ipopt's default of ``bound_relax_factor``."""

_MOST_KEPT = 100_000
"""Numbers of a point up to which they are kept until its errors are asked for."""

_join: Callable[[tuple[FloatArray, ...]], FloatArray] = np.concatenate
_least: Callable[[FloatArray], float] = np.minimum.reduce


class OptimalityErrors:
    """Largest errors in the optimality conditions, in the units of the problem.

    How far the point is from feasible is known at once; the rest is computed when it is asked for,
    from copies of what belongs to the point, so that it stays what it was at the end of its solve.

    Attributes
    ----------
    stationarity : float
        Of ∇f + Jᵀ λ − z_lower + z_upper.
    feasibility : float
        Of constraints and bounds.
    complementarity : float
        Of multiplier times distance to its bound.
    relative_stationarity : float
        The error in stationarity over max(1, largest entry of ∇f).
    relative_feasibility : float
        The violation of each constraint or bound over max(1, its bound's size), without what
        moving variables onto their bounds by a relative 1e-8 makes of it: Ipopt relaxes bounds
        by so much while it solves, and the point it returns keeps them.
    worst_constraint : int
        The most violated constraint; -1 if none is violated.
    worst_variable : int
        The variable farthest outside its bounds; -1 if none is.
    """

    def __init__(self, conditions: _Conditions) -> None:
        self.feasibility = conditions.violation()
        self._conditions: _Conditions | None = conditions
        if conditions.size > _MOST_KEPT:
            self._settle()

    @cached_property
    def stationarity(self) -> float:  # noqa: D102 - explained above, like the others
        return self._known.stationarity()

    @cached_property
    def complementarity(self) -> float:  # noqa: D102
        return self._known.complementarity()

    @cached_property
    def relative_stationarity(self) -> float:  # noqa: D102
        return self.stationarity / max(1.0, _largest(self._known.gradient))

    @cached_property
    def relative_feasibility(self) -> float:  # noqa: D102
        return self._known.relative_violation() if self.feasibility else 0.0

    @cached_property
    def worst_constraint(self) -> int:  # noqa: D102
        return self._known.worst(is_constraint=True) if self.feasibility else -1

    @cached_property
    def worst_variable(self) -> int:  # noqa: D102
        return self._known.worst(is_constraint=False) if self.feasibility else -1

    @property
    def _known(self) -> _Conditions:
        assert self._conditions is not None
        return self._conditions

    def _settle(self) -> dict[str, Any]:
        """Compute everything, and let go of what it is computed from."""
        for name in _ERRORS:
            getattr(self, name)
        self._conditions = None
        return vars(self)

    def __getstate__(self) -> dict[str, Any]:
        return self._settle()

    def __repr__(self) -> str:
        return f"OptimalityErrors({', '.join(f'{k}={getattr(self, k)!r}' for k in _ERRORS)})"


_ERRORS = (
    *("stationarity", "feasibility", "complementarity", "relative_stationarity"),
    *("relative_feasibility", "worst_constraint", "worst_variable"),
)


class _Conditions:
    """The optimality conditions at a point: its values, and copies of whatever may change."""

    def __init__(
        self,
        problem: NonlinearProblem,
        x: FloatArray,
        constraints: FloatArray,
        gradient: FloatArray,
        jacobian: FloatArray,
        multipliers: tuple[FloatArray, FloatArray, FloatArray],
    ) -> None:
        self.gradient, self.jacobian = gradient, jacobian
        self.n, self.m = x.size, constraints.size
        self.pattern = problem.jacobian_pattern if self.m else None
        # Constraints and variables in one, because small problems pay for each NumPy call.
        self.values = _join((constraints, x))
        self.lower = _join((problem.constraint_lower, problem.variable_lower))
        self.upper = _join((problem.constraint_upper, problem.variable_upper))
        self.multipliers = _join(multipliers)  # λ, z_lower, z_upper

    @property
    def size(self) -> int:
        """How many numbers are kept."""
        return 4 * self.values.size + 2 * self.n + self.jacobian.size

    def slack(self) -> FloatArray:
        """Return how far inside its bounds each constraint and variable is; negative outside."""
        slack: FloatArray = np.minimum(self.values - self.lower, self.upper - self.values)
        return slack

    def violation(self) -> float:
        return max(0.0, -float(_least(self.slack())))

    def stationarity(self) -> float:
        rows, lower, upper = np.split(self.multipliers, (self.m, self.m + self.n))
        return _largest(self.gradient + self._pullback(rows) - lower + upper)

    def complementarity(self) -> float:
        rows, lower, upper = np.split(self.multipliers, (self.m, self.m + self.n))
        below = _join((np.maximum(-rows, 0.0), lower))
        above = _join((np.maximum(rows, 0.0), upper))
        return max(
            _largest_product(self.values - self.lower, below),  # infinite for an absent bound
            _largest_product(self.upper - self.values, above),
        )

    def worst(self, *, is_constraint: bool) -> int:
        slack = self.slack()
        part = slack[: self.m] if is_constraint else slack[self.m :]
        index = int(part.argmin()) if part.size else -1
        return index if index >= 0 and part[index] < 0 else -1

    def relative_violation(self) -> float:
        """Return the largest violation over the size of the bound it violates, at least 1."""
        slack = self.slack()
        outside = np.flatnonzero(slack < 0)
        lower, values, upper = self.lower[outside], self.values[outside], self.upper[outside]
        sizes = np.maximum(np.abs(np.where(values < lower, lower, upper)), 1.0)
        largest = float((-slack[outside] / sizes).max())
        if largest <= BOUND_RELAXATION:  # nearly always
            return largest
        moved = self._moved_by_bounds()[outside]
        return float((np.maximum(-slack[outside] - moved, 0.0) / sizes).max())

    def _moved_by_bounds(self) -> FloatArray:
        """Return by how much relaxed bounds of the variables on them may move each value."""
        m = self.m
        moved, x = np.zeros(self.values.size), self.values[m:]
        if self.pattern is not None:
            on_bound = (x == self.lower[m:]) | (x == self.upper[m:])
            reach = np.where(on_bound, BOUND_RELAXATION * np.maximum(np.abs(x), 1.0), 0.0)
            terms = np.abs(self.jacobian) * reach[self.pattern.cols]
            moved[:m] = np.bincount(self.pattern.rows, terms, minlength=m)
        return moved

    def _pullback(self, rows: FloatArray) -> FloatArray | float:
        if self.pattern is None:
            return 0.0
        return _pullback(self.pattern, self.jacobian, rows, self.n)


def violations(values: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return by how much each value lies outside its bounds; zero inside.

    Examples
    --------
    >>> violations(np.array([1.0, 5.0]), np.array([2.0, 0.0]), np.array([3.0, 4.5])).tolist()
    [1.0, 0.5]
    """
    outside: FloatArray = np.maximum(np.maximum(lower - values, values - upper), 0.0)
    return outside


def infeasibility(problem: NonlinearProblem, x: FloatArray, constraints: FloatArray) -> float:
    """Return the largest violation of a constraint or bound."""
    rows = violations(constraints, problem.constraint_lower, problem.constraint_upper)
    columns = violations(x, problem.variable_lower, problem.variable_upper)
    return float(max(rows.max(initial=0.0), columns.max(initial=0.0)))


def optimality_errors(
    problem: NonlinearProblem,
    x: FloatArray,
    *,
    gradient: FloatArray,
    constraints: FloatArray,
    jacobian_values: FloatArray,
    constraint_multipliers: FloatArray,
    lower_multipliers: FloatArray,
    upper_multipliers: FloatArray,
) -> OptimalityErrors:
    """Return the errors in the optimality conditions at `x` with the given multipliers.

    Values and derivatives are the caller's own arrays, which it does not write to again.
    """
    multipliers = (constraint_multipliers, lower_multipliers, upper_multipliers)
    return OptimalityErrors(
        _Conditions(problem, x, constraints, gradient, jacobian_values, multipliers)
    )


def constraint_pullback(
    problem: NonlinearProblem, jacobian_values: FloatArray, multipliers: FloatArray
) -> FloatArray:
    """Return Jᵀ λ from the Jacobian's values in the order of its pattern."""
    if not problem.num_constraints:
        return np.zeros(problem.num_variables)
    return _pullback(problem.jacobian_pattern, jacobian_values, multipliers, problem.num_variables)


def _pullback(
    pattern: Pattern, jacobian: FloatArray, rows: FloatArray, num_variables: int
) -> FloatArray:
    pull: Any = np.bincount(pattern.cols, jacobian * rows[pattern.rows], num_variables)
    return np.asarray(pull, np.float64)


def bound_multipliers(
    problem: NonlinearProblem, x: FloatArray, lagrangian_gradient: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the bound multipliers that ∇f + Jᵀ λ implies, for solvers that report none.

    A variable within a distance of 1e-6 (relative) of its bound counts as being on it.
    """
    margin = 1e-6 * np.maximum(1.0, np.abs(x))
    at_lower = x - problem.variable_lower <= margin
    at_upper = problem.variable_upper - x <= margin
    lower = np.where(at_lower, np.maximum(lagrangian_gradient, 0.0), 0.0)
    upper = np.where(at_upper, np.maximum(-lagrangian_gradient, 0.0), 0.0)
    return lower, upper


def _largest(values: FloatArray) -> float:
    return float(np.abs(values).max(initial=0.0))


def _largest_product(distance: FloatArray, multipliers: FloatArray) -> float:
    # A multiplier of an absent bound is an error in stationarity, not in complementarity.
    return _largest(np.where(distance < np.inf, distance, 0.0) * multipliers)
