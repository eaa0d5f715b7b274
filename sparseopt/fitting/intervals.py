"""Quantiles for confidence intervals, and the band of a prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from sparseopt.errors import ProblemError
from sparseopt.fitting.uncertainty_plots import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Band", "quantile"]

FloatArray = NDArray[np.float64]


def quantile(level: float, degrees_of_freedom: int | None) -> float:
    """Return how many standard errors a two-sided interval reaches to each side.

    Student's t; the normal distribution without degrees of freedom.

    Examples
    --------
    >>> round(quantile(0.95, 12), 4), round(quantile(0.95, None), 4)
    (2.1788, 1.96)
    """
    if not (isinstance(level, (float, np.floating)) and 0.0 < level < 1.0):
        raise ProblemError(
            f"{level!r} is no confidence level", instead="a number between 0 and 1, such as 0.95"
        )
    tail = 0.5 + level / 2.0
    return float(ndtri(tail) if degrees_of_freedom is None else stdtrit(degrees_of_freedom, tail))


@dataclass(frozen=True)
class Band:
    """Values with their uncertainty, point by point.

    Attributes
    ----------
    value, standard_error : ndarray
        In the shape of the expression.
    quantile : float
        Standard errors from the value to an end.
    level : float
    """

    value: FloatArray
    standard_error: FloatArray
    quantile: float
    level: float

    @property
    def lower(self) -> FloatArray:
        """The lower ends of the intervals."""
        return np.asarray(self.value - self.quantile * self.standard_error)

    @property
    def upper(self) -> FloatArray:
        """The upper ends of the intervals."""
        return np.asarray(self.value + self.quantile * self.standard_error)

    def plot(self, at: ArrayLike | None = None, axes: Axes | None = None) -> Axes:
        """Draw the values as a line with the band around it.

        Parameters
        ----------
        at : array-like, optional
            Abscissas; by default the numbers of the points.
        axes : matplotlib Axes, optional
        """
        value = self.value.reshape(-1)
        x: Any = np.arange(value.size) if at is None else np.asarray(at, np.float64).reshape(-1)
        if axes is None:
            axes = new_figure(5.2, 3.6).subplots()
        order = np.argsort(x, kind="stable")
        lower, upper = self.lower.reshape(-1), self.upper.reshape(-1)
        axes.fill_between(
            x[order], lower[order], upper[order], alpha=0.3, label=f"{self.level:.0%} of the mean"
        )
        axes.plot(x[order], value[order], label="fit")
        axes.legend()
        return axes
