"""`SparsityPattern`: the structural nonzeros of a matrix, in the order of their values.

The order of the values belongs to whoever computes them: element blocks write contiguous runs, not
compressed rows.  ``rows`` and ``cols`` give the place of each value; ``to_csr`` brings values into
SciPy's order by one permutation, found once.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import PatternError
from sparseopt.patterns.braille import picture
from sparseopt.patterns.checks import check_places, places_of, positions
from sparseopt.patterns.compressed_rows import compress
from sparseopt.patterns.entry_keys import decode, encode
from sparseopt.patterns.plot import plot_entries
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["SparsityPattern"]

IntArray = NDArray[np.int32]


class SparsityPattern:
    """The structural nonzeros of a matrix.

    Patterns are sets of entries: ``|``, ``&``, ``-``, ``<=`` and ``==`` work as for Python's sets,
    whatever the order of the values; ``.T`` is the transpose.  ``print`` shows a picture.

    Parameters
    ----------
    rows, cols : int arrays, shape (nnz,)
        Place of each value; every place at most once.  Kept, not copied.
    shape : (int, int)
    symmetric : bool
        The entries are the lower triangle (row >= col) of a symmetric matrix.
    is_local : bool
        Whether the pattern holds at one point only, and not at every one.

    Raises
    ------
    PatternError
        For places outside the shape, places that occur twice, an upper entry if symmetric, or
        2^31 entries and more.

    Examples
    --------
    >>> pattern = SparsityPattern(np.array([0, 1, 1]), np.array([0, 1, 0]), (2, 2))
    >>> pattern.nnz
    3
    >>> pattern.to_csr(np.array([1.0, 2.0, 3.0])).toarray()
    array([[1., 0.],
           [3., 2.]])
    >>> print(pattern | pattern.T)
    SparsityPattern(2 x 2, nnz=4)
    ⠛
    """

    def __init__(
        self,
        rows: NDArray[np.integer],
        cols: NDArray[np.integer],
        shape: tuple[int, int],
        *,
        symmetric: bool = False,
        is_local: bool = False,
        check: bool = True,
    ) -> None:
        self.rows = positions(rows, "rows")
        self.cols = positions(cols, "cols")
        self.shape = shape
        self.symmetric = symmetric
        self.is_local = is_local
        if check:
            check_places(self.rows, self.cols, shape, symmetric)

    @staticmethod
    def from_scipy(matrix: Any, *, symmetric: bool = False) -> SparsityPattern:
        """Return the pattern of a sparse matrix; explicit zeros count as structural nonzeros.

        A dense array is taken too, its nonzeros.  With ``symmetric``, the matrix is structurally
        symmetric, or it is the lower triangle.
        """
        return SparsityPattern(*places_of(matrix, symmetric), symmetric=symmetric)

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

    # ---- compressed rows
    @cached_property
    def _csr_order(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return (indptr, indices, order): SciPy's arrays, and the value at each place of them."""
        return compress(self.rows, self.cols, self.shape)

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
        indptr, indices, order = compress(rows, cols, self.shape)
        source = np.concatenate([np.arange(self.nnz, dtype=np.int32), off])
        return indptr, indices, source[order]

    def to_csr(self, values: NDArray[np.float64]) -> sp.csr_array:
        """Return the matrix of the stored entries; for a symmetric pattern the lower triangle."""
        indptr, indices, order = self._csr_order
        return self._matrix(indptr, indices, values[order])

    def to_symmetric(self, values: NDArray[np.float64]) -> sp.csr_array:
        """Return the full symmetric matrix of lower-triangle values."""
        indptr, indices, order = self._symmetric_order
        return self._matrix(indptr, indices, values[order])

    @cached_property
    def _blank(self) -> sp.csr_array:
        return sp.csr_array(self.shape)

    def _matrix(self, indptr: IntArray, indices: IntArray, data: NDArray[Any]) -> sp.csr_array:
        # Index arrays are copied: SciPy's methods that work in place, such as eliminate_zeros,
        # would change the pattern.  A copied blank spares the checks of a constructor.
        matrix = copy(self._blank)
        matrix.indptr, matrix.indices, matrix.data = indptr.copy(), indices.copy(), data
        return matrix

    def to_matrix(self, values: NDArray[np.float64]) -> sp.csr_array:
        """Return the whole matrix: both triangles, if the pattern is symmetric."""
        return self.to_symmetric(values) if self.symmetric else self.to_csr(values)

    def to_scipy(self) -> sp.csr_array:
        """Return the whole matrix with True at every structural nonzero."""
        indptr, indices, _ = self._symmetric_order if self.symmetric else self._csr_order
        return self._matrix(indptr, indices, np.ones(indices.size, bool))

    def find(self, row: int, col: int) -> int:
        """Return the place of an entry among the values, or -1."""
        if self.symmetric and col > row:
            row, col = col, row
        low, high = self.indptr[row], self.indptr[row + 1]
        k = low + int(np.searchsorted(self.indices[low:high], col))
        return int(self.csr_order[k]) if k < high and self.indices[k] == col else -1

    # ---- other triangles
    def full(self) -> SparsityPattern:
        """Return a symmetric pattern with both triangles written out; others are returned as is."""
        if not self.symmetric:
            return self
        indptr, indices, _ = self._symmetric_order
        rows = np.repeat(np.arange(self.shape[0], dtype=np.int32), np.diff(indptr))
        return SparsityPattern(rows, indices, self.shape, is_local=self.is_local, check=False)

    def lower(self) -> SparsityPattern:
        """Return the symmetric pattern of a structurally symmetric one: its lower triangle."""
        if self.symmetric:
            return self
        places = places_of(self.to_scipy(), symmetric=True)
        return SparsityPattern(*places, symmetric=True, is_local=self.is_local, check=False)

    @property
    def T(self) -> SparsityPattern:
        """The transpose, its values in the same order; a symmetric pattern is its own."""
        if self.symmetric:
            return self
        shape = (self.shape[1], self.shape[0])
        return SparsityPattern(self.cols, self.rows, shape, is_local=self.is_local, check=False)

    # ---- set algebra
    def _keys(self, other: SparsityPattern) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self.shape != other.shape:
            raise PatternError(f"patterns of shapes {self.shape} and {other.shape} are compared")
        one, two = (
            (self, other) if self.symmetric == other.symmetric else (self.full(), other.full())
        )
        return encode(one.rows, one.cols), encode(two.rows, two.cols)

    def _combined(self, other: SparsityPattern, keys: NDArray[np.int64]) -> SparsityPattern:
        return SparsityPattern(
            *decode(keys),
            self.shape,
            symmetric=self.symmetric and other.symmetric,
            is_local=self.is_local or other.is_local,
            check=False,
        )

    def __or__(self, other: SparsityPattern) -> SparsityPattern:
        """Return the entries of either pattern, sorted by rows."""
        return self._combined(other, np.union1d(*self._keys(other)))

    def __and__(self, other: SparsityPattern) -> SparsityPattern:
        """Return the entries of both patterns, sorted by rows."""
        return self._combined(other, np.intersect1d(*self._keys(other), assume_unique=True))

    def __sub__(self, other: SparsityPattern) -> SparsityPattern:
        """Return the entries that the other pattern does not have, sorted by rows."""
        keys = np.setdiff1d(*self._keys(other), assume_unique=True)
        return self._combined(other, np.sort(keys))

    def issubset(self, other: SparsityPattern) -> bool:
        """Whether the other pattern has every entry of this one."""
        return bool(np.isin(*self._keys(other), assume_unique=True).all())

    __le__ = issubset

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

    # ---- display
    def braille(self, width: int = 60, height: int = 20) -> str:
        """Return a picture of at most ``width`` by ``height`` characters of 2 x 4 dots each.

        A dot is an entry; where the matrix is larger than that, a block with at least one.
        """
        full = self.full()
        return picture(full.rows, full.cols, self.shape, width, height)

    def plot(self, ax: Any = None) -> Any:
        """Draw the pattern with Matplotlib and return the axes; see `plot_entries`."""
        full = self.full()
        return plot_entries(full.rows, full.cols, self.shape, ax, title=repr(self))

    def __str__(self) -> str:
        return f"{self!r}\n{self.braille()}".rstrip("\n")

    def __repr__(self) -> str:
        kind = ("symmetric, " if self.symmetric else "") + ("local, " if self.is_local else "")
        return f"SparsityPattern({self.shape[0]} x {self.shape[1]}, {kind}nnz={self.nnz})"
