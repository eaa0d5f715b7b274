"""Taking sums apart: from a vector to the elements that add up to it.

The walk starts at a stage and goes through what is linear, carrying for every instance the element
it reads, the row it adds to, its constant weight and its variable factors.  Where no large sum
lies below, the whole formula is one template; a sum of a million squares becomes a million
instances that add to one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.materialization import StageChoice, constant_factor
from sparseopt.graph.index import Index, StridedIndex, compose, index_of, ranges
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Linear, Node, RowSum

__all__ = ["Emission", "Factor", "chosen_instances", "walk"]

Weight = float | NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Factor:
    """What the elements of a sum are multiplied (or divided) by."""

    node: Node
    elements: Index
    divides: bool


@dataclass(frozen=True, eq=False)
class Emission:
    """Instances of ``weight * factors * node[elements]`` that add to ``rows`` of a stage."""

    node: Node
    elements: Index
    rows: Index
    weight: Weight
    factors: tuple[Factor, ...] = ()
    is_root: bool = False


def walk(node: Node, choice: StageChoice) -> Iterator[Emission]:
    """Yield the elements that add up to a stage's vector."""
    identity = StridedIndex.of(0, (node.size,), (1,))
    stages = {id(s) for s in choice.stages}
    # An output that is a call has no formula of its own: it is a copy of the call's stage.
    is_root = id(node) in stages and not isinstance(node, Call)
    stack = [Emission(node, identity, identity, 1.0, is_root=is_root)]
    walker = _Walk(choice, stages)
    while stack:
        item = stack.pop()
        if item.elements.size == 0:
            continue
        below = walker.split(item)
        if below is None:
            yield item
        else:
            stack.extend(reversed(below))


class _Walk:
    def __init__(self, choice: StageChoice, stages: set[int]) -> None:
        self.wide = choice.wide
        self.stages = stages

    def split(self, item: Emission) -> list[Emission] | None:
        """Return what an emission is the sum of, or None if it is an element."""
        node = item.node
        if id(node) in self.stages and not item.is_root:
            return None
        if id(node) not in self.wide:
            return None
        if isinstance(node, Linear):
            matrix = node.matrix
            return [_row_sum(item, matrix) if isinstance(matrix, RowSum) else _matrix(item)]
        if isinstance(node, Gather):
            return _gather(item, node)
        assert isinstance(node, Elementwise)
        return self._elementwise(item, node)

    def _elementwise(self, item: Emission, node: Elementwise) -> list[Emission]:
        name = node.function.name
        if name == "add":
            return [_same(item, a, item.weight) for a in node.args]
        if name == "subtract":
            first, second = node.args
            return [_same(item, first, item.weight), _same(item, second, -item.weight)]
        if name == "negative":
            return [_same(item, node.args[0], -item.weight)]
        constant = constant_factor(node)
        if constant is not None:
            argument, values_node, divided = constant
            values = _values(values_node, item.elements)
            weight = item.weight / values if divided else item.weight * values
            return [_same(item, argument, weight)]
        return [self._product(item, node)]

    def _product(self, item: Emission, node: Elementwise) -> Emission:
        """One argument is a sum, the other a factor of its elements."""
        first, second = node.args
        if not self._is_sum(first):
            first, second = second, first
        factor = Factor(second, item.elements, node.function.name == "divide")
        return replace(item, node=first, factors=(*item.factors, factor), is_root=False)

    def _is_sum(self, node: Node) -> bool:
        return id(node) in self.wide and id(node) not in self.stages


def _same(item: Emission, node: Node, weight: Weight) -> Emission:
    # A term that is a constant of size one stands for every element.
    elements = item.elements
    if node.size == 1 and isinstance(node, Constant):
        elements = StridedIndex.of(0, (elements.size,), (0,))
    return replace(item, node=node, elements=elements, weight=weight, is_root=False)


def _values(constant: Constant, elements: Index) -> Weight:
    if constant.size == 1:
        return float(constant.values[0])
    return constant.values[elements.materialize()]


def chosen_instances(
    item: Emission,
    positions: NDArray[np.integer],
    node: Node | None = None,
    elements: Index | None = None,
) -> Emission:
    """Return the chosen instances of an emission; of another node, if its elements are given."""
    return Emission(
        item.node if node is None else node,
        _take(item.elements, positions) if elements is None else elements,
        _take(item.rows, positions),
        _pick(item.weight, positions),
        tuple(replace(f, elements=_take(f.elements, positions)) for f in item.factors),
        is_root=item.is_root and node is None,
    )


def _gather(item: Emission, node: Gather) -> list[Emission]:
    inner = compose(item.elements, node.index)
    if len(node.args) == 1:
        return [replace(item, node=node.args[0], elements=inner, is_root=False)]
    starts = np.cumsum([0] + [s.size for s in node.args])
    flat = inner.materialize()
    source = np.searchsorted(starts, flat, side="right") - 1
    parts = []
    for k, argument in enumerate(node.args):
        chosen = np.flatnonzero(source == k)
        if chosen.size:
            parts.append(
                chosen_instances(item, chosen, argument, index_of(flat[chosen] - starts[k]))
            )
    return parts


def _take(index: Index, positions: NDArray[np.integer]) -> Index:
    return index_of(index.take(positions))


def _pick(weight: Weight, positions: NDArray[np.integer]) -> Weight:
    return weight[positions] if isinstance(weight, np.ndarray) else weight


def _row_sum(item: Emission, matrix: RowSum) -> Emission:
    width = matrix.width
    argument = item.node.args[0]
    spread = StridedIndex.of(0, (item.elements.size, width), (1, 0))
    if item.elements.is_identity(matrix.num_rows):
        elements: Index = StridedIndex.of(0, (argument.size,), (1,))
    else:
        starts = item.elements.materialize().astype(np.int64) * width
        elements = index_of((starts[:, None] + np.arange(width)).reshape(-1))
    weight = np.repeat(item.weight, width) if isinstance(item.weight, np.ndarray) else item.weight
    factors = tuple(replace(f, elements=compose(spread, f.elements)) for f in item.factors)
    return Emission(argument, elements, compose(spread, item.rows), weight, factors)


def _matrix(item: Emission) -> Emission:
    assert isinstance(item.node, Linear)
    matrix = item.node.matrix
    assert not isinstance(matrix, RowSum)
    picked = item.elements.materialize()
    lengths = (matrix.indptr[1:] - matrix.indptr[:-1])[picked]
    owner = np.repeat(np.arange(picked.size), lengths)
    entries = ranges(matrix.indptr[picked], lengths)
    columns = matrix.indices[entries]
    if columns.size and np.bincount(columns).max() == 1:
        # What is scattered stays in its own order: other blocks read the same elements in it.
        order = np.argsort(columns)
        owner, entries = owner[order], entries[order]
    spread = chosen_instances(item, owner, item.node.args[0], index_of(matrix.indices[entries]))
    return replace(spread, weight=matrix.data[entries] * spread.weight)
