"""Products with the Jacobian of a function that is not NumPy, as such functions themselves.

So their own Jacobians, which hold second derivatives, come from what the function computes; third
derivatives it does not know, and they are refused by name.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import SparseOptError, TracingError
from sparseopt.graph.opaque import OpaqueFunction

__all__ = ["OpaquePullback", "OpaquePushforward"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


class _Product:
    """What both products share: no second derivatives, no complex numbers."""

    name: str

    def __init__(self, inner: OpaqueFunction) -> None:
        self.inner = inner

    def describe(self) -> str:
        """Return one line that says how the function's derivatives are found."""
        return self.inner.describe()

    def _refuse(self) -> NoReturn:
        raise TracingError(
            f"third derivatives of {self.inner.name} are asked for",
            why="it is a function that is not NumPy, and knows two orders of derivatives at most",
            instead="the function written with NumPy",
        )

    @property
    def hessian_rows(self) -> IntArray:
        self._refuse()

    @property
    def hessian_cols(self) -> IntArray:
        self._refuse()

    def hessian_values(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        self._refuse()

    def curve(
        self, x: FloatArray, weights: FloatArray, direction: FloatArray, out: FloatArray
    ) -> None:
        self._refuse()

    def _require_real(self, x: NDArray[Any]) -> None:
        if x.dtype.kind == "c":
            raise SparseOptError(
                f"{self.name} does not take complex numbers", instead="real arguments"
            )


class OpaquePullback(_Product):
    """The function ``(x, w) -> J(x)ᵀ w``."""

    def __init__(self, inner: OpaqueFunction) -> None:
        super().__init__(inner)
        self.name = f"the pullback of {inner.name}"
        self._n = self.size_out = inner.size_in
        self.size_in = inner.size_in + inner.size_out

    @cached_property
    def _off(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.inner.hessian_rows != self.inner.hessian_cols)

    @cached_property
    def jacobian_rows(self) -> IntArray:
        """Rows of the Hessian of ``w · f``, both triangles, and of Jᵀ."""
        inner = self.inner
        upper = inner.hessian_cols[self._off]
        return np.concatenate([inner.hessian_rows, upper, inner.jacobian_cols])

    @cached_property
    def jacobian_cols(self) -> IntArray:
        """Columns of the same."""
        inner = self.inner
        upper = inner.hessian_rows[self._off]
        weights = np.int32(self._n) + inner.jacobian_rows
        return np.concatenate([inner.hessian_cols, upper, weights])

    def evaluate(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write Jᵀ w to ``out``."""
        self._require_real(x)
        out[:] = 0.0
        self.inner.pull(x[: self._n], x[self._n :], out)

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write second derivatives and those of the weights."""
        count = self.inner.hessian_rows.size
        point, weights = x[: self._n], x[self._n :]
        self.inner.hessian_values(point, weights, out[:count])
        out[count : count + self._off.size] = out[self._off]
        self.inner.jacobian_values(point, out[count + self._off.size :])

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add ``H t + Jᵀ s`` for a tangent (t, s)."""
        n = self._n
        self.inner.curve(x[:n], x[n:], tangent[:n], out)
        self.inner.pull(x[:n], tangent[n:], out)

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add ``H u`` and ``J u`` for weights u."""
        n = self._n
        self.inner.curve(x[:n], x[n:], weights, out[:n])
        self.inner.push(x[:n], weights, out[n:])


class OpaquePushforward(_Product):
    """The function ``(x, t) -> J(x) t``."""

    def __init__(self, inner: OpaqueFunction) -> None:
        super().__init__(inner)
        self.name = f"the pushforward of {inner.name}"
        self._n = inner.size_in
        self.size_in = 2 * inner.size_in
        self.size_out = inner.size_out

    @cached_property
    def _curved(self) -> NDArray[np.intp]:
        """Entries of J that may depend on x: a row's second derivatives lie within its columns."""
        nonlinear = np.union1d(self.inner.hessian_rows, self.inner.hessian_cols)
        return np.flatnonzero(np.isin(self.inner.jacobian_cols, nonlinear))

    @cached_property
    def jacobian_rows(self) -> IntArray:
        """Rows of the derivatives of J t by x, and of J."""
        return np.concatenate([self.inner.jacobian_rows[self._curved], self.inner.jacobian_rows])

    @cached_property
    def jacobian_cols(self) -> IntArray:
        """Columns of the same."""
        cols = self.inner.jacobian_cols
        return np.concatenate([cols[self._curved], np.int32(self._n) + cols])

    def evaluate(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write J t to ``out``."""
        self._require_real(x)
        out[:] = 0.0
        self.inner.push(x[: self._n], x[self._n :], out)

    def _curvature(self, x: FloatArray, row: int) -> FloatArray:
        """Return the Hessian of one element of f, times t."""
        unit, product = np.zeros(self.size_out), np.zeros(self._n)
        unit[row] = 1.0
        self.inner.curve(x[: self._n], unit, x[self._n :], product)
        return product

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write second derivatives, one product for each element of f, and those of J."""
        rows = self.inner.jacobian_rows[self._curved]
        cols = self.inner.jacobian_cols[self._curved]
        for row in np.unique(rows):
            chosen = np.flatnonzero(rows == row)
            out[chosen] = self._curvature(x, row)[cols[chosen]]
        self.inner.jacobian_values(x[: self._n], out[rows.size :])

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add ``(H_i t) · a`` for every element i, and ``J b``, for a tangent (a, b)."""
        n = self._n
        for row in np.unique(self.inner.jacobian_rows[self._curved]):
            out[row] += self._curvature(x, row) @ tangent[:n]
        self.inner.push(x[:n], tangent[n:], out)

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add ``H(u) t`` and ``Jᵀ u`` for weights u."""
        n = self._n
        self.inner.curve(x[:n], weights, x[n:], out[:n])
        self.inner.pull(x[:n], weights, out[n:])
