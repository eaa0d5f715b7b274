"""Directional derivatives from values alone: complex steps where they work, central differences.

The complex step Im f(x + i h v) / h (Squire and Trapp 1998, doi:10.1137/S003614459631241X) is exact
to rounding, but only if the function carries complex numbers through analytically, which nobody
can see from outside.  So it is tried once against differences, and at every point it is compared
with one difference along a mixture of the directions; where it fails, central differences do it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.external_functions.given import Method

__all__ = ["Stepper", "central", "scale_of"]

FloatArray = NDArray[np.float64]
Function = Callable[[NDArray[Any]], NDArray[Any]]

_COMPLEX_STEP = 1e-30
_FORWARD_STEP = 1e-6


def scale_of(x: FloatArray, typical: float) -> FloatArray:
    """Return the size that the elements of an argument are taken to have."""
    return np.maximum(np.abs(x), typical)


def central(
    function: Function, x: FloatArray, v: FloatArray, step: float, typical: float
) -> FloatArray:
    """Return (f(x + h v) - f(x - h v)) / 2h, where h moves no element by more than ``step``.

    Steps are relative to the size of the elements.
    """
    largest = float(np.max(np.abs(v) / scale_of(x, typical), initial=0.0))
    h = step / largest if largest else 1.0
    ahead, behind = function(x + h * v), function(x - h * v)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray((ahead - behind) / (2.0 * h))


class Stepper:
    """Derivatives of a function along directions.

    Parameters
    ----------
    method : "auto", "complex" or "central"
    step : float
        Of central differences, relative to the size of an element.
    typical : float
        Elements smaller than this count as this large.

    Attributes
    ----------
    is_complex : bool or None
        Whether complex steps are taken; None as long as nobody tried.
    num_refused : int
        Points at which a complex step was not trusted.
    """

    def __init__(self, method: Method, step: float, typical: float) -> None:
        self._step = step
        self._typical = typical
        self.is_complex = None if method == "auto" else method == "complex"
        self.num_refused = 0

    def along(
        self, function: Function, x: FloatArray, directions: Sequence[FloatArray]
    ) -> list[FloatArray]:
        """Return the derivatives of a function along directions at a point.

        The function may be another one each time, if it is of the same kind.
        """
        if not directions:
            return []
        if self.is_complex is None:
            self.is_complex = self._try(function, x, directions)
        if self.is_complex:
            found = self._complex(function, x, directions)
            if found is not None:
                return found
            self.num_refused += 1
        return [self._central(function, x, v) for v in directions]

    def _central(self, function: Function, x: FloatArray, v: FloatArray) -> FloatArray:
        return central(function, x, v, self._step, self._typical)

    def _try(self, function: Function, x: FloatArray, directions: Sequence[FloatArray]) -> bool:
        """Whether a complex step along a mixture of the directions agrees with a difference."""
        mixed = _mixture(directions)
        found = self._complex(function, x, [mixed])
        if found is None:
            return False
        expected = self._central(function, x, mixed)
        if not np.isfinite(expected).all():
            return True  # nothing to compare with; every further point is compared again
        scale = max(1e-3, float(np.abs(expected).max(initial=0.0)))
        return bool((np.abs(found[0] - expected) <= 1e-5 * scale).all())

    def _complex(
        self, function: Function, x: FloatArray, directions: Sequence[FloatArray]
    ) -> list[FloatArray] | None:
        """Return complex steps, or None if they cannot be taken or cannot be right."""
        slopes = []
        value = np.zeros(0)
        for v in directions:
            moved = _complex_value(function, x + 1j * _COMPLEX_STEP * v)
            if moved is None:
                return None
            value = moved.real
            slopes.append(moved.imag / _COMPLEX_STEP)
        return slopes if self._agrees(function, x, value, directions, slopes) else None

    def _agrees(
        self,
        function: Function,
        x: FloatArray,
        value: FloatArray,
        directions: Sequence[FloatArray],
        slopes: list[FloatArray],
    ) -> bool:
        """Whether the slopes' mixture is what a forward difference along the mixture gives."""
        weights = _weights(len(directions))
        mixed = _mixture(directions)
        largest = float(np.max(np.abs(mixed) / scale_of(x, self._typical), initial=0.0))
        h = _FORWARD_STEP / largest if largest else 1.0
        try:
            moved = function(x + h * mixed)
        except Exception:  # the function need not be defined beside the point
            return True
        with np.errstate(invalid="ignore", over="ignore"):
            expected = (moved - value) / h
        found = np.asarray(sum(w * s for w, s in zip(weights, slopes, strict=True)))
        size = np.asarray(sum(abs(w) * np.abs(s) for w, s in zip(weights, slopes, strict=True)))
        rounding = 1e3 * np.finfo(np.float64).eps * np.abs(value) / h
        comparable = np.isfinite(expected) & np.isfinite(found)
        allowed = 1e-3 * size + 1e-5 * max(1.0, float(np.max(size, initial=0.0))) + rounding
        return bool((np.abs(found - expected) <= allowed)[comparable].all())


def _weights(count: int) -> FloatArray:
    return np.random.default_rng(count).uniform(0.5, 1.0, count)


def _mixture(directions: Sequence[FloatArray]) -> FloatArray:
    weights = _weights(len(directions))
    return np.asarray(sum(w * v for w, v in zip(weights, directions, strict=True)))


def _complex_value(function: Function, x: NDArray[np.complex128]) -> NDArray[np.complex128] | None:
    """Return the function's value at a complex point, or None if it does not take one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy drops imaginary parts with a warning
            found = function(x)
    except Exception:  # whatever a function that is not made for it may raise
        return None
    return found if found.dtype.kind == "c" else None
