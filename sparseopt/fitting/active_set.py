"""Which bounds and inequalities hold a solution where it is: they act like equalities nearby.

A bound is active if its multiplier is larger than the distance to it, both in the problem's scale:
an interior-point method leaves their product at about 1e-9, so one of them is clearly the larger
one.  Where both are small the bound is *weakly active*: the solution is not differentiable there,
for the bound acts on one side only (Fiacco 1983, ISBN 0122544501, section 2.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.modeling.compiled_problem import CompiledProblem

__all__ = ["ActiveSet", "active_set"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_WEAK = 1e-4
"""Both distance and multiplier below it: the square root of what solvers leave is 3e-5."""


@dataclass(frozen=True)
class ActiveSet:
    """What may move at a solution, and what holds it.

    Attributes
    ----------
    free : int array
        Variables that are not held by a bound.
    at_lower, at_upper : int arrays
        Variables that are; a fixed one is where its multiplier points.
    rows : int array
        Equalities, and inequalities that are active.
    weak_variables, weak_rows : int arrays
        Those of which it is not clear.
    """

    free: IntArray
    at_lower: IntArray
    at_upper: IntArray
    rows: IntArray
    weak_variables: IntArray
    weak_rows: IntArray

    @property
    def held(self) -> IntArray:
        """Variables that are held by a bound, ascending."""
        return np.sort(np.concatenate((self.at_lower, self.at_upper)))


def active_set(
    problem: CompiledProblem,
    x: FloatArray,
    rows: FloatArray,
    multipliers: tuple[FloatArray, FloatArray, FloatArray],
    slope: FloatArray,
    size: float,
) -> ActiveSet:
    """Return what holds a solution.

    Parameters
    ----------
    problem : Problem
    x, rows : float arrays
        The solution, and the values of the constraints there.
    multipliers : tuple of float arrays
        λ, z_lower, z_upper.
    slope : float array
        ∇f + Jᵀ λ: the sign of a fixed variable's multiplier.
    size : float
        Of the objective's gradient; multipliers are measured in it.
    """
    row_multipliers, below, above = multipliers
    low, high = problem.variable_lower, problem.variable_upper
    fixed = low == high
    at_lower, weak_lower = _held(x - low, below / size, low)
    at_upper, weak_upper = _held(high - x, above / size, high)
    at_lower = np.where(fixed, slope >= 0.0, at_lower)
    at_upper = np.where(fixed, slope < 0.0, at_upper & ~at_lower)
    first, last = problem.constraint_lower, problem.constraint_upper
    equal = first == last
    on_first, weak_first = _held(rows - first, np.maximum(-row_multipliers, 0.0) / size, first)
    on_last, weak_last = _held(last - rows, np.maximum(row_multipliers, 0.0) / size, last)
    return ActiveSet(
        np.flatnonzero(~(at_lower | at_upper)),
        np.flatnonzero(at_lower),
        np.flatnonzero(at_upper),
        np.flatnonzero(equal | on_first | on_last),
        np.flatnonzero((weak_lower | weak_upper) & ~fixed),
        np.flatnonzero((weak_first | weak_last) & ~equal),
    )


def _held(
    distance: FloatArray, multiplier: FloatArray, bound: FloatArray
) -> tuple[BoolArray, BoolArray]:
    """Return which bounds are active, and of which it is not clear."""
    exists = np.isfinite(bound)
    sizes = np.maximum(1.0, np.abs(np.where(exists, bound, 0.0)))
    relative = np.where(exists, np.maximum(distance, 0.0) / sizes, np.inf)
    return exists & (multiplier > relative), exists & (np.maximum(relative, multiplier) < _WEAK)
