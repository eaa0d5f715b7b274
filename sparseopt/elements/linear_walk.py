"""Taking sums apart: from a vector to the elements that add up to it.

The walk starts at a stage and goes through what is linear with constant coefficients, carrying for
every instance the element it reads, the row it adds to and its weight.  Where no large sum lies
below, the whole formula is one template; a sum of a million squares becomes a million instances
that add to one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.materialization import StageChoice, constant_factor
from sparseopt.graph.index import Index, StridedIndex, compose, index_of
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Linear, Node, RowSum

__all__ = ["Emission", "walk"]

Weight = float | NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Emission:
    """Instances of ``weight * node[elements]`` that add to ``rows`` of a stage."""

    node: Node
    elements: Index
    rows: Index
    weight: Weight
    is_root: bool = False


def walk(node: Node, choice: StageChoice) -> Iterator[Emission]:
    """Yield the elements that add up to a stage's vector."""
    identity = StridedIndex.of(0, (node.size,), (1,))
    stages = {id(s) for s in choice.stages}
    root = id(node) in stages
    stack = [Emission(node, identity, identity, 1.0, root)]
    while stack:
        item = stack.pop()
        if item.elements.size == 0:
            continue
        below = None if _is_leaf(item, stages, choice) else _split(item)
        if below is None:
            yield item
        else:
            stack.extend(reversed(below))


def _is_leaf(item: Emission, stages: set[int], choice: StageChoice) -> bool:
    if id(item.node) in stages and not item.is_root:
        return True
    return id(item.node) not in choice.wide


def _split(item: Emission) -> list[Emission] | None:
    node = item.node
    if isinstance(node, Linear):
        return [_row_sum(item, node.matrix) if isinstance(node.matrix, RowSum) else _matrix(item)]
    if isinstance(node, Gather):
        return _gather(item, node)
    assert isinstance(node, Elementwise)
    return _elementwise(item, node)


def _same(item: Emission, node: Node, weight: Weight) -> Emission:
    return Emission(node, item.elements, item.rows, weight)


def _elementwise(item: Emission, node: Elementwise) -> list[Emission] | None:
    name = node.function.name
    if name == "add":
        return [_same(item, a, item.weight) for a in node.args]
    if name == "subtract":
        first, second = node.args
        return [_same(item, first, item.weight), _same(item, second, -item.weight)]
    if name == "negative":
        return [_same(item, node.args[0], -item.weight)]
    factor = constant_factor(node)
    if factor is None:
        return None
    argument, constant, divided = factor
    values = _values(constant, item.elements)
    return [_same(item, argument, item.weight / values if divided else item.weight * values)]


def _values(constant: Constant, elements: Index) -> Weight:
    if constant.size == 1:
        return float(constant.values[0])
    return constant.values[elements.materialize()]


def _gather(item: Emission, node: Gather) -> list[Emission]:
    inner = compose(item.elements, node.index)
    if len(node.args) == 1:
        return [Emission(node.args[0], inner, item.rows, item.weight)]
    starts = np.cumsum([0] + [s.size for s in node.args])
    flat = inner.materialize()
    source = np.searchsorted(starts, flat, side="right") - 1
    parts = []
    for k, argument in enumerate(node.args):
        chosen = np.flatnonzero(source == k)
        if chosen.size:
            elements = index_of(flat[chosen] - starts[k])
            parts.append(
                Emission(argument, elements, _take(item.rows, chosen), _pick(item.weight, chosen))
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
    rows = compose(spread, item.rows)
    if item.elements.is_identity(matrix.num_rows):
        elements: Index = StridedIndex.of(0, (argument.size,), (1,))
    else:
        starts = item.elements.materialize().astype(np.int64) * width
        elements = index_of((starts[:, None] + np.arange(width)).reshape(-1))
    weight = np.repeat(item.weight, width) if isinstance(item.weight, np.ndarray) else item.weight
    return Emission(argument, elements, rows, weight)


def _matrix(item: Emission) -> Emission:
    assert isinstance(item.node, Linear)
    matrix = item.node.matrix
    assert not isinstance(matrix, RowSum)
    picked = item.elements.materialize()
    lengths = (matrix.indptr[1:] - matrix.indptr[:-1])[picked]
    owner = np.repeat(np.arange(picked.size), lengths)
    within = np.arange(owner.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    entries = np.repeat(matrix.indptr[picked], lengths) + within
    weight = matrix.data[entries] * _pick(item.weight, owner)
    return Emission(
        item.node.args[0], index_of(matrix.indices[entries]), _take(item.rows, owner), weight
    )
