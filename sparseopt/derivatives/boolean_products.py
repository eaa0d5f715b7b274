"""Products of patterns, where some rows have so many entries that counting them out takes minutes.

A row that meets a full row is full, and values that depend on no more variables than one value
with a second derivative add no pair of variables to that value's own.  What is known by these two
rules is not multiplied; the result is the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import ranges
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["congruence", "ones", "product"]

MODERATE = 20_000_000
"""Pairs of entries that are multiplied without a thought: a tenth of a second."""
MOST_CLIQUES = 8


def ones(matrix: sp.csr_array) -> sp.csr_array:
    """Return the matrix with ones for values: sums of positive numbers never vanish."""
    matrix.sum_duplicates()
    matrix.data = np.ones(matrix.nnz, np.float32)
    return matrix


def product(first: sp.csr_array, second: sp.csr_array) -> sp.csr_array:
    """Return a matrix with the pattern of ``first @ second``."""
    lengths = np.diff(second.indptr)
    if int(lengths[first.indices].sum()) <= MODERATE:
        return sp.csr_array(first @ second)
    columns = np.flatnonzero(np.bincount(second.indices, minlength=second.shape[1]))
    is_full = lengths == columns.size
    meets = np.zeros(first.shape[0], bool)
    owners = np.repeat(np.arange(first.shape[0]), np.diff(first.indptr))
    meets[owners[is_full[first.indices]]] = True
    known = _full_rows(meets, columns, second.shape[1])
    return sp.csr_array(_chosen(first, ~meets[owners]) @ second + known)


def congruence(inner: sp.csr_array, curved: sp.csr_array) -> sp.csr_array:
    """Return a matrix with the pattern of the lower triangle of ``inner.T @ curved @ inner``.

    Parameters
    ----------
    inner : csr array
        Which variables each value depends on.
    curved : csr array
        Which values have second derivatives together; symmetric.
    """
    lengths = np.diff(inner.indptr)
    n = inner.shape[1]
    known = sp.csr_array((n, n), dtype=np.float32)
    for _ in range(MOST_CLIQUES):
        rows, cols = sp.coo_array(curved).coords
        widths = np.where(curved.diagonal() > 0, lengths, 0).astype(np.int64)
        if int(lengths[rows].astype(np.float64) @ lengths[cols]) <= MODERATE or not widths.any():
            break
        widest = int(np.argmax(widths))
        members = np.sort(inner.indices[inner.indptr[widest] : inner.indptr[widest + 1]])
        is_inside = _within(inner, members)
        curved = _chosen(curved, ~(is_inside[rows] & is_inside[cols]))
        known = known + _clique(members, n)
    rest = sp.csr_array(sp.tril(inner.T @ (curved @ inner)))
    return ones(sp.csr_array(rest + known))


def _within(inner: sp.csr_array, members: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return which rows have entries in no other columns."""
    is_other = np.ones(inner.shape[1], np.float32)
    is_other[members] = 0.0
    inside: NDArray[np.bool_] = inner @ is_other == 0.0
    return inside


def _clique(members: NDArray[np.integer], n: int) -> sp.csr_array:
    """Return all pairs of members, which are sorted: the lower triangle."""
    counts = np.zeros(n, np.int64)
    counts[members] = np.arange(1, members.size + 1)
    upto = counts[members]
    columns = members[ranges(np.zeros_like(upto), upto)]
    return _pattern(counts, columns, n)


def _full_rows(
    is_full: NDArray[np.bool_], columns: NDArray[np.integer], width: int
) -> sp.csr_array:
    counts = np.where(is_full, columns.size, 0)
    return _pattern(counts, np.tile(columns, np.count_nonzero(is_full)), width)


def _pattern(counts: NDArray[np.integer], columns: NDArray[np.integer], width: int) -> sp.csr_array:
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    values = np.ones(columns.size, np.float32)
    return sp.csr_array((values, columns.astype(np.int32), starts), shape=(counts.size, width))


def _chosen(matrix: sp.csr_array, entries: NDArray[np.bool_]) -> sp.csr_array:
    """Return the matrix with the chosen of its entries alone."""
    before = np.concatenate([[0], np.cumsum(entries)])
    parts = (matrix.data[entries], matrix.indices[entries], before[matrix.indptr])
    return sp.csr_array(parts, shape=matrix.shape)
