"""Discrete Fourier transforms as single operations, evaluated by NumPy's FFT.

Every result depends on every point, so a Jacobian through a transform is dense; but values,
gradients and products with vectors take n log n operations: the transpose of a transform is the
conjugate one.  Real and imaginary parts are stacked into one real vector.  A transform over several
axes is one operation, and one of real values, or to them, holds half of the spectrum alone.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.opaque import WithLazyStructure

__all__ = ["FourierTransform", "Kind", "fourier_matrix", "fourier_transform"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
Array = NDArray[Any]
Kind = Literal["complex", "real", "half", "inverse half"]
"""From complex points to complex ones, from real points to complex ones or to the half of them that
says all (`numpy.fft.rfftn`), and from such a half to real points (`numpy.fft.irfftn`)."""

MOST_ENTRIES = 250_000
"""Of the matrix of one transform: with more it is never formed."""


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
    """Transforms of ``count`` arrays of points: an `OpaqueFunction`, which is linear.

    Parameters
    ----------
    count : int
    shape : tuple of int
        Of the points; all axes are transformed.
    kind : Kind
    inverse : bool
        The conjugate transform, which is the inverse one times the number of points.
    """

    is_linear = True

    def __init__(self, count: int, shape: tuple[int, ...], kind: Kind, inverse: bool) -> None:
        points = " x ".join(map(str, shape))
        self.name = f"np.fft of {points} points" + (f", {count} times" if count > 1 else "")
        half = (*shape[:-1], shape[-1] // 2 + 1)
        sizes = {"complex": (2, 2), "real": (1, 2), "half": (1, 2), "inverse half": (2, 1)}
        self._parts = sizes[kind]
        self._shapes = (
            (count, *(half if kind == "inverse half" else shape)),
            (count, *(half if kind == "half" else shape)),
        )
        self.size_in, self.size_out = (
            parts * math.prod(own) for parts, own in zip(self._parts, self._shapes, strict=True)
        )
        self._count, self._shape, self._kind, self._inverse = count, shape, kind, inverse

    @property
    def is_dense(self) -> bool:
        """Whether every result depends on every point."""
        return self._count == 1

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Which elements of the argument derivatives are wanted by: all."""
        return np.ones(self.size_in, bool)

    @property
    def is_matrix_free(self) -> bool:
        """Whether the matrix is too large to be formed."""
        return self.is_dense and self.size_in * self.size_out > MOST_ENTRIES

    def describe(self) -> str:
        """Return one line that says how derivatives are found."""
        return f"{self.name}: linear, exact"

    def _points(self, x: FloatArray, side: int) -> Array:
        """Return the points of the argument (side 0) or of the result (side 1)."""
        parts = x.reshape(self._parts[side], *self._shapes[side])
        return np.asarray(parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1])

    def _stacked(self, points: Array, side: int) -> FloatArray:
        parts = [points.real, points.imag][: self._parts[side]]
        return np.stack(parts).reshape(-1)

    def _conjugate(self, points: Array, inverse: bool) -> Array:
        """Return the transform of whole arrays, or its conjugate."""
        axes = tuple(range(1, points.ndim))
        if inverse:
            return np.fft.ifftn(points, axes=axes, norm="forward")
        return np.fft.fftn(points, axes=axes)

    def _to_half(self, points: FloatArray) -> Array:
        return np.fft.rfftn(points, axes=tuple(range(1, points.ndim)))

    def _from_half(self, points: Array) -> FloatArray:
        axes = tuple(range(1, points.ndim))
        return np.fft.irfftn(points, self._shape, axes=axes, norm="forward")

    @cached_property
    def _occurrences(self) -> FloatArray:
        """How often the elements of half a spectrum occur in the whole one, by the last axis."""
        n = self._shape[-1]
        twice = np.full(n // 2 + 1, 2.0)
        twice[0] = 1.0
        if n % 2 == 0:
            twice[-1] = 1.0
        return twice

    def _transform(self, x: FloatArray) -> FloatArray:
        points = self._points(x, 0)
        if self._kind == "half":
            found = self._to_half(points)
        elif self._kind == "inverse half":
            found = self._from_half(points)
        else:
            found = self._conjugate(points, self._inverse)
        return self._stacked(found, 1)

    def _transpose(self, weights: FloatArray) -> FloatArray:
        points = self._points(weights, 1)
        if self._kind == "half":
            found: Array = self._from_half(points / self._occurrences)
        elif self._kind == "inverse half":
            found = self._to_half(points) * self._occurrences
        else:
            found = self._conjugate(points, not self._inverse)
        return self._stacked(found, 0)

    def evaluate(self, x: Array, out: Array) -> None:
        """Write the transforms to ``out``."""
        out[:] = self._transform(x.real)
        if np.iscomplexobj(x):
            out += 1j * self._transform(x.imag)

    @property
    def matrix(self) -> FloatArray:
        """The matrix of one transform; what should be 0 is exactly 0."""
        one = FourierTransform(1, self._shape, self._kind, self._inverse)
        columns = [one._transform(unit) for unit in np.eye(one.size_in)]
        values = np.stack(columns, axis=1)
        return np.where(abs(values) < 1e-13, 0.0, values)

    @cached_property
    def _first(self) -> tuple[IntArray, IntArray]:
        cols, rows = (
            np.arange(size, dtype=np.int32)
            .reshape(parts, self._count, -1)
            .transpose(1, 0, 2)
            .reshape(self._count, -1)
            for size, parts in zip((self.size_in, self.size_out), self._parts, strict=True)
        )
        kept = self.matrix != 0.0
        pairs = np.broadcast_arrays(rows[:, :, None], cols[:, None, :])
        return pairs[0][:, kept].reshape(-1), pairs[1][:, kept].reshape(-1)

    @property
    def _second(self) -> tuple[IntArray, IntArray]:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)

    @cached_property
    def _values(self) -> FloatArray:
        matrix = self.matrix
        return np.asarray(matrix[matrix != 0.0])

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write the values of the Jacobian to ``out``."""
        out.reshape(self._count, -1)[:] = self._values

    def hessian_values(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Write nothing: there are no second derivatives."""

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add the transform of ``tangent`` to ``out``."""
        out += self._transform(tangent)

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add the transposed transform of ``weights`` to ``out``."""
        out += self._transpose(weights)

    def curve(
        self, x: FloatArray, weights: FloatArray, direction: FloatArray, out: FloatArray
    ) -> None:
        """Add nothing: there are no second derivatives."""


@lru_cache(maxsize=64)
def fourier_transform(
    count: int, shape: tuple[int, ...], kind: Kind, inverse: bool
) -> FourierTransform:
    """Return a transform; equal ones are one function."""
    return FourierTransform(count, shape, kind, inverse)
