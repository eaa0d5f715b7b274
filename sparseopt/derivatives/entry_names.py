"""Small whole numbers for the entries of slots, their *names*: equal entries have equal names.

A table by name tells what is known of an entry without sorting all entries.  Parts of the matrix
that have no entry in common are named by themselves.  Three kinds of slots have names that cost
little:

- those of a row, a column or a small dense block: a name is a place in it;
- those on few diagonals, as of stencils: a name is a diagonal and a column;
- those of records, such as the three coordinates of a vertex (`record_names`).

All others are of records of one number each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.entry_map import EntryMap
from sparseopt.derivatives.record_names import RecordNames, record_lengths
from sparseopt.graph.index import ArrayIndex, Index, StridedIndex, bounds, index_of, shift

__all__ = ["EntryNames", "entry_names"]

Numbers = NDArray[np.int32]

_MOST = 2**31 - 1
_ROOM = 4
"""Names for each entry that a table may have at most."""
_DIAGONALS = 64
"""Diagonals that the entries of a slot may be on: each is a step of Python."""
_GLANCE = 256
"""Elements that are looked at before all."""


class EntryNames(Protocol):
    """Names of entries, for one slot after the other.

    Attributes
    ----------
    size : int
        Names are smaller.
    """

    size: int

    def key(self, slot: int) -> object:
        """Return a key: slots of equal keys have equal names."""

    def of(self, slot: int) -> Index:
        """Return the name of each instance's entry."""


def entry_names(entries: Sequence[EntryMap]) -> EntryNames:
    """Return names for the entries of slots, none of which is empty.

    Examples
    --------
    >>> line = StridedIndex.of(0, (30,), (1,))
    >>> names = entry_names([EntryMap(line, line), EntryMap(shift(line, 1), shift(line, 1))])
    >>> names.of(0).materialize()[:3], names.of(1).materialize()[:3]
    (array([0, 1, 2], dtype=int32), array([1, 2, 3], dtype=int32))
    """
    groups = _apart([entry.box for entry in entries])
    if len(groups) == 1:
        return _names(entries)
    return _Apart(groups, [_names([entries[slot] for slot in group]) for group in groups])


def _names(entries: Sequence[EntryMap]) -> EntryNames:
    room = _ROOM * sum(entry.first.size for entry in entries)
    box = _box(entries, room)
    if box is not None:
        return box
    names = _diagonals(entries, room)
    if names is not None:
        return names
    records = RecordNames(entries, record_lengths(entries))
    return records if records.size <= min(room, _MOST) else RecordNames(entries, (1, 1))


# ---- parts of a matrix
Box = tuple[int, int, int, int]
"""Low row, high row, low column, high column."""


class _Apart:
    """Names of groups of slots that have no entry in common."""

    def __init__(self, groups: list[list[int]], names: list[EntryNames]) -> None:
        self.size = 0
        self._owners: dict[int, tuple[EntryNames, int, int]] = {}
        for group, own in zip(groups, names, strict=True):
            self._owners.update((slot, (own, k, self.size)) for k, slot in enumerate(group))
            self.size += own.size

    def key(self, slot: int) -> object:
        names, number, start = self._owners[slot]
        return start, names.key(number)

    def of(self, slot: int) -> Index:
        names, number, start = self._owners[slot]
        return shift(names.of(number), start)


def _apart(boxes: list[Box]) -> list[list[int]]:
    """Return slots in groups whose columns, or else whose rows, are apart from each other."""
    by_columns = _intervals(range(len(boxes)), [box[2:] for box in boxes])
    return [group for some in by_columns for group in _intervals(some, [box[:2] for box in boxes])]


def _intervals(slots: Iterable[int], ends: Sequence[tuple[int, ...]]) -> list[list[int]]:
    groups: list[list[int]] = []
    last = -1
    for slot in sorted(slots, key=lambda slot: ends[slot]):
        low, high = ends[slot]
        if low > last:
            groups.append([])
        groups[-1].append(slot)
        last = max(last, high)
    return groups


class _Dense:
    """Names by rows and columns of a small box."""

    def __init__(self, entries: Sequence[EntryMap], box: Box) -> None:
        self._entries = entries
        self._low, (first, last) = box[::2], box[2:]
        self._width = last - first + 1
        self.size = (box[1] - box[0] + 1) * self._width

    def key(self, slot: int) -> object:
        return slot

    def of(self, slot: int) -> Index:
        entry, (row, col) = self._entries[slot], self._low
        rows, cols = entry.first.materialize(), entry.second.materialize()
        return index_of((rows - row) * rows.dtype.type(self._width) + (cols - col))


def _box(entries: Sequence[EntryMap], room: int) -> _Dense | None:
    """Return names by place, if a box around the entries has at most ``room`` places."""
    if any(entry.is_folded for entry in entries):
        return None
    boxes = np.array([entry.box for entry in entries])
    low, high = boxes.min(axis=0).tolist(), boxes.max(axis=0).tolist()
    names = _Dense(entries, (low[0], high[1], low[2], high[3]))
    return names if names.size <= min(room, _MOST) else None


# ---- few diagonals
class _Span(NamedTuple):
    """Row minus column of a slot's entries: the same for all, or of each above the least."""

    least: int
    above: Numbers | None


class _Diagonals:
    """Names by diagonals: ``starts`` has the name of column 0 for each of them."""

    def __init__(self, entries: Sequence[EntryMap], spans: list[_Span], boxes: Boxes) -> None:
        self._entries = entries
        self._spans = spans
        self._starts: dict[int, int] = {}
        self.size = 0
        for distance, (low, high) in boxes.items():
            self._starts[distance] = self.size - low
            self.size += high - low + 1

    def key(self, slot: int) -> object:
        entry, (least, above) = self._entries[slot], self._spans[slot]
        cols = entry.second if isinstance(entry.second, StridedIndex) else id(entry.second)
        return least, cols, None if above is None else id(entry.first)

    def of(self, slot: int) -> Index:
        cols, (least, above) = self._entries[slot].second, self._spans[slot]
        if above is None:
            return shift(cols, self._starts[least])
        starts = np.zeros(int(above.max()) + 1, np.int32)
        own = _present(above)
        starts[own] = [self._starts[least + int(d)] for d in own]
        return ArrayIndex(starts[above] + cols.materialize())


Boxes = dict[int, tuple[int, int]]
"""The least and the largest column of each diagonal."""


def _diagonals(entries: Sequence[EntryMap], room: int) -> _Diagonals | None:
    """Return names by diagonals, unless there would be more than ``room``."""
    if any(entry.is_folded for entry in entries):
        return None
    spans: list[_Span] = []
    boxes: Boxes = {}
    for entry in entries:
        low, high = bounds(entry.second)
        span = _span(entry.first, entry.second, min(_DIAGONALS, room // (high - low + 1)))
        if span is None:
            return None
        spans.append(span)
        for above in [0] if span.above is None else _present(span.above).tolist():
            known = boxes.get(span.least + above, (low, high))
            boxes[span.least + above] = (min(known[0], low), max(known[1], high))
    if sum(high - low + 1 for low, high in boxes.values()) > min(room, _MOST):
        return None
    return _Diagonals(entries, spans, boxes)


def _span(rows: Index, cols: Index, most: int) -> _Span | None:
    """Return the diagonals of entries; None for more than ``most``."""
    if isinstance(rows, StridedIndex) and isinstance(cols, StridedIndex) and rows[1:] == cols[1:]:
        return _Span(rows.offset - cols.offset, None)
    glance = np.arange(min(_GLANCE, rows.size))
    if np.unique(rows.take(glance) - cols.take(glance)).size > most:
        return None
    distances = (rows.materialize() - cols.materialize()).astype(np.int32, copy=False)
    least, largest = int(distances.min()), int(distances.max())
    if least == largest:
        return _Span(least, None)
    if largest - least > _ROOM * rows.size:
        return None
    distances -= least
    return _Span(least, distances) if _present(distances).size <= most else None


def _present(numbers: Numbers) -> NDArray[np.intp]:
    """Return the distinct numbers, ascending, in time linear in the largest."""
    return np.flatnonzero(np.bincount(numbers))
