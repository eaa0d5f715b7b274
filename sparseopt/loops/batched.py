"""A Program of one step as one of many steps at once: every vector becomes a row for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp

from sparseopt.graph.index import Index, StridedIndex, index_of
from sparseopt.graph.nodes import Call, Elementwise, Gather, Linear, Node, RowSum
from sparseopt.graph.program import topological_order
from sparseopt.graph.transform import with_args

__all__ = ["batched"]


def batched(
    outputs: Sequence[Node], rows: Mapping[Node, Node], fixed: Mapping[Node, Node], count: int
) -> list[Node]:
    """Return the outputs of ``count`` steps, one step after another.

    Parameters
    ----------
    outputs : sequence of Node
    rows : mapping of Node to Node
        Inputs, and what holds their values for all steps.
    fixed : mapping of Node to Node
        Inputs that are the same for all steps, and their values.
    count : int
    """
    batch = _Batch(count, dict(rows), dict(fixed))
    for node in topological_order(outputs):
        batch.visit(node)
    return [batch.whole(output) for output in outputs]


class _Batch:
    def __init__(self, count: int, rows: dict[Node, Node], fixed: dict[Node, Node]) -> None:
        self.count = count
        self.rows = rows
        self.fixed = fixed

    def visit(self, node: Node) -> None:
        """Find what stands for a node: rows for all steps, or one vector for all of them."""
        if node in self.rows or node in self.fixed:
            return
        if not any(arg in self.rows for arg in node.args):
            args = tuple(self.fixed[arg] for arg in node.args)
            same = all(new is old for new, old in zip(args, node.args, strict=True))
            self.fixed[node] = node if same else with_args(node, args)
            return
        self.rows[node] = self._many(node)

    def whole(self, node: Node) -> Node:
        """Return the rows of a node; one vector for all steps is repeated."""
        if node in self.rows:
            return self.rows[node]
        index = StridedIndex.of(0, (self.count, node.size), (0, 1))
        return Gather([self.fixed[node]], index, node.where)

    def _many(self, node: Node) -> Node:
        if isinstance(node, Elementwise):
            args = tuple(
                self.fixed[a] if a in self.fixed and a.size == 1 < node.size else self.whole(a)
                for a in node.args
            )
            return Elementwise(node.function, args, self.count * node.size, node.where)
        if isinstance(node, Gather):
            return self._gather(node)
        if isinstance(node, Call):
            return self._call(node)
        assert isinstance(node, Linear)
        arg = self.whole(node.args[0])
        if isinstance(node.matrix, RowSum):
            matrix: RowSum | sp.csr_array = RowSum(
                self.count * node.matrix.num_rows, node.matrix.width
            )
        else:
            matrix = sp.csr_array(sp.kron(sp.eye_array(self.count), node.matrix, format="csr"))
        return Linear(matrix, arg, node.where)

    def _gather(self, node: Gather) -> Node:
        if len(node.args) == 1:
            index = _repeated(node.index, self.count, node.args[0].size)
            return Gather([self.rows[node.args[0]]], index, node.where)
        sources = [self.rows.get(arg) or self.fixed[arg] for arg in node.args]
        steps = np.array([arg.size if arg in self.rows else 0 for arg in node.args], np.int64)
        ends = np.cumsum([arg.size for arg in node.args])
        starts = np.cumsum([0, *(source.size for source in sources)])[:-1]
        flat = node.index.materialize().astype(np.int64)
        owner = np.searchsorted(ends, flat, side="right")
        sizes = np.array([arg.size for arg in node.args])
        place = flat - (ends - sizes)[owner] + starts[owner]
        every = place + np.arange(self.count)[:, None] * steps[owner]
        return Gather(sources, index_of(every.reshape(-1)), node.where)

    def _call(self, node: Call) -> Node:
        """Call the function for every step by itself: it takes one vector."""
        rows, size = self.rows[node.args[0]], node.args[0].size
        parts = [
            Gather([rows], StridedIndex.of(t * size, (size,), (1,)), node.where)
            for t in range(self.count)
        ]
        found = [Call(node.function, part, node.where) for part in parts]
        return Gather(found, StridedIndex.of(0, (self.count * node.size,), (1,)), node.where)


def _repeated(index: Index, count: int, step: int) -> Index:
    """Return an index map for every row of ``step`` elements."""
    if isinstance(index, StridedIndex):
        return StridedIndex.of(index.offset, (count, *index.shape), (step, *index.strides))
    every = index.values.astype(np.int64) + step * np.arange(count, dtype=np.int64)[:, None]
    return index_of(every.reshape(-1))
