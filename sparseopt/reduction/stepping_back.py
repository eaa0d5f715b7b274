"""A reduced problem for methods that cannot step back from a point without a value.

Where the states cannot be solved for, they are given a quadratic function that rises from the last
point with states: a line search reduces its step from there, and never accepts it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.reduction.reduced_functions import ReducedFunctions

__all__ = ["SteppingBack"]

FloatArray = NDArray[np.float64]


class SteppingBack:
    """The same problem, with values everywhere.

    Parameters
    ----------
    problem : ReducedFunctions
    start : ndarray
        Parameters with states.
    factor : float
        What the objective is multiplied by; rows are as they were.
    """

    def __init__(self, problem: ReducedFunctions, start: FloatArray, factor: float = 1.0) -> None:
        self._problem = problem
        self._factor = factor
        self._good = start.copy()
        self._value = self._highest = factor * float(problem.objective(start))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._problem, name)

    @property
    def _top(self) -> float:
        # Above every value so far, or a line search might take it for progress.
        return self._highest + 1.0 + abs(self._highest)

    def objective(self, p: FloatArray) -> float:
        """Return F(p), or what rises from the last good value."""
        value = self._factor * float(self._problem.objective(p))
        if not np.isfinite(value):
            return self._top
        self._good, self._value = p.copy(), value
        self._highest = max(self._highest, value)
        return value

    def gradient(self, p: FloatArray) -> FloatArray:
        """Return the gradient of what `objective` returns."""
        slopes = self._factor * self._problem.gradient(p)
        if np.isfinite(slopes).all():
            return slopes
        return self._curvature(p) * (p - self._good)

    def hessian_vector_product(
        self, p: FloatArray, multipliers: FloatArray, vector: FloatArray, weight: float = 1.0
    ) -> FloatArray:
        """Return the second derivatives of what `objective` returns times a vector."""
        product = self._problem.hessian_vector_product(
            p, multipliers, vector, self._factor * weight
        )
        return product if np.isfinite(product).all() else self._curvature(p) * vector

    def _curvature(self, p: FloatArray) -> float:
        away = p - self._good
        return 2.0 * (self._top - self._value) / max(float(away @ away), 1e-300)

    def constraints(self, p: FloatArray) -> FloatArray:
        """Return the values of the rows, or those of the last good point."""
        values = self._problem.constraints(p)
        return values if np.isfinite(values).all() else self._problem.constraints(self._good)

    def jacobian_values(self, p: FloatArray) -> FloatArray:
        """Return the entries of the Jacobian, or those of the last good point."""
        values = self._problem.jacobian_values(p)
        return values if np.isfinite(values).all() else self._problem.jacobian_values(self._good)
