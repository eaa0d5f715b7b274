"""Cholesky factors of dense matrices as a single operation, evaluated by LAPACK.

With A = L Lᵀ, S = L⁻¹ and Φ the lower triangle with half of the diagonal,

    dL = L Φ(S dA Sᵀ),

and the gradient of ⟨W, L⟩ is Sᵀ Φ(Lᵀ W) S (Murray 2016, arXiv:1602.07527).  As in NumPy only the
lower triangle of A is read.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.tracing.dense_systems import DenseFunction

__all__ = ["DenseCholesky", "cholesky"]

FloatArray = NDArray[np.float64]
Array = NDArray[Any]


def _transposed(matrices: Array) -> Array:
    return matrices.swapaxes(-1, -2)


def _half(matrices: Array) -> Array:
    """Return the lower triangles with half of the diagonals."""
    n = matrices.shape[-1]
    return np.asarray(matrices * (np.tri(n) - 0.5 * np.eye(n)))


def _symmetric(lower: Array) -> Array:
    """Return the symmetric matrices with these lower triangles."""
    return np.asarray(np.tril(lower) + _transposed(np.tril(lower, -1)))


def _folded(gradients: Array) -> Array:
    """Return gradients by the lower triangles, whose elements stand for two off the diagonal."""
    return _half(gradients + _transposed(gradients))


def _factored(matrices: Array) -> Array:
    """Return the factors, NaN for matrices that are not positive definite."""
    if np.iscomplexobj(matrices):
        return _by_columns(matrices)
    try:
        return np.linalg.cholesky(matrices)
    except np.linalg.LinAlgError:
        if len(matrices) == 1:
            return np.full_like(matrices, np.nan)
        return np.concatenate([_factored(m[None]) for m in matrices])


def _by_columns(matrices: Array) -> Array:
    """Return the factors of complex steps: L Lᵀ = A, where LAPACK has L Lᴴ."""
    rest, factors = _symmetric(matrices), np.zeros_like(matrices)
    for j in range(matrices.shape[-1]):
        factors[:, j:, j] = rest[:, :, 0] / np.sqrt(rest[:, :1, 0])
        column = factors[:, j + 1 :, j]
        rest = rest[:, 1:, 1:] - column[:, :, None] * column[:, None, :]
    return factors


class DenseCholesky(DenseFunction):
    """The lower Cholesky factors of a stack of n × n matrices."""

    def __init__(self, count: int, n: int) -> None:
        size = count * n * n
        super().__init__("np.linalg.cholesky", (count, n), size, size, (True,))
        self.shape = (count, n, n)
        self._rows, self._cols = np.tril_indices(n)

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Which elements of the argument derivatives are wanted by: the lower triangles."""
        return np.broadcast_to(np.tri(self.shape[1], dtype=bool), self.shape).reshape(-1)

    def evaluate(self, x: Array, out: Array) -> None:
        """Write the factors to ``out``."""
        out[:] = _factored(x.reshape(self.shape)).reshape(-1)

    @cached_property
    def _units(self) -> FloatArray:
        """The direction of each element of the lower triangle: shape (elements, n, n)."""
        units = np.zeros((self._rows.size, *self.shape[1:]))
        units[np.arange(self._rows.size), self._rows, self._cols] = 1.0
        return _symmetric(units)

    @cached_property
    def _dependent(self) -> tuple[Array, Array]:
        """Pairs (element of L, of A): L_ij depends on rows up to j and i, columns up to j."""
        i, j, k, m = self._rows[:, None], self._cols[:, None], self._rows, self._cols
        rows, cols = np.nonzero((m <= j) & ((k <= j) | (k == i)))
        return rows, cols

    def _lower_places(self) -> Array:
        """Return the flat places of the lower triangles: shape (count, elements)."""
        return np.arange(self.size_in).reshape(self.shape)[:, self._rows, self._cols]

    def _jacobian_places(self) -> tuple[Array, Array]:
        places = self._lower_places()
        rows, cols = self._dependent
        return places[:, rows].reshape(-1), places[:, cols].reshape(-1)

    def _hessian_places(self) -> tuple[Array, Array]:
        places = self._lower_places()
        rows, cols = np.broadcast_arrays(places[:, :, None], places[:, None])
        return rows.reshape(-1), cols.reshape(-1)

    def _split(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the factors and their inverses, shape (count, 1, n, n)."""
        return self._at(x, self._factor)

    def _factor(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        factors = _factored(x.reshape(self.shape))
        with np.errstate(all="ignore"):
            inverses = np.linalg.inv(factors)
        return factors[:, None], inverses[:, None]

    def _moved(self, factors: Array, inverses: Array, directions: Array) -> Array:
        return factors @ _half(inverses @ directions @ _transposed(inverses))

    def _jacobian(self, x: FloatArray) -> FloatArray:
        moved = self._moved(*self._split(x), self._units)[:, :, self._rows, self._cols]
        rows, cols = self._dependent
        return moved[:, cols, rows].reshape(-1)

    def _pulled(self, x: FloatArray, weights: FloatArray, directions: Array) -> Array:
        """Return how the gradient changes along directions, shape (count, directions, n, n)."""
        factors, inverses = self._split(x)
        w = np.tril(weights.reshape(self.shape))[:, None]
        moved = self._moved(factors, inverses, directions)
        moved_inverses = -inverses @ moved @ inverses
        inner, moved_inner = _half(_transposed(factors) @ w), _half(_transposed(moved) @ w)
        left = _transposed(moved_inverses) @ inner @ inverses
        middle = _transposed(inverses) @ moved_inner @ inverses
        right = _transposed(inverses) @ inner @ moved_inverses
        return _folded(left + middle + right)

    def _hessian(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        return self._pulled(x, weights, self._units)[:, :, self._rows, self._cols].reshape(-1)

    def _tangent(self, x: FloatArray, direction: FloatArray) -> FloatArray:
        directions = _symmetric(direction.reshape(self.shape))[:, None]
        return self._moved(*self._split(x), directions).reshape(-1)

    def _gradient(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        factors, inverses = self._split(x)
        w = np.tril(weights.reshape(self.shape))[:, None]
        inner = _half(_transposed(factors) @ w)
        return _folded(_transposed(inverses) @ inner @ inverses).reshape(-1)

    def _curved(self, x: FloatArray, weights: FloatArray, direction: FloatArray) -> FloatArray:
        directions = _symmetric(direction.reshape(self.shape))[:, None]
        return self._pulled(x, weights, directions).reshape(-1)


@lru_cache(maxsize=64)
def cholesky(count: int, n: int) -> DenseCholesky:
    """Return the factors of a stack of matrices; equal ones are one function."""
    return DenseCholesky(count, n)
