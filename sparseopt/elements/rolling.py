"""Stacking the equal scalar expressions of unrolled loops.

A Python loop over rows records one small node for every scalar operation.  Nodes that apply the
same function to members of the same groups form a group; a group becomes one vector node.  A loop
over 10^5 rows turns into the few nodes that the vectorized formula would have recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import StridedIndex, index_of, ranges
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program

__all__ = ["roll"]

MIN_SMALL_NODES = 300
SMALL_SIZE = 64
MIN_READERS = 24
"""A value read by so many small expressions is invariant in a loop, which is rolled however short.
"""


@dataclass
class _Group:
    """Nodes to be stacked: members in order, and where each argument's elements are."""

    kind: Node
    args: tuple[int, ...]
    size: int = 0
    starts: list[list[int]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    indices: list[int | NDArray[np.integer]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)


class _Roller:
    def __init__(self) -> None:
        self.groups: list[_Group] = []
        self.numbers: dict[object, int] = {}
        self.place: dict[Node, tuple[int, int]] = {}

    def _group(self, key: object, node: Node, args: tuple[int, ...]) -> int:
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.groups)
            self.groups.append(_Group(node, args, starts=[[] for _ in args]))
        return number

    def _join(self, number: int, node: Node, starts: Sequence[int]) -> _Group:
        # Called for every operation of an unrolled loop: attributes are read once.
        group = self.groups[number]
        size = group.size
        self.place[node] = (number, size)
        for column, start in zip(group.starts, starts, strict=True):
            column.append(start)
        group.sizes.append(node.size)
        group.size = size + node.size
        return group

    def add(self, node: Node) -> None:
        if isinstance(node, Elementwise):
            self._add_elementwise(node)
        elif isinstance(node, Constant):
            self._add_constant(node)
        elif isinstance(node, Gather) and len(node.args) == 1:
            number, start = self.place[node.args[0]]
            group = self._join(self._group(("gather", number), node, (number,)), node, [start])
            index = node.index
            if isinstance(index, StridedIndex) and index.size == 1:
                group.indices.append(index.offset)
            else:
                group.indices.append(index.materialize())
        elif isinstance(node, Linear) and isinstance(node.matrix, RowSum):
            number, start = self.place[node.args[0]]
            key = ("sum", node.matrix.width, number)
            self._join(self._group(key, node, (number,)), node, [start])
        else:
            self._join(self._group(id(node), node, ()), node, [])

    def _add_elementwise(self, node: Elementwise) -> None:
        args = node.args
        if node.size == 1 and len(args) == 2:
            self._add_binary(node, self.place[args[0]], self.place[args[1]])
            return
        groups, starts = zip(*[self.place[a] for a in args], strict=True)
        key: tuple[object, ...] = (node.function.name, groups)
        if node.size > 1:
            key = (*key, *(a.size == 1 for a in args))
        self._join(self._group(key, node, groups), node, starts)

    def _add_binary(
        self, node: Elementwise, first: tuple[int, int], second: tuple[int, int]
    ) -> None:
        """Join a scalar operation of two arguments: nearly all nodes of an unrolled loop."""
        key = (node.function.name, first[0], second[0])
        number = self.numbers.get(key)
        if number is None:
            number = self._group(key, node, (first[0], second[0]))
        group = self.groups[number]
        size = group.size
        self.place[node] = (number, size)
        columns = group.starts
        columns[0].append(first[1])
        columns[1].append(second[1])
        group.sizes.append(1)
        group.size = size + 1

    def _add_constant(self, node: Constant) -> None:
        value = float(node.values[0]) if node.size == 1 else None
        special = value is not None and _is_structural(value)
        key: object = ("literal", value) if special else ("data", node.has_plain_zeros)
        number = self._group(key, node, ())
        if special:
            self.place[node] = (number, 0)
            self.groups[number].values = [node.values]
            self.groups[number].size = 1
        else:
            self._join(number, node, [])
            self.groups[number].values.append(node.values)

    # ---- rebuilding
    def build(self) -> list[Node]:
        nodes: list[Node] = []
        for group in self.groups:
            nodes.append(self._build(group, nodes))
        return nodes

    def _build(self, group: _Group, nodes: list[Node]) -> Node:
        kind = group.kind
        if isinstance(kind, Constant):
            values = np.concatenate(group.values)
            return Constant(values, kind.where, has_plain_zeros=kind.has_plain_zeros)
        if isinstance(kind, Elementwise):
            args = tuple(
                self._argument(group, k, nodes[number], kind.args[k].size == 1 < kind.size)
                for k, number in enumerate(group.args)
            )
            return Elementwise(kind.function, args, group.size, kind.where)
        if isinstance(kind, Gather) and len(kind.args) == 1:
            starts = np.repeat(np.array(group.starts[0], np.int64), group.sizes)
            flat = starts + _flat(group.indices)
            return Gather((nodes[group.args[0]],), index_of(flat), kind.where)
        if isinstance(kind, Linear) and isinstance(kind.matrix, RowSum):
            sizes = [s * kind.matrix.width for s in group.sizes]
            flat = _ranges(group.starts[0], sizes)
            arg = _gather(nodes[group.args[0]], flat)
            return Linear(RowSum(group.size, kind.matrix.width), arg, kind.where)
        return self._alone(kind, nodes)

    def _argument(self, group: _Group, k: int, source: Node, spread: bool) -> Node:
        if isinstance(source, Constant) and source.size == 1:
            return source
        if spread:
            return _gather(source, np.repeat(np.array(group.starts[k], np.int64), group.sizes))
        return _gather(source, _ranges(group.starts[k], group.sizes))

    def _alone(self, node: Node, nodes: list[Node]) -> Node:
        if isinstance(node, Input):
            return node
        if isinstance(node, Linear):
            return Linear(node.matrix, self.member(node.args[0], nodes), node.where)
        if isinstance(node, Call):
            return Call(node.function, self.member(node.args[0], nodes), node.where)
        assert isinstance(node, Gather)
        return self._several(node, nodes)

    def _several(self, node: Gather, nodes: list[Node]) -> Node:
        """Rebuild copies from many sources as copies from the few groups they are in."""
        places = [self.place[a] for a in node.args]
        used = sorted({number for number, _ in places})
        starts = dict(zip(used, np.cumsum([0] + [nodes[u].size for u in used]), strict=False))
        # A literal stands for any size: its one element is repeated.
        flat = np.concatenate(
            [
                np.full(a.size, starts[number] + start)
                if nodes[number].size == 1
                else starts[number] + start + np.arange(a.size)
                for a, (number, start) in zip(node.args, places, strict=True)
            ]
        )
        index = index_of(flat[node.index.materialize()].astype(np.int64))
        return Gather([nodes[u] for u in used], index, node.where)

    def member(self, node: Node, nodes: list[Node]) -> Node:
        """Return a node of the old program as a piece of its group."""
        number, start = self.place[node]
        return _gather(nodes[number], np.arange(start, start + node.size))


def _is_structural(value: float) -> bool:
    """Whether a literal belongs to the formula, as exponents do, rather than to its data."""
    return not np.isfinite(value) or (value == int(value) and abs(value) <= 16)


def _flat(indices: list[int | NDArray[np.integer]]) -> NDArray[np.int64]:
    """Return single places and arrays of places one after another."""
    if all(type(i) is int for i in indices):
        return np.array(indices, np.int64)
    return np.concatenate([np.atleast_1d(i) for i in indices]).astype(np.int64)


def _ranges(starts: list[int], sizes: list[int]) -> NDArray[np.int64]:
    begin, length = np.array(starts, np.int64), np.array(sizes, np.int64)
    return begin if (length == 1).all() else ranges(begin, length)


def _gather(source: Node, flat: NDArray[np.int64]) -> Node:
    index = index_of(flat)
    if index.is_identity(source.size):
        return source
    return Gather((source,), index, source.where)


def _has_invariant(small: list[Node]) -> bool:
    readers = Counter(chain.from_iterable(node.args for node in small))
    return any(
        count >= MIN_READERS and isinstance(node, Elementwise) for node, count in readers.items()
    )


def roll(program: Program) -> Program:
    """Return an equivalent program in which equal small expressions are stacked.

    Programs with few small nodes, none of them invariant in a loop, are returned as they are.
    """
    order = program.nodes()
    small = [node for node in order if node.size <= SMALL_SIZE]
    if len(small) < MIN_SMALL_NODES and not _has_invariant(small):
        return program
    roller = _Roller()
    for node in order:
        roller.add(node)
    nodes = roller.build()
    return program.with_outputs([roller.member(o, nodes) for o in program.outputs])
