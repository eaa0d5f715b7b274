"""Polynomials of data on a grid: linear, spline, shape-preserving and stepwise interpolation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import (
    Akima1DInterpolator,
    CubicSpline,
    PchipInterpolator,
    PPoly,
    make_interp_spline,
)

from sparseopt.interpolation.evaluation import Axis

__all__ = ["KINDS", "SEPARABLE", "STEPS", "Pieces", "ascending", "with_ends"]

FloatArray = NDArray[np.float64]
Pieces = tuple[FloatArray, FloatArray]
"""Breakpoints, and coefficients of shape (degree + 1, num_cells, ...), powers ascending."""


def ascending(polynomial: Any) -> Pieces:
    """Return the pieces of a SciPy `PPoly`."""
    return np.asarray(polynomial.x, np.float64), np.asarray(polynomial.c[::-1], np.float64)


def _linear(x: FloatArray, y: FloatArray, boundary: Any) -> Pieces:
    del boundary
    steps = np.diff(x).reshape(-1, *(1,) * (y.ndim - 1))
    return x, np.stack([y[:-1], np.diff(y, axis=0) / steps])


def _cubic(x: FloatArray, y: FloatArray, boundary: Any) -> Pieces:
    return ascending(CubicSpline(x, y, bc_type=boundary))


def _quintic(x: FloatArray, y: FloatArray, boundary: Any) -> Pieces:
    spline = make_interp_spline(x, y, k=5, bc_type=None if boundary == "not-a-knot" else boundary)
    breaks, coefficients = ascending(PPoly.from_spline(spline.tck))
    full = np.diff(breaks) > 0.0  # a spline repeats its first and last knot
    return np.append(breaks[:-1][full], breaks[-1]), coefficients[:, full]


def _pchip(x: FloatArray, y: FloatArray, boundary: Any) -> Pieces:
    del boundary
    return ascending(PchipInterpolator(x, y))


def _akima(x: FloatArray, y: FloatArray, boundary: Any) -> Pieces:
    del boundary
    return ascending(Akima1DInterpolator(x, y))


def _previous(x: FloatArray, y: FloatArray, boundary: Any) -> Pieces:
    del boundary
    return np.append(x, np.inf), y[None]


def _next(x: FloatArray, y: FloatArray, boundary: Any) -> Pieces:
    del boundary
    return np.concatenate(([-np.inf], np.nextafter(x[:-1], np.inf), [np.inf])), y[None]


def _nearest(x: FloatArray, y: FloatArray, boundary: Any) -> Pieces:
    del boundary
    middle = np.nextafter((x[1:] + x[:-1]) / 2.0, np.inf)  # the lower one at a tie, as in SciPy
    return np.concatenate(([-np.inf], middle, [np.inf])), y[None]


KINDS: dict[str, tuple[Callable[[FloatArray, FloatArray, Any], Pieces], int]] = {
    "linear": (_linear, 2),
    "cubic": (_cubic, 2),
    "quintic": (_quintic, 6),
    "pchip": (_pchip, 2),
    "akima": (_akima, 2),
    "previous": (_previous, 1),
    "next": (_next, 1),
    "nearest": (_nearest, 1),
}
"""Kind to the function that makes its pieces, and the least number of points."""

STEPS = frozenset(("previous", "next", "nearest"))
SEPARABLE = frozenset(("linear", "cubic", "quintic")) | STEPS
"""Kinds that are linear in the data, so that one coordinate after the other gives one result."""


def with_ends(
    breaks: FloatArray, coefficients: FloatArray, extrapolate: str
) -> tuple[Axis, FloatArray]:
    """Return the cells and coefficients of the pieces and of what stands beside them.

    The last point of the data belongs to the inside.
    """
    if extrapolate in ("continue", "periodic"):
        return Axis(
            breaks[1:-1], np.where(np.isfinite(breaks[:-1]), breaks[:-1], 0.0)
        ), coefficients
    length = breaks[-1] - breaks[-2]
    ends = np.zeros((coefficients.shape[0], 2, *coefficients.shape[2:]))
    ends[0] = coefficients[0, 0], _at(coefficients[:, -1], length)
    if extrapolate == "linear":
        slopes = coefficients[1:, -1] * _column(np.arange(1.0, len(coefficients)), coefficients)
        ends[1] = coefficients[1, 0], _at(slopes, length)
    if extrapolate == "nan":
        ends[:] = np.nan
    outer = np.append(breaks[:-1], np.nextafter(breaks[-1], np.inf))
    axis = Axis(outer, np.concatenate([breaks[:1], breaks]))
    return axis, np.concatenate([ends[:, :1], coefficients, ends[:, 1:]], axis=1)


def _column(values: FloatArray, like: FloatArray) -> FloatArray:
    return values.reshape(-1, *(1,) * (like.ndim - 2))


def _at(polynomial: FloatArray, distance: float) -> FloatArray:
    """Return the value of a polynomial at a distance from its origin."""
    value = np.zeros(polynomial.shape[1:])
    for coefficient in polynomial[::-1]:
        value = value * distance + coefficient
    return value
