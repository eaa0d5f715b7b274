"""Index sets of the nodes of a Program, node by node: the rules of each kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.opaque import is_matrix_free, read_elements
from sparseopt.graph.program import Program
from sparseopt.patterns.activity import Activity
from sparseopt.patterns.set_forms import EMPTY, IndexSets, Part, Table, map_array, union
from sparseopt.patterns.tables import Tables, num_entries

__all__ = ["Propagation"]

MAX_PARTS = 16
"""A union of more parts than this is written out as a table."""

WIDE = 64
"""Parts whose sets have more variables than this on average are never written out."""


class Propagation:
    """Finds index sets of nodes whose arguments' sets have been found."""

    def __init__(self, program: Program, activity: Activity) -> None:
        self._offsets = program.offsets
        self._activity = activity
        self.tables = Tables(program.num_variables)

    def sets_of(self, node: Node, args: Sequence[IndexSets]) -> IndexSets:
        """Return the index sets of a node's elements."""
        if isinstance(node, Elementwise):
            return self._elementwise(node, args)
        if isinstance(node, Gather):
            if len(args) == 1:
                return args[0].take(node.index) if args[0].parts else EMPTY
            return self._join(node, args)
        if isinstance(node, Linear):
            return self._linear(node, args[0]) if args[0].parts else EMPTY
        if isinstance(node, Call):
            return self._call(node, args[0]) if args[0].parts else EMPTY
        if isinstance(node, Input) and node.role == "variable" and node.size:
            start = self._offsets[id(node)]
            return IndexSets((Part(None, StridedIndex.of(start, (node.size,), (1,))),))
        assert isinstance(node, (Constant, Input))
        return EMPTY

    def _elementwise(self, node: Elementwise, args: Sequence[IndexSets]) -> IndexSets:
        flowing = []
        for sets, flag in zip(args, self._activity.first(node), strict=True):
            if sets.parts and flag is not False:
                flowing.append(sets if flag is True else sets.keep(np.asarray(flag)))
        return self._limited(union(flowing), node.size)

    def _limited(self, sets: IndexSets, size: int) -> IndexSets:
        """Write the narrow parts of a long union out as one table."""
        if len(sets.parts) <= MAX_PARTS:
            return sets
        return self._shortened(sets, size)

    def _shortened(self, sets: IndexSets, size: int) -> IndexSets:
        narrow = [p for p in sets.parts if num_entries(p) <= WIDE * size]
        if len(narrow) <= MAX_PARTS // 2 < len(sets.parts):
            narrow = list(sets.parts)
        if not narrow:
            return sets
        wide = [p for p in sets.parts if all(p is not q for q in narrow)]
        return IndexSets((*wide, self._written_out(narrow, size)))

    def _written_out(self, parts: Sequence[Part], size: int) -> Part:
        return self.tables.segment_union(np.arange(size), parts, size)

    # ---- copies
    def _join(self, node: Gather, args: Sequence[IndexSets]) -> IndexSets:
        args = self._even(node, args)
        tables = list({id(p.table): p.table for s in args for p in s.parts if p.table}.values())
        if len(tables) > 1:
            args = self._with_one_table(tables, args)
        slots: dict[tuple[int, int], tuple[Table | None, NDArray[np.int32]]] = {}
        total = sum(a.size for a in node.args)
        start = 0
        for arg, sets in zip(node.args, args, strict=True):
            used: dict[int, int] = {}
            for part in sets.parts:
                number = used[id(part.table)] = used.get(id(part.table), -1) + 1
                key = (id(part.table), number)
                if key not in slots:
                    slots[key] = (part.table, np.full(total, -1, np.int32))
                slots[key][1][start : start + arg.size] = map_array(part.rows)
            start += arg.size
        return IndexSets(tuple(Part(t, rows) for t, rows in slots.values())).take(node.index)

    def _even(self, node: Gather, args: Sequence[IndexSets]) -> Sequence[IndexSets]:
        """Write out unions of many parts where others have few: a slot is as long as all."""
        most = max(len(s.parts) for s in args)
        sizes = [a.size for a in node.args]
        filled = sum(n * len(s.parts) for n, s in zip(sizes, args, strict=True))
        if most <= 2 or most * sum(sizes) <= 2 * filled:
            return args
        return [
            self._shortened(s, n) if len(s.parts) > 2 else s
            for n, s in zip(sizes, args, strict=True)
        ]

    def _with_one_table(
        self, tables: list[Table], args: Sequence[IndexSets]
    ) -> Sequence[IndexSets]:
        stacked, starts = self.tables.stack(tables)
        start_of = {id(t): s for t, s in zip(tables, starts, strict=True)}

        def moved(part: Part) -> Part:
            if part.table is None:
                return part
            start = start_of[id(part.table)]
            rows = map_array(part.rows)
            return Part(stacked, np.where(rows >= 0, rows + np.int32(start), np.int32(-1)))

        return [IndexSets(tuple(moved(p) for p in s.parts)) for s in args]

    # ---- sums
    def _linear(self, node: Linear, sets: IndexSets) -> IndexSets:
        if isinstance(node.matrix, RowSum):
            rows, width = node.matrix.num_rows, node.matrix.width
            if width * len(sets.parts) <= MAX_PARTS:
                lines = [StridedIndex.of(k, (rows,), (width,)) for k in range(width)]
                return union([sets.take(line) for line in lines])
            targets = np.arange(rows * width, dtype=np.int32) // np.int32(width)
            return IndexSets((self.tables.segment_union(targets, sets.parts, rows),))
        counted = np.flatnonzero(node.matrix.data)
        lengths = np.diff(np.searchsorted(counted, node.matrix.indptr))
        targets = np.repeat(np.arange(node.size, dtype=np.int32), lengths)
        return self._rows(targets, sets.choose(node.matrix.indices[counted]), node.size)

    def _call(self, node: Call, sets: IndexSets) -> IndexSets:
        """Return what the function's own pattern gives; it holds at every point."""
        if is_matrix_free(node.function):
            return self.read_by(node, sets).take(StridedIndex.of(0, (node.size,), (0,)))
        order = np.argsort(node.function.jacobian_rows, kind="stable")
        targets = node.function.jacobian_rows[order]
        return self._rows(targets, sets.choose(node.function.jacobian_cols[order]), node.size)

    def read_by(self, node: Call, sets: IndexSets) -> IndexSets:
        """Return the union of all sets of the argument of a dense function: one element."""
        read = read_elements(node.function)
        return self._rows(np.zeros(read.size, np.int32), sets.choose(read), 1)

    def _rows(self, targets: NDArray[np.int32], sets: IndexSets, size: int) -> IndexSets:
        """Return the unions of the sets of equal targets, which ascend."""
        lengths = np.bincount(targets, minlength=size)
        if lengths.max(initial=0) * len(sets.parts) <= MAX_PARTS:
            return _side_by_side(sets, targets, lengths)
        return IndexSets((self.tables.segment_union(targets, sets.parts, size),))


def _side_by_side(
    sets: IndexSets, targets: NDArray[np.int32], lengths: NDArray[np.integer]
) -> IndexSets:
    """Return unions of few elements each as parts: the first element's, the second's, and on."""
    places = np.arange(targets.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    parts = []
    for place in range(int(lengths.max(initial=0))):
        chosen = np.flatnonzero(places == place)
        for part in sets.parts:
            rows = np.full(lengths.size, -1, np.int32)
            rows[targets[chosen]] = map_array(part.rows)[chosen]
            parts.append(Part(part.table, rows))
    return IndexSets(tuple(parts))
