"""What elements of a node are computed from: the elements of its arguments, for all instances."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.elements.indices import Indices
from sparseopt.graph.index import Index, StridedIndex, index_of, shift
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Linear, Node, RowSum

__all__ = ["Elements", "elements_read", "is_literal", "row_starts"]

Elements = tuple[Node, Index]
"""Elements of a node, one for each instance."""


def is_literal(node: Node) -> TypeGuard[Constant]:
    """Whether a node is one number for every instance."""
    return isinstance(node, Constant) and node.size == 1


def row_starts(matrix: sp.csr_array, index: Index) -> tuple[NDArray[np.integer], int]:
    """Return where the chosen rows, which are equally long, start, and their length."""
    rows = index.materialize()
    starts = matrix.indptr[rows]
    return starts, int(matrix.indptr[rows[0] + 1] - starts[0])


def elements_read(node: Node, index: Index, indices: Indices) -> list[Elements]:
    """Return the elements that the formula of elements ``index`` of a node reads.

    All instances share one signature: they read one source of a gather, rows of one length.
    """
    if isinstance(node, Elementwise):
        return [(a, index) for a in node.args if not is_literal(a)]
    if isinstance(node, Gather):
        return [_source(node, index, indices)]
    if isinstance(node, Linear):
        if isinstance(node.matrix, RowSum):
            return _row_entries(node, node.matrix.width, index, indices)
        return _dot_entries(node.args[0], node.matrix, index, indices)
    return []


def _source(node: Gather, index: Index, indices: Indices) -> Elements:
    inner = indices.compose(index, node.index)
    if len(node.args) == 1:
        return node.args[0], inner
    starts = np.cumsum([0] + [s.size for s in node.args])
    first = inner.offset if isinstance(inner, StridedIndex) else int(inner.values[0])
    k = int(np.searchsorted(starts, first, side="right")) - 1
    return node.args[k], indices.unique(shift(inner, -int(starts[k])))


def _row_entries(node: Node, width: int, index: Index, indices: Indices) -> list[Elements]:
    start = indices.compose(index, StridedIndex(0, (node.size,), (width,)))
    return [(node.args[0], indices.unique(shift(start, k))) for k in range(width)]


def _dot_entries(
    argument: Node, matrix: sp.csr_array, index: Index, indices: Indices
) -> list[Elements]:
    starts, width = row_starts(matrix, index)
    return [(argument, indices.unique(index_of(matrix.indices[starts + k]))) for k in range(width)]
