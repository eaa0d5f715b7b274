"""Which elements of a vector are computed by the same formula.

The signature of an element says how it is computed, up to which elements of the inputs it reads:
the same functions applied in the same order to leaves of the same kinds.  A vector whose elements
all have one signature is *uniform*; else a `Partition` labels its elements.  Partitions are shared
between the nodes of an elementwise region, so that the cost is one pass over the elements for each
gather of a split vector, not for each operation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.distinct import distinct, distinct_rows
from sparseopt.graph.index import ranges, selector
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["Partition", "Signature", "Signatures"]


@dataclass(frozen=True, eq=False)
class Partition:
    """Labels ``0 … count - 1`` of the elements of a vector."""

    labels: NDArray[np.int32]
    count: int

    @staticmethod
    def of(keys: NDArray[np.integer]) -> tuple[Partition, NDArray[np.integer]]:
        """Return the partition into equal keys, and the key of each label."""
        values, labels = distinct(keys)
        return Partition(labels, values.size), values


@dataclass(frozen=True)
class Signature:
    """The formula of every element: ``ids[label]`` under a partition, or one id for all."""

    partition: Partition | None
    ids: tuple[int, ...]

    @property
    def is_uniform(self) -> bool:
        """Whether all elements share one formula."""
        return self.partition is None


class Signatures:
    """Signatures of nodes, computed on demand and remembered.

    Parameters
    ----------
    stages : set of int
        ``id`` of the nodes that are intermediates: they count as leaves.
    """

    def __init__(self, stages: set[int]) -> None:
        self._stages = stages
        self._ids: dict[object, int] = {}
        self._known: dict[int, Signature] = {}
        self._refined: dict[tuple[int, int], tuple[Partition, list[NDArray[np.integer]]]] = {}
        self._alive: list[object] = []

    def _intern(self, key: object) -> int:
        return self._ids.setdefault(key, len(self._ids))

    def _uniform(self, key: object) -> Signature:
        return Signature(None, (self._intern(key),))

    def of(self, node: Node) -> Signature:
        """Return the signature of a node; a stage is a leaf."""
        known = self._known
        stack = [] if id(node) in known else [node]
        while stack:  # no recursion: formulas may be thousands deep
            item = stack[-1]
            if id(item) in self._stages:
                known[id(item)] = self._uniform("stage")
            elif missing := [a for a in item.args if id(a) not in known]:
                stack += missing
                continue
            elif id(item) not in known:
                known[id(item)] = self.of_formula(item)
            stack.pop()
        return known[id(node)]

    def of_formula(self, node: Node) -> Signature:
        """Return the signature of a node's own formula, also if it is a stage."""
        if isinstance(node, Input):
            return self._uniform(node.role)
        if isinstance(node, Constant):
            return self._constant(node)
        if isinstance(node, Elementwise):
            return self._elementwise(node)
        if isinstance(node, Gather):
            return self._gather(node)
        assert isinstance(node, Linear)
        return self._linear(node)

    def _constant(self, node: Constant) -> Signature:
        if node.size == 1:
            return self._uniform(("literal", float(node.values[0])))
        zero = node.values == 0.0
        if node.has_plain_zeros or not zero.any():
            return self._uniform("data")
        if zero.all():
            return self._uniform(("literal", 0.0))
        partition = Partition(zero.astype(np.int32), 2)
        return Signature(partition, (self._intern("data"), self._intern(("literal", 0.0))))

    def _elementwise(self, node: Elementwise) -> Signature:
        arguments = [self._known.get(id(a)) or self.of(a) for a in node.args]
        name = node.function.name
        if all(s.partition is None for s in arguments):
            return self._uniform((name, *[s.ids[0] for s in arguments]))
        partition, maps = self._common(arguments)
        assert partition is not None
        ids = tuple(
            self._intern((name, *(s.ids[int(m[k])] for s, m in zip(arguments, maps, strict=True))))
            for k in range(partition.count)
        )
        return Signature(partition, ids)

    def _common(
        self, signatures: list[Signature]
    ) -> tuple[Partition | None, list[NDArray[np.integer]]]:
        """Return the common refinement, and for each signature its labels in the refined ones."""
        common: Partition | None = None
        maps: list[NDArray[np.integer]] = []
        for signature in signatures:
            count = common.count if common is not None else 1
            if signature.partition is None:
                maps.append(np.zeros(count, np.intp))
            elif common is None:
                common = signature.partition
                maps = [np.zeros(common.count, np.intp) for _ in maps]
                maps.append(np.arange(common.count))
            elif signature.partition is common:
                maps.append(np.arange(common.count))
            else:
                refined, (old, new) = self._refine(common, signature.partition)
                maps = [m[old] for m in maps]
                maps.append(new)
                common = refined
        return common, maps

    def _refine(
        self, first: Partition, second: Partition
    ) -> tuple[Partition, list[NDArray[np.integer]]]:
        key = (id(first), id(second))
        if key not in self._refined:
            keys = first.labels.astype(np.int64) * second.count + second.labels
            refined, values = Partition.of(keys)
            self._alive += [first, second]
            self._refined[key] = (refined, [values // second.count, values % second.count])
        return self._refined[key]

    def _gather(self, node: Gather) -> Signature:
        sources = [self.of(s) for s in node.args]
        if len(sources) == 1 and sources[0].is_uniform:
            return sources[0]
        counts = [len(s.ids) for s in sources]
        starts = np.cumsum([0, *counts])
        whole = np.concatenate(
            [
                np.full(a.size, starts[k], np.int32)
                if s.partition is None
                else s.partition.labels + np.int32(starts[k])
                for k, (a, s) in enumerate(zip(node.args, sources, strict=True))
            ]
        )
        partition, values = Partition.of(whole[selector(node.index)])
        source_of = np.repeat(np.arange(len(sources)), counts)
        several = len(sources) > 1
        ids = []
        for value in values:
            k = int(source_of[value])
            number = sources[k].ids[int(value - starts[k])]
            ids.append(self._intern(("from", k, number)) if several else number)
        if partition.count == 1:
            return Signature(None, tuple(ids))
        return Signature(partition, tuple(ids))

    def _linear(self, node: Linear) -> Signature:
        argument = self.of(node.args[0])
        if isinstance(node.matrix, RowSum):
            return self._row_sum(node.matrix, argument)
        return self._matrix(node.matrix, argument)

    def _row_sum(self, matrix: RowSum, argument: Signature) -> Signature:
        if argument.partition is None:
            return self._uniform(("sum", matrix.width, argument.ids[0]))
        table = argument.partition.labels.reshape(matrix.num_rows, matrix.width)
        return self._by_rows(table, argument, "sum")

    def _matrix(self, matrix: sp.csr_array, argument: Signature) -> Signature:
        lengths = np.diff(matrix.indptr)
        if argument.partition is None:
            partition, values = Partition.of(lengths)
            ids = tuple(self._intern(("dot", int(v), argument.ids[0])) for v in values)
            return Signature(partition if partition.count > 1 else None, ids)
        width = int(lengths.max(initial=0))
        table = np.full((lengths.size, width), -1, np.int32)
        row = np.repeat(np.arange(lengths.size), lengths)
        place = ranges(np.zeros_like(lengths), lengths)
        table[row, place] = argument.partition.labels[matrix.indices]
        return self._by_rows(table, argument, "dot")

    def _by_rows(self, table: NDArray[np.int32], argument: Signature, kind: str) -> Signature:
        rows, labels = distinct_rows(table)
        ids = tuple(
            self._intern((kind, *(argument.ids[int(k)] for k in row if k >= 0))) for row in rows
        )
        if len(ids) == 1:
            return Signature(None, ids)
        return Signature(Partition(labels, len(ids)), ids)
