"""Writing one formula as a scalar expression over leaves.

`TemplateBuilder.build` walks back from the wanted elements of a vector, all of one signature,
through elementwise functions (the same instance) and copies (composing the index) to leaves:
elements of the variables, the parameters, a stage, or data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.indices import Indices
from sparseopt.elements.reads import Elements, elements_read, is_literal, row_entries
from sparseopt.graph.index import Index, selector, shift
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, Node, RowSum

__all__ = ["Indices", "Leaf", "TemplateBuilder", "TemplateTooLarge"]

MAX_OPERATIONS = 6000
MAX_DEPTH = 200

Source = Literal["x", "p", "z", "data"]

_Key = tuple[int, int]
_Part = tuple[_Key, Node, Index]
"""What a formula reads, with its key; a map's key is looked up once."""


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


class TemplateBuilder:
    """Builds the expressions of one block; its leaves are numbered in order of first use.

    With ``limited``, formulas that are too long or too deep raise `TemplateTooLarge`.
    """

    def __init__(
        self,
        pool: ExpressionPool,
        indices: Indices,
        offsets: dict[int, int],
        stage_offsets: dict[int, int],
        *,
        limited: bool = True,
    ) -> None:
        self._pool = pool
        self._indices = indices
        self._offsets = offsets
        self._stage_offsets = stage_offsets
        self._limited = limited
        self._memo: dict[_Key, int] = {}
        self._numbers: dict[object, int] = {}
        self.leaves: list[Leaf] = []

    def build(self, node: Node, index: Index, root: bool = False) -> int:
        """Return the expression of elements ``index`` of ``node``, one for each instance.

        ``root`` says that the node's own formula is wanted even if it is a stage.
        """
        if root:
            parts = self._parts(node, index)
            return self._term(node, index, [self.build(*p) for p in parts])
        # No recursion: formulas may be thousands deep.
        memo = self._memo
        wanted = self._key(node, index)
        stack: list[tuple[_Key, Node, Index, list[_Part] | None]] = [(wanted, node, index, None)]
        depth = 0
        while stack:
            key, item, where, found = stack.pop()
            if found is not None:
                depth -= 1
            elif key in memo:
                continue
            elif id(item) in self._stage_offsets:
                memo[key] = self._leaf("z", shift(where, self._stage_offsets[id(item)]))
                continue
            else:
                found = self._keyed_parts(key, item, where)
                missing = [part for part in found if part[0] not in memo]
                if missing:
                    stack.append((key, item, where, found))
                    stack += [(*part, None) for part in reversed(missing)]
                    depth += 1
                    self._check_limits(depth)
                    continue
            memo[key] = self._term(item, where, [memo[part[0]] for part in found])
        return memo[wanted]

    def _key(self, node: Node, index: Index) -> _Key:
        return id(node), self._indices.number(index)

    def _check_limits(self, depth: int) -> None:
        if self._limited and (len(self._memo) > MAX_OPERATIONS or depth > MAX_DEPTH):
            raise TemplateTooLarge

    def _parts(self, node: Node, index: Index) -> list[Elements]:
        return elements_read(node, index, self._indices)

    def _keyed_parts(self, key: _Key, node: Node, index: Index) -> list[_Part]:
        if isinstance(node, Elementwise):
            same = key[1]
            return [((id(a), same), a, index) for a in node.args if not is_literal(a)]
        return [(self._key(*part), *part) for part in self._parts(node, index)]

    def _term(self, node: Node, index: Index, terms: list[int]) -> int:
        """Return the term of elements of a node; ``terms`` are those of its parts."""
        if isinstance(node, Elementwise):
            return self._elementwise(node, terms)
        if isinstance(node, Gather):
            return terms[0]
        if isinstance(node, Input):
            source: Source = "x" if node.role == "variable" else "p"
            return self._leaf(source, shift(index, self._offsets[id(node)]))
        if isinstance(node, Constant):
            return self.data(node, index)
        assert isinstance(node, Linear)
        if isinstance(node.matrix, RowSum):
            return self._sum(terms)
        return self._dot(node, index, terms)

    def _elementwise(self, node: Elementwise, terms: list[int]) -> int:
        if len(terms) < len(node.args):
            rest = iter(terms)
            terms = [
                self._pool.literal(float(a.values[0])) if is_literal(a) else next(rest)
                for a in node.args
            ]
        return self._pool.make(node.function.name, *terms)

    def _sum(self, terms: list[int]) -> int:
        total = self._pool.literal(0.0)
        for term in terms:
            total = self._pool.make("add", total, term)
        return total

    def _dot(self, node: Linear, index: Index, terms: list[int]) -> int:
        assert not isinstance(node.matrix, RowSum)
        products = []
        entries = row_entries(node.matrix, index)
        for k, (term, chosen) in enumerate(zip(terms, entries, strict=True)):
            factor = self.values_term(node.matrix.data[chosen], (id(node), id(index), k))
            products.append(self._pool.make("multiply", factor, term))
        return self._sum(products)

    def data(self, node: Constant, index: Index) -> int:
        """Return the term of a constant's elements: a literal where they are all equal."""
        if node.size == 1:
            return self._pool.literal(float(node.values[0]))
        key = (id(node), self._indices.number(index))
        if key in self._numbers:
            return self._pool.leaf(self._numbers[key])
        if index.is_identity(node.size):
            return self.values_term(node.values, key)
        return self.values_term(node.values[selector(index)], key)

    def values_term(self, values: NDArray[np.float64], key: object) -> int:
        """Return the term of one value for each instance."""
        if values[0] == values[-1] and (values == values[0]).all():
            return self._pool.literal(float(values[0]))
        if key not in self._numbers:
            self._numbers[key] = len(self.leaves)
            self.leaves.append(Leaf("data", None, np.ascontiguousarray(values, np.float64)))
        return self._pool.leaf(self._numbers[key])

    def _leaf(self, source: Source, index: Index) -> int:
        index = self._indices.unique(index)
        key = (source, self._indices.number(index))
        if key not in self._numbers:
            self._numbers[key] = len(self.leaves)
            self.leaves.append(Leaf(source, index))
        return self._pool.leaf(self._numbers[key])
