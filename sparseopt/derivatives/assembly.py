"""Where each local derivative goes: from slots of blocks to places among the values.

A slot is one local derivative of a block, with the row and the column of its entry for every
instance.  `assemble` finds the distinct entries of all slots and numbers them so that slots write
contiguous runs wherever their index maps are affine:

- slots that lie on one line of the matrix (a diagonal, a row, a column) share a run of places and
  are never written out;
- what remains is numbered in order of first appearance, by a sort or by a table of names.

Values that are proven constant come first, then those that several slots add to, then those that
one slot alone stores.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.entry_map import EntryMap
from sparseopt.derivatives.entry_names import EntryNames, entry_names
from sparseopt.derivatives.number_table import NumberTable
from sparseopt.derivatives.repeated_entries import slots_by_pattern
from sparseopt.graph.index import (
    Index,
    StridedIndex,
    bounds,
    index_of,
    ranges,
    selector,
    shift,
    written_out,
)
from sparseopt.patterns.entry_keys import sorted_with_positions

__all__ = ["Assembly", "EntryMap", "assemble"]

_Pair = tuple[int, int]
Integers = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Assembly:
    """The entries of a matrix and the place of every slot's values.

    Parameters
    ----------
    rows, cols : int32 arrays
        Entry of each place.
    places : list of Index
        For each slot, the place of each instance's value.
    exclusive : list of bool
        For each slot, whether nothing else goes to its places.
    num_shared : int
        Places below this one are constant or added to by several slots: they start from a fill.
    """

    rows: NDArray[np.int32]
    cols: NDArray[np.int32]
    places: list[Index]
    exclusive: list[bool]
    num_shared: int

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(self.rows.size)


@dataclass
class _Run:
    """Entries of one line, or a set of unique entries; ``slots`` are (slot, offset) pairs."""

    rows: Index
    cols: Index
    size: int
    slots: list[tuple[int, int]]


def _line_of(entry: EntryMap) -> tuple[tuple[int, int], tuple[int, int], int] | None:
    """Return (direction, residual, position) of a slot on a line of the matrix, else None."""
    if entry.is_folded:
        return None  # what lies on a line is not folded
    rows, cols = entry.first, entry.second
    if not (isinstance(rows, StridedIndex) and isinstance(cols, StridedIndex)):
        return None
    if not (rows.is_line and cols.is_line) or rows.size == 1:
        return None
    direction = (rows.strides[0], cols.strides[0])
    step = direction[1] or direction[0]
    if step <= 0 or min(direction) < 0:
        return None
    position = (cols.offset if direction[1] else rows.offset) // step
    residual = (rows.offset - direction[0] * position, cols.offset - direction[1] * position)
    return direction, residual, position


def _box(run: _Run) -> tuple[int, int, int, int]:
    return *bounds(run.rows), *bounds(run.cols)


def _line_runs(entries: list[EntryMap]) -> tuple[list[_Run], list[int]]:
    """Group the slots that lie on lines into runs; return the runs and the slots left over."""
    lines: dict[tuple[_Pair, _Pair], list[tuple[int, int]]] = defaultdict(list)
    rest: list[int] = []
    for slot, entry in enumerate(entries):
        line = _line_of(entry)
        if line is None:
            rest.append(slot)
        else:
            lines[line[0], line[1]].append((line[2], slot))
    runs: list[_Run] = []
    for (direction, residual), members in lines.items():
        runs += _segments(entries, direction, residual, sorted(members))
    return runs, rest


def _segments(
    entries: list[EntryMap],
    direction: tuple[int, int],
    residual: tuple[int, int],
    members: list[tuple[int, int]],
) -> list[_Run]:
    runs: list[_Run] = []
    start = stop = 0
    for position, slot in members:
        if not runs or position > stop:
            start = stop = position
            runs.append(_Run(entries[slot].rows, entries[slot].cols, 0, []))
        stop = max(stop, position + entries[slot].rows.size)
        run = runs[-1]
        run.slots.append((slot, position - start))
        run.size = stop - start
        run.rows, run.cols = (
            StridedIndex.of(r + d * start, (run.size,), (d,))
            for r, d in zip(residual, direction, strict=True)
        )
    return runs


FEW = 1 << 14
"""Instances up to which one sort of all entries is the quickest."""
_BLOCK = 1024
"""Runs whose boxes are compared with all others at a time."""
FEW_RUNS = 1 << 10
"""Runs of places that are copied one by one."""


def _conflicts(runs: list[_Run], entries: list[EntryMap], rest: list[int]) -> set[int]:
    """Return the runs that may share an entry with another run or with the slots left over."""
    if not runs:
        return set()
    slots = [entries[s] for s in rest if entries[s].size]
    boxes = np.array([*map(_box, runs), *(slot.box for slot in slots)], np.int64).T
    numbers: dict[tuple[int, int], int] = {}
    # Runs of one direction share no entry; what is left over is of no direction.
    lines = [numbers.setdefault(_direction(run), len(numbers)) for run in runs]
    directions = np.array(lines + [-1] * len(slots))
    bad: set[int] = set()
    for start in range(0, len(runs), _BLOCK):
        chosen = slice(start, min(start + _BLOCK, len(runs)))
        low_r, high_r, low_c, high_c = boxes[:, chosen, None]
        meet = (low_r <= boxes[1]) & (boxes[0] <= high_r)
        meet &= (low_c <= boxes[3]) & (boxes[2] <= high_c)
        meet &= directions[chosen, None] != directions
        bad.update((np.flatnonzero(meet.any(axis=1)) + start).tolist())
    return bad


def _direction(run: _Run) -> tuple[int, int]:
    assert isinstance(run.rows, StridedIndex)
    assert isinstance(run.cols, StridedIndex)
    return run.rows.strides[0], run.cols.strides[0]


class _Assembler:
    def __init__(self, entries: list[EntryMap], shape: tuple[int, int]) -> None:
        self.entries = entries
        self.width = max(1, shape[1])
        self.places: list[Index | None] = [None] * len(entries)
        self.exclusive = [False] * len(entries)
        self.rows: list[NDArray[np.int32]] = []
        self.cols: list[NDArray[np.int32]] = []
        self.size = 0

    def keys(self, slot: int) -> NDArray[np.int64]:
        entry = self.entries[slot]
        return entry.rows.materialize().astype(np.int64) * self.width + entry.cols.materialize()

    def add_run(self, run: _Run) -> None:
        for slot, offset in run.slots:
            count = self.entries[slot].size
            self.places[slot] = StridedIndex.of(self.size + offset, (count,), (1,))
            self.exclusive[slot] = len(run.slots) == 1
        self._append(run.rows.materialize(), run.cols.materialize())

    def _append(self, rows: NDArray[np.integer], cols: NDArray[np.integer]) -> None:
        self.rows.append(rows.astype(np.int32, copy=False))
        self.cols.append(cols.astype(np.int32, copy=False))
        self.size += rows.size

    def entries_as_numbered(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return rows and columns by place."""
        none = np.zeros(0, np.int32)
        return np.concatenate([none, *self.rows]), np.concatenate([none, *self.cols])

    def add_unique(self, slots: list[int], rows: Integers, cols: Integers) -> None:
        """Give slots places one after another; their entries are known to be distinct."""
        start = self.size
        for slot in slots:
            count = self.entries[slot].size
            self.places[slot] = StridedIndex.of(start, (count,), (1,))
            self.exclusive[slot] = True
            start += count
        self._append(rows, cols)

    def add_sorted(self, slots: list[int], keys: NDArray[np.int64], groups: _Groups) -> None:
        """Give the distinct entries of slots places, in order of first appearance."""
        number, is_shared = groups.numbers()
        number += self.size
        shared = is_shared.tolist()
        start = 0
        for slot in slots:
            stop = start + self.entries[slot].size
            self.places[slot] = index_of(number[start:stop])
            self.exclusive[slot] = not any(shared[start:stop])
            start = stop
        distinct = keys[groups.is_first]
        self._append(distinct // self.width, distinct % self.width)

    def add_named(self, slots: list[int], names: EntryNames) -> None:
        """Give slots places as `add_sorted` does, by a table of names instead of a sort."""
        start = self.size
        table = NumberTable(names.size, sum(self.entries[slot].size for slot in slots))
        found: dict[object, tuple[Index, Index]] = {}
        slots_of: dict[object, int] = {}
        for number, slot in enumerate(slots):
            key = names.key(number)
            slots_of[key] = slots_of.get(key, 0) + 1
            if key not in found:
                found[key] = table.number(names.of(number))
                self._append(*self.entries[slot].at(found[key][1]))
            self.places[slot] = shift(found[key][0], start)
        for number, slot in enumerate(slots):
            key = names.key(number)
            self.exclusive[slot] = slots_of[key] == 1 and not table.is_repeated(*found[key])

    def add_patterns(self, slots: list[int], patterns: list[list[int]]) -> None:
        """Give slots places as `add_sorted` does; those of a pattern are equal but for a shift."""
        found: dict[int, tuple[Index, bool, NDArray[np.bool_]]] = {}
        for members in patterns:
            groups = _Groups(self.keys(slots[members[0]]))
            number, shared = groups.numbers()
            same = index_of(number), not bool(shared.any()), groups.is_first
            found.update((slots[k], same) for k in members)
        for slot in slots:
            place, self.exclusive[slot], chosen = found[slot]
            self.places[slot] = shift(place, self.size)
            entry = self.entries[slot]
            self._append(entry.rows.materialize()[chosen], entry.cols.materialize()[chosen])


class _Groups:
    """Equal numbers, found by one sort.

    Attributes
    ----------
    order : int array
        Positions sorted by number, those of equal numbers ascending.
    first, counts : int arrays
        The first position of each group, and its size, by ascending number.
    is_first : bool array
        Which positions are the first of their group.
    """

    def __init__(self, numbers: NDArray[np.int64]) -> None:
        ordered, self.order = sorted_with_positions(numbers)
        begins = np.ones(numbers.size, bool)
        np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
        starts = np.flatnonzero(begins)
        self.first = self.order[starts]
        self.counts = np.diff(starts, append=numbers.size)
        self.is_first = np.zeros(numbers.size, bool)
        self.is_first[self.first] = True

    def numbers(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return each position's group, in order of first appearance, and if it has others."""
        number = np.cumsum(self.is_first, dtype=np.int64) - 1
        flat, shared = np.empty_like(number), np.empty(number.size, bool)
        flat[self.order] = np.repeat(number[self.first], self.counts)
        shared[self.order] = np.repeat(self.counts > 1, self.counts)
        return flat, shared


def assemble(entries: list[EntryMap], shape: tuple[int, int]) -> Assembly:
    """Return the distinct entries of the slots, and the place of every value.

    Parameters
    ----------
    entries : list of EntryMap
        One for each slot.
    shape : (int, int)
        Shape of the matrix.

    Returns
    -------
    Assembly

    Notes
    -----
    Linear in the number of slots where they lie on lines, and in the number of instances on few
    diagonals; records are sorted (`entry_names`).
    """
    work = _Assembler(entries, shape)
    runs, rest = _line_runs(entries)
    bad = _conflicts(runs, entries, rest)
    rest += [slot for k in bad for slot, _ in runs[k].slots]
    good = [run for k, run in enumerate(runs) if k not in bad]
    if rest:
        rest.sort()
        _add_rest(work, rest)
    for run in good:
        work.add_run(run)
    return _ordered(work)


def _add_rest(work: _Assembler, rest: list[int]) -> None:
    entries = [work.entries[slot] for slot in rest]
    is_any_folded = any(entry.is_folded for entry in entries)
    patterns = None if is_any_folded else slots_by_pattern([(e.first, e.second) for e in entries])
    if patterns is not None:
        work.add_patterns(rest, patterns)
        return
    if sum(entry.size for entry in entries) > FEW:
        some = [slot for slot in rest if work.entries[slot].size]
        none = np.zeros(0, np.int32)
        work.add_unique([slot for slot in rest if not work.entries[slot].size], none, none)
        work.add_named(some, entry_names([work.entries[slot] for slot in some]))
        return
    rows, cols = written_out([e.rows for e in entries]), written_out([e.cols for e in entries])
    keys = rows.astype(np.int64) * work.width + cols
    groups = _Groups(keys)
    if groups.first.size == keys.size:
        work.add_unique(rest, rows, cols)
    else:
        work.add_sorted(rest, keys, groups)


def _ordered(work: _Assembler) -> Assembly:
    """Move constant and shared places to the front, keeping the order otherwise."""
    places = [p for p in work.places if p is not None]
    entries = work.entries
    stored = [e and not x.is_constant for e, x in zip(work.exclusive, entries, strict=True)]
    if all(stored) or not any(stored):
        shared = 0 if all(stored) else work.size
        return Assembly(*work.entries_as_numbered(), places, work.exclusive, shared)
    owner = np.zeros(work.size, np.int8)  # 0 constant, 1 shared, 2 stored by one slot
    for place, alone, entry in zip(places, work.exclusive, entries, strict=True):
        if not entry.is_constant:
            owner[selector(place)] = 2 if alone else 1
    shared = int(np.count_nonzero(owner < 2))
    if (owner[1:] >= owner[:-1]).all():
        return Assembly(*work.entries_as_numbered(), places, work.exclusive, shared)
    order = _Order(owner)
    moved = [order.renumbered(place) for place in places]
    rows, cols = order.apply(work.rows), order.apply(work.cols)
    return Assembly(rows, cols, moved, work.exclusive, shared)


class _Order:
    """Places in the order of their kinds, those of one kind as they were.

    They are moved run by run of one kind: most matrices have few of these.
    """

    def __init__(self, kinds: NDArray[np.int8]) -> None:
        changes = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
        self._starts, ends = np.append(0, changes), np.append(changes, kinds.size)
        self._lengths = ends - self._starts
        self._order = np.argsort(kinds[self._starts], kind="stable")
        moved = self._lengths[self._order]
        self._moved = np.empty_like(ends)
        self._moved[self._order] = np.cumsum(moved) - moved

    def apply(self, parts: list[NDArray[np.int32]]) -> NDArray[np.int32]:
        """Return arrays of values, one after another, in the new order."""
        starts, lengths = self._starts[self._order], self._lengths[self._order]
        if starts.size > FEW_RUNS:
            return np.concatenate(parts)[ranges(starts, lengths)]
        ends = list(accumulate(part.size for part in parts))
        pieces: list[NDArray[np.int32]] = []
        for start, stop in zip(starts.tolist(), (starts + lengths).tolist(), strict=True):
            for k in range(bisect_right(ends, start), bisect_left(ends, stop) + 1):
                first = ends[k] - parts[k].size
                pieces.append(parts[k][max(start - first, 0) : stop - first])
        return np.concatenate(pieces)

    @cached_property
    def _new(self) -> NDArray[np.int32]:
        """The new number of each place."""
        return ranges(self._moved, self._lengths).astype(np.int32)

    def renumbered(self, place: Index) -> Index:
        """Return the map to the new numbers of the places."""
        if not place.size:
            return index_of(self._new[place.materialize()])
        low, high = np.searchsorted(self._starts, bounds(place), side="right") - 1
        if low == high:
            return shift(place, int(self._moved[low] - self._starts[low]))
        return index_of(self._new[place.materialize()])
