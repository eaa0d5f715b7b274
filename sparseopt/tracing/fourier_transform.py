"""Discrete Fourier transforms as single operations, evaluated by NumPy's FFT.

Every result depends on every point, so a Jacobian through a transform is dense; but values,
gradients and products with vectors take n log n operations: the transpose of a transform is the
conjugate one.  Real and imaginary parts are stacked into one real vector.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.opaque import WithLazyStructure

__all__ = ["FourierTransform", "fourier_matrix", "fourier_transform"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
Array = NDArray[Any]


def fourier_matrix(n: int, num_parts: int, inverse: bool) -> FloatArray:
    """Return the matrix from ``num_parts`` parts of n points to both parts of the transform.

    What should be 0 is exactly 0.
    """
    angles = 2.0 * np.pi * (np.outer(np.arange(n), np.arange(n)) % n) / n
    cosines, sines = (np.where(abs(w) < 1e-14, 0.0, w) for w in (np.cos(angles), np.sin(angles)))
    sines = sines if inverse else -sines
    whole: FloatArray = np.block([[cosines, -sines], [sines, cosines]])
    return whole[:, : num_parts * n]


class FourierTransform(WithLazyStructure):
    """Transforms of ``count`` rows of n points: an `OpaqueFunction`, which is linear.

    Parameters
    ----------
    count, n : int
    num_parts : 1 or 2
        Of the argument: real, or real and imaginary parts.  The result has two.
    inverse : bool
        The conjugate transform, which is the inverse one times n.
    """

    def __init__(self, count: int, n: int, num_parts: int, inverse: bool) -> None:
        self.name = f"np.fft of {n} points" + (f", {count} times" if count > 1 else "")
        self.size_in = num_parts * count * n
        self.size_out = 2 * count * n
        self._shape = count, n
        self._num_parts = num_parts
        self._inverse = inverse

    def describe(self) -> str:
        """Return one line that says how derivatives are found."""
        return f"{self.name}: linear, exact"

    def _apply(self, x: FloatArray, num_parts: int, inverse: bool) -> FloatArray:
        parts = x.reshape(num_parts, *self._shape)
        points = parts[0] if num_parts == 1 else parts[0] + 1j * parts[1]
        found = np.fft.ifft(points, norm="forward") if inverse else np.fft.fft(points)
        return np.stack([found.real, found.imag]).reshape(-1)

    def _transform(self, x: FloatArray) -> FloatArray:
        return self._apply(x, self._num_parts, self._inverse)

    def evaluate(self, x: Array, out: Array) -> None:
        """Write the transforms to ``out``."""
        out[:] = self._transform(x.real)
        if np.iscomplexobj(x):
            out += 1j * self._transform(x.imag)

    @cached_property
    def _first(self) -> tuple[IntArray, IntArray]:
        count, n = self._shape
        given = np.arange(self.size_in, dtype=np.int32).reshape(self._num_parts, count, n)
        found = np.arange(self.size_out, dtype=np.int32).reshape(2, count, n)
        cols = given.transpose(1, 0, 2).reshape(count, 1, -1)
        rows = found.transpose(1, 0, 2).reshape(count, -1, 1)
        kept = fourier_matrix(n, self._num_parts, self._inverse) != 0.0
        pairs = np.broadcast_arrays(rows, cols)
        return pairs[0][:, kept].reshape(-1), pairs[1][:, kept].reshape(-1)

    @property
    def _second(self) -> tuple[IntArray, IntArray]:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write the values of the Jacobian to ``out``."""
        count, n = self._shape
        matrix = fourier_matrix(n, self._num_parts, self._inverse)
        out.reshape(count, -1)[:] = matrix[matrix != 0.0]

    def hessian_values(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Write nothing: there are no second derivatives."""

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add the transform of ``tangent`` to ``out``."""
        out += self._transform(tangent)

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add the transposed transform of ``weights`` to ``out``."""
        out += self._apply(weights, 2, not self._inverse)[: self.size_in]

    def curve(
        self, x: FloatArray, weights: FloatArray, direction: FloatArray, out: FloatArray
    ) -> None:
        """Add nothing: there are no second derivatives."""


@lru_cache(maxsize=64)
def fourier_transform(count: int, n: int, num_parts: int, inverse: bool) -> FourierTransform:
    """Return a transform; equal ones are one function."""
    return FourierTransform(count, n, num_parts, inverse)
