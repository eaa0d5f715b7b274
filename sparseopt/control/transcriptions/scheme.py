"""`CollocationScheme`: the nodes and weights of a collocation method, validated.

On a mesh interval of length h with states x_0 … x_d at the points c_0 = 0 < … < c_d = 1 and rates
f_j, the defects are

    sum_j D_ij x_j - h sum_j B_ij f_j = 0,    i = 1 … d,

and an integral is h sum_j w_j g_j.  A transcription of this kind is its data and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CollocationScheme"]

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-9


@dataclass(frozen=True)
class CollocationScheme:
    """Nodes and weights on one interval; wrong ones are refused when they are made.

    Attributes
    ----------
    points : ndarray, shape (d + 1,)
        From 0 to 1.
    differences : ndarray, shape (d, d + 1)
        D above.
    rates : ndarray, shape (d, d + 1)
        B above; rates are evaluated at the points with a nonzero column or weight.
    weights : ndarray, shape (d + 1,)
        w above, of sum 1.
    order : int
        Of the states at the ends of intervals.
    """

    points: FloatArray
    differences: FloatArray
    rates: FloatArray
    weights: FloatArray
    order: int

    def __post_init__(self) -> None:
        degree, c = self.degree, self.points
        if not (c[0] == 0.0 and c[-1] == 1.0 and np.all(np.diff(c) > 0.0)):
            raise ValueError("points do not ascend from 0 to 1")
        if self.differences.shape != (degree, degree + 1) or self.rates.shape != (
            degree,
            degree + 1,
        ):
            raise ValueError("a defect for each point after the first")
        for power in range(self.evaluated.size + 1):
            slope = power * c ** max(power - 1, 0)
            if not np.allclose(self.differences @ c**power, self.rates @ slope, atol=_ROUNDING):
                raise ValueError(f"the defects of a polynomial of degree {power} do not vanish")
        for power in range(self.order):
            if not np.isclose(self.weights @ c**power, 1 / (power + 1), atol=_ROUNDING):
                raise ValueError(f"the weights are not exact for degree {power}")

    @property
    def degree(self) -> int:
        """The number of defects on an interval."""
        return self.points.size - 1

    @property
    def evaluated(self) -> NDArray[np.int64]:
        """The points where rates are evaluated."""
        return np.flatnonzero(np.any(self.rates != 0.0, axis=0) | (self.weights != 0.0))
