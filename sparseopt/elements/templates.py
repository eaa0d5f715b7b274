"""Writing one formula as a scalar expression over leaves.

`TemplateBuilder.build` walks back from the wanted elements of a vector, all of one signature,
through elementwise functions (the same instance) and copies (composing the index) to leaves:
elements of the variables, the parameters, a stage, or data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.expressions import ExpressionPool
from sparseopt.graph.index import ArrayIndex, Index, StridedIndex, compose, index_of, shift
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, Node, RowSum

__all__ = ["Indices", "Leaf", "TemplateBuilder", "TemplateTooLarge"]

MAX_OPERATIONS = 6000
MAX_DEPTH = 200

Source = Literal["x", "p", "z", "data"]


class TemplateTooLarge(Exception):  # noqa: N818 - internal signal, never reaches the user
    """Raised when one formula exceeds `MAX_OPERATIONS`; stages are then cut out of it."""


@dataclass(frozen=True, eq=False)
class Leaf:
    """One leaf of a template over all instances.

    Parameters
    ----------
    source : "x", "p", "z" or "data"
        Variables, parameters, stage values, or data of this block alone.
    index : Index or None
        Which element each instance reads; None for data.
    values : array or None
        The data, one value for each instance.
    """

    source: Source
    index: Index | None
    values: NDArray[np.float64] | None = None


class Indices:
    """Index maps made unique by content, and their compositions remembered."""

    def __init__(self) -> None:
        self._arrays: dict[bytes, ArrayIndex] = {}
        self._composed: dict[tuple[object, object], Index] = {}
        self._alive: list[Index] = []

    def unique(self, index: Index) -> Index:
        """Return the one object that stands for this map."""
        if isinstance(index, StridedIndex):
            return index
        digest = hashlib.blake2b(index.values, digest_size=16).digest()
        return self._arrays.setdefault(digest, index)

    @staticmethod
    def key(index: Index) -> object:
        """Return a dictionary key of a unique map."""
        return index if isinstance(index, StridedIndex) else id(index)

    def compose(self, outer: Index, inner: Index) -> Index:
        """Return the unique map ``inner[outer[i]]``."""
        key = (self.key(outer), self.key(inner))
        found = self._composed.get(key)
        if found is None:
            self._alive += [outer, inner]
            found = self._composed[key] = self.unique(compose(outer, inner))
        return found


class TemplateBuilder:
    """Builds the expressions of one block; its leaves are numbered in order of first use."""

    def __init__(
        self,
        pool: ExpressionPool,
        indices: Indices,
        offsets: dict[int, int],
        stage_offsets: dict[int, int],
    ) -> None:
        self._pool = pool
        self._indices = indices
        self._offsets = offsets
        self._stage_offsets = stage_offsets
        self._memo: dict[tuple[int, object], int] = {}
        self._numbers: dict[object, int] = {}
        self._depth = 0
        self.leaves: list[Leaf] = []

    def build(self, node: Node, index: Index, root: bool = False) -> int:
        """Return the expression of elements ``index`` of ``node``, one for each instance.

        ``root`` says that the node's own formula is wanted even if it is a stage.
        """
        key = (id(node), self._indices.key(index))
        if key in self._memo and not root:
            return self._memo[key]
        if len(self._memo) > MAX_OPERATIONS or self._depth > MAX_DEPTH:
            raise TemplateTooLarge
        self._depth += 1
        if not root and id(node) in self._stage_offsets:
            term = self._leaf("z", shift(index, self._stage_offsets[id(node)]))
        elif isinstance(node, Elementwise):
            term = self._elementwise(node, index)
        else:
            term = self._other(node, index)
        self._depth -= 1
        self._memo[key] = term
        return term

    def _other(self, node: Node, index: Index) -> int:
        if isinstance(node, Input):
            source: Source = "x" if node.role == "variable" else "p"
            return self._leaf(source, shift(index, self._offsets[id(node)]))
        if isinstance(node, Constant):
            return self.data(node, index)
        if isinstance(node, Gather):
            return self._gather(node, index)
        assert isinstance(node, Linear)
        if isinstance(node.matrix, RowSum):
            return self._row_sum(node, node.matrix.width, index)
        return self._dot(node, index)

    def _elementwise(self, node: Elementwise, index: Index) -> int:
        terms = [
            self._pool.literal(float(a.values[0]))
            if isinstance(a, Constant) and a.size == 1
            else self.build(a, index)
            for a in node.args
        ]
        return self._pool.make(node.function.name, *terms)

    def _gather(self, node: Gather, index: Index) -> int:
        inner = self._indices.compose(index, node.index)
        if len(node.args) == 1:
            return self.build(node.args[0], inner)
        # All instances share one signature, so they read one source.
        starts = np.cumsum([0] + [s.size for s in node.args])
        first = inner.offset if isinstance(inner, StridedIndex) else int(inner.values[0])
        k = int(np.searchsorted(starts, first, side="right")) - 1
        return self.build(node.args[k], self._indices.unique(shift(inner, -int(starts[k]))))

    def _row_sum(self, node: Node, width: int, index: Index) -> int:
        total = self._pool.literal(0.0)
        start = self._indices.compose(index, StridedIndex(0, (node.size,), (width,)))
        for k in range(width):
            entry = self._indices.unique(shift(start, k))
            total = self._pool.make("add", total, self.build(node.args[0], entry))
        return total

    def _dot(self, node: Linear, index: Index) -> int:
        assert not isinstance(node.matrix, RowSum)
        rows = index.materialize()
        starts = node.matrix.indptr[rows]
        width = int(node.matrix.indptr[rows[0] + 1] - starts[0])
        total = self._pool.literal(0.0)
        for k in range(width):
            entry = self._indices.unique(index_of(node.matrix.indices[starts + k]))
            factor = self.values_term(node.matrix.data[starts + k], (id(node), id(index), k))
            element = self.build(node.args[0], entry)
            total = self._pool.make("add", total, self._pool.make("multiply", factor, element))
        return total

    def data(self, node: Constant, index: Index) -> int:
        """Return the term of a constant's elements: a literal where they are all equal."""
        if node.size == 1:
            return self._pool.literal(float(node.values[0]))
        key = (id(node), self._indices.key(index))
        if key in self._numbers:
            return self._pool.leaf(self._numbers[key])
        if index.is_identity(node.size):
            return self.values_term(node.values, key)
        return self.values_term(node.values[index.materialize()], key)

    def values_term(self, values: NDArray[np.float64], key: object) -> int:
        """Return the term of one value for each instance."""
        if (values == values[0]).all():
            return self._pool.literal(float(values[0]))
        if key not in self._numbers:
            self._numbers[key] = len(self.leaves)
            self.leaves.append(Leaf("data", None, np.ascontiguousarray(values, np.float64)))
        return self._pool.leaf(self._numbers[key])

    def _leaf(self, source: Source, index: Index) -> int:
        key = (source, self._indices.key(self._indices.unique(index)))
        if key not in self._numbers:
            self._numbers[key] = len(self.leaves)
            self.leaves.append(Leaf(source, self._indices.unique(index)))
        return self._pool.leaf(self._numbers[key])
