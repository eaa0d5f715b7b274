"""Dense linear systems and determinants as single operations, evaluated by LAPACK.

Elimination needs pivots, and which ones depends on the values; so a system is not recorded step by
step but kept whole, with exact derivatives by formula.  With S = A⁻¹ and x = S b,

    dx = S (db - dA x),        d²x = -2 S dA dx,
    d log|det A| = tr(S dA),   d² log|det A| = -tr(S dA S dA)

(Giles 2008, doi:10.1007/978-3-540-68942-3_4).  A stack of matrices is one operation: each has its
own block of the derivatives.  A singular matrix gives NaN, which reaches the solver.

One large matrix has no matrices of derivatives: n² elements have n⁴ / 2 second derivatives.  It is
matrix-free, products with vectors alone take part in the chain rule, and what they have in common,
the factors at a point, is kept for the next one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.opaque import WithLazyStructure

__all__ = [
    "LARGEST_FORMED",
    "DenseDeterminant",
    "DenseFunction",
    "DenseSolve",
    "determinant",
    "system",
]

LARGEST_FORMED = 32
"""Rows of a matrix up to which matrices of its derivatives are formed."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
Array = NDArray[Any]
Factors = tuple[FloatArray, FloatArray]


def _inverse(matrices: Array) -> Array:
    """Return the inverses of a stack, NaN for singular ones."""
    try:
        return np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        if len(matrices) == 1:
            return np.full_like(matrices, np.nan)
        return np.concatenate([_inverse(m[None]) for m in matrices])


class DenseFunction(WithLazyStructure):
    """What is common to functions of a stack of square matrices: an `OpaqueFunction`.

    Structures and values are built as arrays over (matrix, indices...), then restricted to the
    arguments that derivatives are wanted by, and second derivatives to the lower triangle.
    """

    def __init__(
        self,
        kind: str,
        stack: tuple[int, int],
        size_in: int,
        size_out: int,
        active: tuple[bool, ...],
    ) -> None:
        count, n = stack
        self.name = f"{kind} of {n} x {n}" + (f", {count} times" if count > 1 else "")
        self.size_in = size_in
        self.size_out = size_out
        self.is_dense = self.is_matrix_free = count == 1 and n > LARGEST_FORMED
        self._active_arguments = active
        self._kept: tuple[FloatArray, Any] | None = None

    def _at(self, x: FloatArray, factors: Callable[[FloatArray], Factors]) -> Factors:
        """Return the factors at a point; those of a large matrix at the last one are kept."""
        if not self.is_matrix_free:
            return factors(x)
        kept = self._kept  # read once: another thread may replace it
        if kept is None or not np.array_equal(kept[0], x):
            kept = self._kept = x.copy(), factors(x)
        found: Factors = kept[1]
        return found

    @property
    @abstractmethod
    def active(self) -> NDArray[np.bool_]:
        """Which elements of the argument derivatives are wanted by."""

    @abstractmethod
    def _jacobian_places(self) -> tuple[Array, Array]: ...

    @abstractmethod
    def _hessian_places(self) -> tuple[Array, Array]: ...

    @abstractmethod
    def _jacobian(self, x: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _hessian(self, x: FloatArray, weights: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _tangent(self, x: FloatArray, direction: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _gradient(self, x: FloatArray, weights: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _curved(self, x: FloatArray, weights: FloatArray, direction: FloatArray) -> FloatArray: ...

    @cached_property
    def _kept_first(self) -> Array:
        return np.flatnonzero(self.active[self._jacobian_places()[1]])

    @cached_property
    def _kept_second(self) -> Array:
        rows, cols = self._hessian_places()
        return np.flatnonzero(self.active[rows] & self.active[cols] & (rows >= cols))

    @cached_property
    def _first(self) -> tuple[IntArray, IntArray]:
        rows, cols = (p[self._kept_first].astype(np.int32) for p in self._jacobian_places())
        return rows, cols

    @cached_property
    def _second(self) -> tuple[IntArray, IntArray]:
        rows, cols = (p[self._kept_second].astype(np.int32) for p in self._hessian_places())
        return rows, cols

    def describe(self) -> str:
        """Return one line that says how derivatives are found."""
        return f"{self.name}: evaluated by LAPACK, derivatives by formula, exact"

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write the values of the Jacobian to ``out``."""
        out[:] = self._jacobian(x)[self._kept_first]

    def hessian_values(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Write the values of the Hessian of ``weights · f`` to ``out``."""
        out[:] = self._hessian(x, weights)[self._kept_second]

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add the Jacobian times ``tangent`` to ``out``."""
        out += self._tangent(x, np.where(self.active, tangent, 0.0))

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add the transposed Jacobian times ``weights`` to ``out``."""
        out += np.where(self.active, self._gradient(x, weights), 0.0)

    def curve(
        self, x: FloatArray, weights: FloatArray, direction: FloatArray, out: FloatArray
    ) -> None:
        """Add the Hessian of ``weights · f`` times ``direction`` to ``out``."""
        moved = np.where(self.active, direction, 0.0)
        out += np.where(self.active, self._curved(x, weights, moved), 0.0)


class DenseSolve(DenseFunction):
    """x = A⁻¹ b for a stack of n × n matrices, then n × k right-hand sides, flat in C order."""

    def __init__(self, count: int, n: int, k: int, active: tuple[bool, bool]) -> None:
        size = count * n * k
        super().__init__("np.linalg.solve", (count, n), count * n * n + size, size, active)
        self.shape_a, self.shape_b = (count, n, n), (count, n, k)

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Which elements of the argument derivatives are wanted by."""
        sizes = self.size_in - self.size_out, self.size_out
        return np.repeat(self._active_arguments, sizes)

    def _split(self, x: Array) -> tuple[Array, Array]:
        cut = self.size_in - self.size_out
        return x[:cut].reshape(self.shape_a), x[cut:].reshape(self.shape_b)

    def _solved(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self._at(x, self._solve)

    def _solve(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        a, b = self._split(x)
        inverse = _inverse(a)
        return inverse, inverse @ b

    def evaluate(self, x: Array, out: Array) -> None:
        """Write the solutions to ``out``."""
        a, b = self._split(x)
        try:
            out[:] = np.linalg.solve(a, b).reshape(-1)
        except np.linalg.LinAlgError:
            out[:] = (_inverse(a) @ b).reshape(-1)

    def _places(self) -> tuple[Array, Array]:
        """Return the flat places of the elements of A and of b."""
        return self._split(np.arange(self.size_in))

    def _jacobian_places(self) -> tuple[Array, Array]:
        a, b = self._places()
        out = np.arange(self.size_out).reshape(self.shape_b)
        by_a = np.broadcast_arrays(out[:, :, :, None, None], a[:, None, None])
        by_b = np.broadcast_arrays(out[:, :, :, None], b.transpose(0, 2, 1)[:, None])
        return _flat(by_a[0], by_b[0]), _flat(by_a[1], by_b[1])

    def _jacobian(self, x: FloatArray) -> FloatArray:
        inverse, y = self._solved(x)
        by_a = -np.einsum("tij,tlc->ticjl", inverse, y)
        by_b = np.broadcast_to(inverse[:, :, None], (*self.shape_b, self.shape_b[1]))
        return _flat(by_a, by_b)

    def _hessian_places(self) -> tuple[Array, Array]:
        a, b = self._places()
        pairs = np.broadcast_arrays(a[:, :, :, None, None], a[:, None, None])
        mixed = np.broadcast_arrays(b[:, :, :, None, None], a[:, None, None])
        return _flat(pairs[0], mixed[0]), _flat(pairs[1], mixed[1])

    def _hessian(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        inverse, y = self._solved(x)
        dual = _transposed(inverse) @ weights.reshape(self.shape_b)
        half = np.einsum("tjc,tlm,toc->tjlmo", dual, inverse, y, optimize=True)
        pairs = half + half.transpose(0, 3, 4, 1, 2)
        mixed = -np.einsum("tjc,tlm->tmcjl", dual, inverse)
        return _flat(pairs, mixed)

    def _tangent(self, x: FloatArray, direction: FloatArray) -> FloatArray:
        inverse, y = self._solved(x)
        da, db = self._split(direction)
        return _flat(inverse @ (db - da @ y))

    def _gradient(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        inverse, y = self._solved(x)
        dual = _transposed(inverse) @ weights.reshape(self.shape_b)
        return _flat(-dual @ _transposed(y), dual)

    def _curved(self, x: FloatArray, weights: FloatArray, direction: FloatArray) -> FloatArray:
        inverse, y = self._solved(x)
        da, db = self._split(direction)
        dual = _transposed(inverse) @ weights.reshape(self.shape_b)
        moved = inverse @ (db - da @ y)
        moved_dual = -_transposed(inverse) @ (_transposed(da) @ dual)
        by_a = -(moved_dual @ _transposed(y) + dual @ _transposed(moved))
        return _flat(by_a, moved_dual)


class DenseDeterminant(DenseFunction):
    """Determinants of a stack of n × n matrices; or the sign of each and the log of its size."""

    def __init__(self, count: int, n: int, logarithm: bool) -> None:
        kind = "np.linalg.slogdet" if logarithm else "np.linalg.det"
        size_out = count * (2 if logarithm else 1)
        super().__init__(kind, (count, n), count * n * n, size_out, (True,))
        self.shape = (count, n, n)
        self.logarithm = logarithm

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Which elements of the argument derivatives are wanted by: all."""
        return np.ones(self.size_in, bool)

    def evaluate(self, x: Array, out: Array) -> None:
        """Write the determinants to ``out``."""
        matrices = x.reshape(self.shape)
        if not self.logarithm:
            out[:] = np.linalg.det(matrices)
            return
        sign, logarithm = np.linalg.slogdet(matrices)
        result = out.reshape(-1, 2)
        result[:, 0] = np.sign(sign.real)
        if np.iscomplexobj(x):  # a complex step: the logarithm that is analytic
            logarithm = logarithm + np.log(sign * np.sign(sign.real))
        result[:, 1] = logarithm

    def _factors(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the inverses, and what they are multiplied by in the gradient."""
        return self._at(x, self._inverses)

    def _inverses(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        matrices = x.reshape(self.shape)
        factor = np.ones(self.shape[0]) if self.logarithm else np.linalg.det(matrices)
        return _inverse(matrices), factor

    def _weights(self, weights: FloatArray) -> FloatArray:
        return weights.reshape(-1, 2)[:, 1] if self.logarithm else weights

    def _jacobian_places(self) -> tuple[Array, Array]:
        cols = np.arange(self.size_in).reshape(self.shape)
        width = 2 if self.logarithm else 1
        rows = (np.arange(self.shape[0]) * width + width - 1)[:, None, None]
        return _flat(np.broadcast_to(rows, self.shape)), _flat(cols)

    def _hessian_places(self) -> tuple[Array, Array]:
        cols = np.arange(self.size_in).reshape(self.shape)
        pairs = np.broadcast_arrays(cols[:, :, :, None, None], cols[:, None, None])
        return _flat(pairs[0]), _flat(pairs[1])

    def _jacobian(self, x: FloatArray) -> FloatArray:
        inverse, factor = self._factors(x)
        return _flat(factor[:, None, None] * _transposed(inverse))

    def _hessian(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        inverse, factor = self._factors(x)
        second = -np.einsum("tjk,tli->tijkl", inverse, inverse)
        if not self.logarithm:
            second += np.einsum("tji,tlk->tijkl", inverse, inverse)
        return _flat((self._weights(weights) * factor)[:, None, None, None, None] * second)

    def _tangent(self, x: FloatArray, direction: FloatArray) -> FloatArray:
        inverse, factor = self._factors(x)
        moved = factor * np.einsum("tji,tij->t", inverse, direction.reshape(self.shape))
        return _flat(np.stack([0.0 * moved, moved], axis=1)) if self.logarithm else moved

    def _gradient(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        inverse, factor = self._factors(x)
        return _flat((self._weights(weights) * factor)[:, None, None] * _transposed(inverse))

    def _curved(self, x: FloatArray, weights: FloatArray, direction: FloatArray) -> FloatArray:
        inverse, factor = self._factors(x)
        moved = inverse @ direction.reshape(self.shape)
        second = -moved @ inverse
        if not self.logarithm:
            second += np.trace(moved, axis1=1, axis2=2)[:, None, None] * inverse
        return _flat((self._weights(weights) * factor)[:, None, None] * _transposed(second))


def _transposed(matrices: Array) -> Array:
    return matrices.transpose(0, 2, 1)


def _flat(*arrays: Array) -> Array:
    return np.concatenate([a.reshape(-1) for a in arrays])


@lru_cache(maxsize=64)
def system(count: int, n: int, k: int, active: tuple[bool, bool]) -> DenseSolve:
    """Return the solution of a stack of systems; equal ones are one function."""
    return DenseSolve(count, n, k, active)


@lru_cache(maxsize=64)
def determinant(count: int, n: int, logarithm: bool) -> DenseDeterminant:
    """Return the determinants of a stack of matrices; equal ones are one function."""
    return DenseDeterminant(count, n, logarithm)
