"""The Dulmage-Mendelsohn decomposition of a pattern: which part of it is overdetermined.

A maximum matching gives every row a column of its own, as far as that is possible.  The rows that
alternating paths reach from the rows left over, and all of their columns, are the overdetermined
part: however large the values are, its rows are dependent.  The same from the columns left over
gives the underdetermined part: Dulmage and Mendelsohn (1958), doi:10.4153/CJM-1958-052-0; Pothen
and Fan (1990), doi:10.1145/98267.98287.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse import csgraph

__all__ = ["Decomposition", "Part", "connected_parts", "dulmage_mendelsohn"]

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """Rows and columns of a pattern, ascending."""

    rows: IntArray
    columns: IntArray


@dataclass(frozen=True)
class Decomposition:
    """The coarse decomposition of a pattern.

    Attributes
    ----------
    structural_rank : int
        Size of a maximum matching: the rank for almost all values.
    overdetermined, underdetermined : Part
        Without a perfect matching of the rows, and of the columns.
    """

    structural_rank: int
    overdetermined: Part
    underdetermined: Part


def dulmage_mendelsohn(pattern: sp.csr_array) -> Decomposition:
    """Return the coarse Dulmage-Mendelsohn decomposition of a matrix's stored entries.

    Examples
    --------
    Two equations in the first unknown alone, and one in two others:

    >>> pattern = sp.csr_array(np.array([[1, 0, 0], [1, 0, 0], [0, 1, 1]], bool))
    >>> found = dulmage_mendelsohn(pattern)
    >>> found.structural_rank, found.overdetermined.rows, found.overdetermined.columns
    (2, array([0, 1]), array([0]))
    >>> found.underdetermined.rows, found.underdetermined.columns
    (array([2]), array([1, 2]))
    """
    pattern = sp.csr_array(
        (np.ones(pattern.nnz, np.int8), pattern.indices, pattern.indptr), pattern.shape
    )
    transposed = sp.csr_array(pattern.T)
    column_of = _matching(pattern)
    row_of = np.full(pattern.shape[1], -1)
    matched = np.flatnonzero(column_of >= 0)
    row_of[column_of[matched]] = matched
    rows = _reached(pattern, row_of, np.flatnonzero(column_of < 0))
    columns = _reached(transposed, column_of, np.flatnonzero(row_of < 0))
    over = Part(rows, _neighbors(pattern, rows))
    under = Part(_neighbors(transposed, columns), columns)
    return Decomposition(matched.size, over, under)


def _matching(pattern: sp.csr_array) -> IntArray:
    """Return the column matched with each row, or -1."""
    if not pattern.nnz:
        return np.full(pattern.shape[0], -1)
    found = csgraph.maximum_bipartite_matching(pattern, perm_type="column")
    return np.asarray(found, np.int64)


def _reached(pattern: sp.csr_array, partner: IntArray, start: IntArray) -> IntArray:
    """Return the rows that alternating paths reach: by any entry, and back by a matched one."""
    size = pattern.shape[0]
    if not start.size:
        return start
    rows = np.repeat(np.arange(size), np.diff(pattern.indptr))
    targets = partner[pattern.indices]
    kept = (targets >= 0) & (targets != rows)
    # One more node, from which all the starting rows are reached.
    sources = np.concatenate([rows[kept], np.full(start.size, size)])
    ends = np.concatenate([targets[kept], start])
    entries = (np.ones(sources.size, np.int8), (sources, ends))
    graph = sp.coo_array(entries, shape=(size + 1, size + 1)).tocsr()
    order = csgraph.breadth_first_order(graph, size, return_predecessors=False)
    return np.sort(np.asarray(order[1:], np.int64))


def _neighbors(pattern: sp.csr_array, rows: IntArray) -> IntArray:
    is_reached = np.zeros(pattern.shape[1], bool)
    is_reached[pattern[rows].indices] = True
    return np.flatnonzero(is_reached)


def connected_parts(pattern: sp.csr_array, part: Part) -> list[Part]:
    """Return a part's pieces that share no row and no column, the smallest first."""
    inner = pattern[part.rows][:, part.columns]
    size = part.rows.size
    columns = size + inner.indices
    rows = np.repeat(np.arange(size), np.diff(inner.indptr))
    total = size + part.columns.size
    graph = sp.coo_array((np.ones(rows.size, np.int8), (rows, columns)), shape=(total, total))
    count, labels = csgraph.connected_components(graph.tocsr(), directed=False)
    order = np.argsort(labels, kind="stable")
    edges = np.searchsorted(labels[order], np.arange(1, count))
    pieces = []
    for members in sorted(np.split(order, edges), key=len):
        is_row = members < size
        pieces.append(Part(part.rows[members[is_row]], part.columns[members[~is_row] - size]))
    return pieces
