"""What elements of a node are computed from: the elements of its arguments, for all instances."""

from __future__ import annotations

from bisect import bisect_right
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.indices import Indices
from sparseopt.graph.index import Index, StridedIndex, index_of, selector, shift
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Linear, Node, RowSum
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["Elements", "elements_read", "is_literal", "row_entries"]

Elements = tuple[Node, Index]
"""Elements of a node, one for each instance."""


def is_literal(node: Node) -> TypeGuard[Constant]:
    """Whether a node is one number for every instance."""
    return isinstance(node, Constant) and node.size == 1


def row_entries(matrix: sp.csr_array, index: Index) -> list[slice | NDArray[np.integer]]:
    """Return where the first, second, … entries of the chosen rows are; all are equally long."""
    first = index.offset if isinstance(index, StridedIndex) else index.values[0]
    starts = index_of(matrix.indptr[selector(index)])
    width = int(matrix.indptr[first + 1] - matrix.indptr[first])
    return [selector(shift(starts, k)) for k in range(width)]


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
            return _terms_of_sum(node, node.matrix.width, index, indices)
        return _dot_entries(node.args[0], node.matrix, index, indices)
    return []


def _source(node: Gather, index: Index, indices: Indices) -> Elements:
    inner = indices.compose(index, node.index)
    if len(node.args) == 1:
        return node.args[0], inner
    starts = indices.starts(node)
    first = inner.offset if isinstance(inner, StridedIndex) else int(inner.values[0])
    k = bisect_right(starts, first) - 1
    return node.args[k], indices.unique(shift(inner, -starts[k]))


def _terms_of_sum(node: Node, width: int, index: Index, indices: Indices) -> list[Elements]:
    start = indices.compose(index, StridedIndex(0, (node.size,), (width,)))
    return [(node.args[0], indices.unique(shift(start, k))) for k in range(width)]


def _dot_entries(
    argument: Node, matrix: sp.csr_array, index: Index, indices: Indices
) -> list[Elements]:
    places = row_entries(matrix, index)
    return [(argument, indices.unique(index_of(matrix.indices[chosen]))) for chosen in places]
