"""The errors in the first-order (Karush–Kuhn–Tucker) conditions at a point, computed here.

A solver's word is not taken for it: it may scale the problem, relax bounds or stop for another
reason than it says.  Definitions are those of Wächter and Biegler (2006), equation (5), without
scaling: doi:10.1007/s10107-004-0559-y.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.solvers.protocol import NonlinearProblem

FloatArray = NDArray[np.float64]

BOUND_RELAXATION = 1e-8
"""Ipopt's default of ``bound_relax_factor``."""


@dataclass(frozen=True)
class OptimalityErrors:
    """Largest errors in the optimality conditions, in the units of the problem.

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

    stationarity: float
    feasibility: float
    complementarity: float
    relative_stationarity: float
    relative_feasibility: float
    worst_constraint: int
    worst_variable: int


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
    """Return the errors in the optimality conditions at `x` with the given multipliers."""
    pull = constraint_pullback(problem, jacobian_values, constraint_multipliers)
    residual = gradient + pull - lower_multipliers + upper_multipliers
    # Constraints and variables in one, because small problems pay for each NumPy call.
    values = np.concatenate((constraints, x))
    lower = np.concatenate((problem.constraint_lower, problem.variable_lower))
    upper = np.concatenate((problem.constraint_upper, problem.variable_upper))
    below = np.concatenate((np.maximum(-constraint_multipliers, 0.0), lower_multipliers))
    above = np.concatenate((np.maximum(constraint_multipliers, 0.0), upper_multipliers))
    from_lower, from_upper = values - lower, upper - values  # infinite for an absent bound
    slack = np.minimum(from_lower, from_upper)
    violation = max(0.0, -float(slack.min()))
    stationarity = _largest(residual)
    m = constraints.size
    return OptimalityErrors(
        stationarity=stationarity,
        feasibility=violation,
        complementarity=max(
            _largest_product(from_lower, below), _largest_product(from_upper, above)
        ),
        relative_stationarity=stationarity / max(1.0, _largest(gradient)),
        relative_feasibility=_relative_violation(
            problem, slack, (lower, values, upper), jacobian_values
        ),
        worst_constraint=_worst(slack[:m]) if violation else -1,
        worst_variable=_worst(slack[m:]) if violation else -1,
    )


def _relative_violation(
    problem: NonlinearProblem,
    slack: FloatArray,
    between: tuple[FloatArray, FloatArray, FloatArray],
    jacobian_values: FloatArray,
) -> float:
    """Return the largest violation over the size of the bound it violates, at least 1."""
    outside = np.flatnonzero(slack < 0)
    if not outside.size:
        return 0.0
    lower, values, upper = (part[outside] for part in between)
    violated = np.where(values < lower, lower, upper)
    sizes = np.maximum(np.abs(violated), 1.0)
    largest = float((-slack[outside] / sizes).max())
    if largest <= BOUND_RELAXATION:  # nearly always
        return largest
    moved = _moved_by_bounds(problem, between[1], jacobian_values)[outside]
    return float((np.maximum(-slack[outside] - moved, 0.0) / sizes).max())


def _moved_by_bounds(
    problem: NonlinearProblem, values: FloatArray, jacobian_values: FloatArray
) -> FloatArray:
    """Return by how much relaxed bounds of the variables on them may move each value."""
    m = problem.num_constraints
    moved, x = np.zeros(values.size), values[m:]
    if m:
        on_bound = (x == problem.variable_lower) | (x == problem.variable_upper)
        reach = np.where(on_bound, BOUND_RELAXATION * np.maximum(np.abs(x), 1.0), 0.0)
        pattern = problem.jacobian_pattern
        terms = np.abs(jacobian_values) * reach[pattern.cols]
        moved[:m] = np.bincount(pattern.rows, terms, minlength=m)
    return moved


def _worst(slack: FloatArray) -> int:
    index = int(slack.argmin()) if slack.size else -1
    return index if index >= 0 and slack[index] < 0 else -1


def constraint_pullback(
    problem: NonlinearProblem, jacobian_values: FloatArray, multipliers: FloatArray
) -> FloatArray:
    """Return Jᵀ λ from the Jacobian's values in the order of its pattern."""
    if not problem.num_constraints:
        return np.zeros(problem.num_variables)
    pattern = problem.jacobian_pattern
    weights = jacobian_values * multipliers[pattern.rows]
    pull: Any = np.bincount(pattern.cols, weights, minlength=problem.num_variables)
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
