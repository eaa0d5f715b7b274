"""Derivatives along a direction by one-sided differences, and how far they may be off.

One-sided, because a solution lies on its bounds, and the functions need not be defined beyond.
The noise of a function is estimated from third differences over a tiny step, as by Hamming; see
Moré and Wild (2011), doi:10.1137/100786125.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["REACH", "inside_bounds", "quick_slopes", "slopes_with_error"]

FloatArray = NDArray[np.float64]
Function = Callable[[FloatArray], FloatArray]

_EPS = float(np.finfo(np.float64).eps)
_QUICK = 1e-5
_STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
REACH = 2.0 * _STEPS[0]
"""The farthest point that is evaluated, in multiples of the direction."""
_TINY = 1e-8


def inside_bounds(x: FloatArray, v: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return ``v`` with elements turned and shortened so that all steps along it keep the bounds.

    Examples
    --------
    >>> x, v, lower = np.array([0.0, 0.0, 1.0]), np.array([-1.0, 1.0, -1.0]), np.zeros(3)
    >>> inside_bounds(x, v, lower, np.array([1.0, 1.0, 1.001])).round(2).tolist()
    [1.0, 1.0, -1.0]
    """
    size, upward = np.abs(v), v > 0.0
    above, below = upper - x, x - lower
    room, other = np.where(upward, above, below), np.where(upward, below, above)
    turned = (room < REACH * size) & (other > room)
    room = np.maximum(np.where(turned, other, room), 0.0)
    step: FloatArray = np.where(upward ^ turned, 1.0, -1.0) * np.minimum(size, room / REACH)
    return step


def quick_slopes(
    function: Function, x: FloatArray, v: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return slopes and errors from the values at ``x`` and two more evaluations.

    Examples
    --------
    >>> x, v = np.array([1.0]), np.array([2.0])
    >>> slopes, error = quick_slopes(np.square, x, v, x)
    >>> bool(abs(slopes[0] - 4.0) < 1e-9 < error[0] < 1e-3)
    True
    """
    return _one_sided(function, x, v, values, _QUICK, _EPS * np.abs(values))


def slopes_with_error(
    function: Function, x: FloatArray, v: FloatArray, size: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return for each element the slope of the step with the smallest error, and that error.

    Where higher derivatives are large, or a pole is near, parabola and line may agree by chance;
    so the error holds the change to the next smaller step too.  ``size`` is that of the terms that
    an element is the sum of: their rounding stays where they cancel.
    """
    values = function(x)
    largest = np.abs(values) if size is None else np.maximum(np.abs(values), size)
    noise = np.maximum(_noise(function, x, v, values), _EPS * largest)
    tries = [_one_sided(function, x, v, values, step, noise) for step in _STEPS]
    slopes, errors = (np.stack(parts) for parts in zip(*tries, strict=True))
    with np.errstate(invalid="ignore"):
        errors[:-1] += np.abs(np.diff(slopes, axis=0))
    best = np.argmin(np.where(np.isfinite(errors), errors, np.inf), axis=0)
    each = np.arange(values.size)
    return slopes[best, each], errors[best, each]


def _one_sided(
    function: Function,
    x: FloatArray,
    v: FloatArray,
    values: FloatArray,
    step: float,
    noise: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the slopes of a parabola; its difference from a line's is the error by curvature."""
    one, two = function(x + step * v), function(x + 2.0 * step * v)
    with np.errstate(invalid="ignore", over="ignore"):  # beyond the domain
        near, far = (one - values) / step, (two - values) / (2.0 * step)
        return 2.0 * near - far, np.abs(near - far) + 8.0 * noise / step


def _noise(function: Function, x: FloatArray, v: FloatArray, values: FloatArray) -> FloatArray:
    nearby = np.stack([values, *(function(x + k * _TINY * v) for k in range(1, 7))])
    with np.errstate(invalid="ignore", over="ignore"):
        third = np.diff(nearby, 3, axis=0)
        spread: FloatArray = np.sqrt(np.mean(third * third, axis=0) / 20.0)
    return spread
