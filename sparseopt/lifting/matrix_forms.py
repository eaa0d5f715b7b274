"""What several counts of one program have in common: forms of its large matrices, for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.lifting.variable_sets import Drawn
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["MatrixForms", "Ranges", "ranges", "recurrence"]

Recurrence = tuple["sp.csr_array", "sp.csr_array"]


@dataclass(frozen=True)
class Ranges:
    """The columns of a matrix whose rows each have consecutive ones, as in a running sum.

    Attributes
    ----------
    firsts, lengths : int arrays
        By row; the first of an empty row says nothing.
    longest : int
    """

    firsts: NDArray[np.integer]
    lengths: NDArray[np.integer]
    longest: int


class MatrixForms:
    """Transposed matrices, ranges and recurrences, by matrix; random numbers, by column.

    Attributes
    ----------
    drawn : dict
        See `variable_sets`.
    """

    def __init__(self) -> None:
        self.drawn: Drawn = {}
        self._transposed: dict[int, tuple[sp.csr_array, sp.csr_array]] = {}
        self._ranges: dict[int, tuple[sp.csr_array, Ranges | None]] = {}
        self._recurrences: dict[int, tuple[sp.csr_array, Recurrence | None]] = {}

    def transposed(self, matrix: sp.csr_array) -> sp.csr_array:
        """Return the transposed matrix by rows."""
        if id(matrix) not in self._transposed:  # the matrix is kept, so that its id is
            self._transposed[id(matrix)] = (matrix, matrix.T.tocsr())
        return self._transposed[id(matrix)][1]

    def ranges(self, matrix: sp.csr_array) -> Ranges | None:
        """Return what `ranges` does."""
        if id(matrix) not in self._ranges:
            self._ranges[id(matrix)] = (matrix, ranges(matrix))
        return self._ranges[id(matrix)][1]

    def recurrence(self, matrix: sp.csr_array) -> Recurrence | None:
        """Return what `recurrence` does."""
        if id(matrix) not in self._recurrences:
            self._recurrences[id(matrix)] = (matrix, recurrence(matrix))
        return self._recurrences[id(matrix)][1]


def ranges(matrix: sp.csr_array) -> Ranges | None:
    """Return the columns of the rows as ranges; None if some row's columns are apart.

    Examples
    --------
    >>> ranges(sp.csr_array(np.tri(3))).lengths
    array([1, 2, 3], dtype=int32)
    >>> ranges(sp.csr_array(np.array([[1.0, 0.0, 1.0]]))) is None
    True
    """
    follows, starts = np.diff(matrix.indices) == 1, matrix.indptr[1:-1]
    follows[starts[(starts > 0) & (starts < matrix.nnz)] - 1] = True
    if not matrix.nnz or not follows.all():
        return None
    lengths = np.diff(matrix.indptr)
    firsts = matrix.indices.take(matrix.indptr[:-1], mode="clip")
    return Ranges(firsts, lengths, int(lengths.max()))


def recurrence(matrix: sp.csr_array) -> Recurrence | None:
    """Return (B, S) with B u + S z = A u - z for z = A u, where that has fewer entries.

    Rows that differ little from the one before are the one before plus the difference, as in a
    running sum: z[i] = z[i - 1] + (A[i] - A[i - 1]) u.

    Examples
    --------
    >>> read, own = recurrence(sp.csr_array(np.tri(4)))
    >>> read.nnz, own.nnz
    (5, 6)
    """
    rows = matrix.shape[0]
    if rows < 2 or matrix.nnz <= 2 * rows:
        return None
    before = sp.eye_array(rows, k=-1, format="csr")
    difference = (matrix - before @ matrix).tocsr()
    difference.eliminate_zeros()
    is_shorter = np.diff(difference.indptr) + 1 < np.diff(matrix.indptr)
    if not is_shorter.any():
        return None
    follows = sp.diags_array(is_shorter.astype(np.float64))
    starts = sp.diags_array((~is_shorter).astype(np.float64))
    read = (follows @ difference + starts @ matrix).tocsr()
    own = (follows @ before - sp.eye_array(rows)).tocsr()
    for found in (read, own):
        found.eliminate_zeros()
        found.sort_indices()
    return read, own
