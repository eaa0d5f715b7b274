"""`SparsityPattern`: the structural nonzeros of a matrix, in the order of their values.

The order of the values belongs to whoever computes them: element blocks write contiguous runs, not
compressed rows.  ``rows`` and ``cols`` give the place of each value; ``to_csr`` brings values into
SciPy's order by one permutation, found once.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import PatternError

__all__ = ["SparsityPattern"]

IntArray = NDArray[np.int32]


class SparsityPattern:
    """The structural nonzeros of a matrix.

    Parameters
    ----------
    rows, cols : int arrays, shape (nnz,)
        Place of each value; every place at most once.  Kept, not copied.
    shape : (int, int)
    symmetric : bool
        The entries are the lower triangle (row >= col) of a symmetric matrix.

    Raises
    ------
    PatternError
        For places outside the shape, places that occur twice, or an upper entry if symmetric.

    Examples
    --------
    >>> pattern = SparsityPattern(np.array([0, 1, 1]), np.array([0, 1, 0]), (2, 2))
    >>> pattern.nnz
    3
    >>> pattern.to_csr(np.array([1.0, 2.0, 3.0])).toarray()
    array([[1., 0.],
           [3., 2.]])
    """

    def __init__(
        self,
        rows: NDArray[np.integer],
        cols: NDArray[np.integer],
        shape: tuple[int, int],
        *,
        symmetric: bool = False,
        check: bool = True,
    ) -> None:
        self.rows = np.ascontiguousarray(rows, np.int32)
        self.cols = np.ascontiguousarray(cols, np.int32)
        self.shape = shape
        self.symmetric = symmetric
        if check:
            self._check()

    def _check(self) -> None:
        rows, cols = self.rows, self.cols
        if rows.shape != cols.shape or rows.ndim != 1:
            raise PatternError("rows and cols of a pattern have different lengths")
        inside = (rows >= 0) & (rows < self.shape[0]) & (cols >= 0) & (cols < self.shape[1])
        if not inside.all():
            k = int(np.argmin(inside))
            raise PatternError(
                f"entry ({rows[k]}, {cols[k]}) lies outside a matrix of shape {self.shape}"
            )
        if self.symmetric and (cols > rows).any():
            raise PatternError("a symmetric pattern holds the lower triangle, row >= col")
        keys = np.sort(rows.astype(np.int64) * self.shape[1] + cols)
        if (keys[1:] == keys[:-1]).any():
            raise PatternError("an entry occurs twice in a pattern")

    @staticmethod
    def from_scipy(matrix: Any, *, symmetric: bool = False) -> SparsityPattern:
        """Return the pattern of a SciPy matrix; explicit zeros count as structural nonzeros.

        With ``symmetric``, the lower triangle of a structurally symmetric matrix.
        """
        coo = sp.coo_array(sp.csr_array(matrix))
        rows, cols = coo.coords
        if symmetric:
            lower = rows >= cols
            rows, cols = rows[lower], cols[lower]
        return SparsityPattern(rows, cols, matrix.shape, symmetric=symmetric)

    @property
    def nnz(self) -> int:
        """Number of values (of the lower triangle, if symmetric)."""
        return int(self.rows.size)

    @property
    def density(self) -> float:
        """Share of the entries that are structurally nonzero."""
        stored = self.nnz
        if self.symmetric:
            stored = 2 * stored - int(np.count_nonzero(self.rows == self.cols))
        return stored / max(1, self.shape[0] * self.shape[1])

    @cached_property
    def _csr_order(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return (indptr, indices, order): SciPy's arrays, and the value at each place of them."""
        return _compress(self.rows, self.cols, self.shape)

    @property
    def indptr(self) -> IntArray:
        """Row pointers of the compressed rows."""
        return self._csr_order[0]

    @property
    def indices(self) -> IntArray:
        """Column indices of the compressed rows, ascending in each row."""
        return self._csr_order[1]

    @property
    def csr_order(self) -> IntArray:
        """Permutation: place k of the compressed rows holds value ``csr_order[k]``."""
        return self._csr_order[2]

    @cached_property
    def _symmetric_order(self) -> tuple[IntArray, IntArray, IntArray]:
        off = np.flatnonzero(self.rows != self.cols).astype(np.int32)
        rows = np.concatenate([self.rows, self.cols[off]])
        cols = np.concatenate([self.cols, self.rows[off]])
        indptr, indices, order = _compress(rows, cols, self.shape)
        source = np.concatenate([np.arange(self.nnz, dtype=np.int32), off])
        return indptr, indices, source[order]

    def to_csr(self, values: NDArray[np.float64]) -> sp.csr_array:
        """Return the matrix of the stored entries; for a symmetric pattern the lower triangle."""
        indptr, indices, order = self._csr_order
        return sp.csr_array((values[order], indices, indptr), shape=self.shape)

    def to_symmetric(self, values: NDArray[np.float64]) -> sp.csr_array:
        """Return the full symmetric matrix of lower-triangle values."""
        indptr, indices, order = self._symmetric_order
        return sp.csr_array((values[order], indices, indptr), shape=self.shape)

    def to_matrix(self, values: NDArray[np.float64]) -> sp.csr_array:
        """Return the whole matrix: both triangles, if the pattern is symmetric."""
        return self.to_symmetric(values) if self.symmetric else self.to_csr(values)

    def find(self, row: int, col: int) -> int:
        """Return the place of an entry among the values, or -1."""
        if self.symmetric and col > row:
            row, col = col, row
        low, high = self.indptr[row], self.indptr[row + 1]
        k = low + int(np.searchsorted(self.indices[low:high], col))
        return int(self.csr_order[k]) if k < high and self.indices[k] == col else -1

    def __eq__(self, other: object) -> bool:
        """Whether the same entries are structurally nonzero, in whatever order."""
        if not isinstance(other, SparsityPattern):
            return NotImplemented
        return (
            self.shape == other.shape
            and self.symmetric == other.symmetric
            and np.array_equal(self.indptr, other.indptr)
            and np.array_equal(self.indices, other.indices)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        kind = "symmetric, " if self.symmetric else ""
        return f"SparsityPattern({self.shape[0]} x {self.shape[1]}, {kind}nnz={self.nnz})"


def _compress(
    rows: IntArray, cols: IntArray, shape: tuple[int, int]
) -> tuple[IntArray, IntArray, IntArray]:
    # Values are the entries' numbers: SciPy's linear-time conversions carry the permutation.
    numbers = np.arange(rows.size, dtype=np.int32)
    by_column = sp.coo_array((numbers, (rows, cols)), shape=shape).tocsc()
    by_row = by_column.tocsr()
    by_row.sort_indices()
    return (
        by_row.indptr.astype(np.int32, copy=False),
        by_row.indices.astype(np.int32, copy=False),
        by_row.data,
    )
