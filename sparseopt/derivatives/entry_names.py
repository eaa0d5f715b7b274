"""Small whole numbers for the entries of slots, their *names*: equal entries have equal names.

A table by name tells what is known of an entry without sorting all entries.  Two kinds of slots
have names that cost little:

- those on few diagonals, as of stencils: a name is a diagonal and a column;
- those of records, such as the three coordinates of a vertex: which vertices meet is sorted once
  for all pairs of coordinates, and a name is a pair of vertices and a pair of coordinates.

What is neither is a matter of records of one number each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import ArrayIndex, Index, StridedIndex, bounds, shift
from sparseopt.patterns.entry_keys import sorted_with_positions

__all__ = ["Entry", "EntryNames", "entry_names"]

IntArray = NDArray[np.integer]
Numbers = NDArray[np.int32]

_MOST = 2**31 - 1
_ROOM = 4
"""Names for each entry that a table may have at most."""
_GLANCE = 256
"""Elements that are looked at before all."""


class Entry(Protocol):
    """A slot's entry for every instance: (first, second), or with the larger in front."""

    @property
    def first(self) -> Index:
        """Row, or either."""

    @property
    def second(self) -> Index:
        """Column, or the other one."""

    @property
    def is_folded(self) -> bool:
        """Whether the row is the larger of both."""


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


def entry_names(entries: Sequence[Entry]) -> EntryNames:
    """Return names for the entries of slots, none of which is empty.

    Examples
    --------
    >>> from sparseopt.derivatives.assembly import EntryMap
    >>> line = StridedIndex.of(0, (3,), (1,))
    >>> names = entry_names([EntryMap(line, line), EntryMap(shift(line, 1), shift(line, 1))])
    >>> names.of(0).materialize(), names.of(1).materialize()
    (array([0, 1, 2], dtype=int32), array([1, 2, 3], dtype=int32))
    """
    room = _ROOM * sum(entry.first.size for entry in entries)
    names = _diagonals(entries, room)
    if names is not None:
        return names
    records = _Records(entries, _steps(entries))
    return records if records.size <= min(room, _MOST) else _Records(entries, (1, 1))


# ---- few diagonals
class _Span(NamedTuple):
    """Row minus column of a slot's entries: the same for all, or of each above the least."""

    least: int
    above: Numbers | None


class _Diagonals:
    """Names by diagonals: ``starts`` has the name of column 0 for each of them."""

    def __init__(self, entries: Sequence[Entry], spans: list[_Span], boxes: Boxes) -> None:
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


def _diagonals(entries: Sequence[Entry], room: int) -> _Diagonals | None:
    """Return names by diagonals, unless there would be more than ``room``."""
    if any(entry.is_folded for entry in entries):
        return None
    spans: list[_Span] = []
    boxes: Boxes = {}
    for entry in entries:
        low, high = bounds(entry.second)
        span = _span(entry.first, entry.second, room // (high - low + 1))
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


# ---- records
def _step(maps: Iterable[Index]) -> int:
    """Return how many numbers a record has: the step of all index maps."""
    several = [index for index in {id(index): index for index in maps}.values() if index.size > 1]
    step = 0
    for index in several:
        strides = index.strides if isinstance(index, StridedIndex) else [_glanced_step(index)]
        step = math.gcd(step, *strides)
        if step == 1:
            return 1
    return step if step and all(_has_step(index, step) for index in several) else 1


def _glanced_step(index: ArrayIndex) -> int:
    return int(np.gcd.reduce(np.diff(index.values[:_GLANCE])))


def _has_step(index: Index, step: int) -> bool:
    if isinstance(index, StridedIndex):
        return True
    return not ((index.values - index.values[0]) % step).any()


def _steps(entries: Sequence[Entry]) -> tuple[int, int]:
    """Return how many numbers the records of rows and of columns have."""
    first, second = [e.first for e in entries], [e.second for e in entries]
    if any(entry.is_folded for entry in entries):
        return (_step(first + second),) * 2
    return _step(first), _step(second)


class _Pair(NamedTuple):
    """What a slot joins: two maps of records, and the number within each record."""

    records: tuple[int, int]
    parts: tuple[int, int]


class _Records:
    """Names by pairs of records; in a lower triangle, the larger record is the first of a pair."""

    def __init__(self, entries: Sequence[Entry], steps: tuple[int, int]) -> None:
        self._is_lower = any(entry.is_folded for entry in entries)
        self._maps: list[IntArray] = []
        self._pairs = self._joined(entries, steps)
        self._num_pairs, self._numbers = self._numbered()
        parts = [pair.parts for pair in self._pairs]
        if self._is_lower:
            parts += [part[::-1] for part in parts]
        self._parts = {part: k for k, part in enumerate(dict.fromkeys(parts))}
        self.size = self._num_pairs * len(self._parts)

    def _joined(self, entries: Sequence[Entry], steps: tuple[int, int]) -> list[_Pair]:
        numbers: dict[bytes, int] = {}
        known: dict[tuple[int, int], tuple[int, int]] = {}
        pairs: list[_Pair] = []
        for entry in entries:
            ends: list[tuple[int, int]] = []
            for index, step in zip((entry.first, entry.second), steps, strict=True):
                if (id(index), step) not in known:
                    known[id(index), step] = self._map(index, step, numbers)
                ends.append(known[id(index), step])
            if self._is_lower:
                ends.sort(reverse=True)
            (one, part), (other, other_part) = ends
            pairs.append(_Pair((one, other), (part, other_part)))
        return pairs

    def _map(self, index: Index, step: int, numbers: dict[bytes, int]) -> tuple[int, int]:
        """Return the number of a map of records, and the number within each record."""
        values = index.materialize()
        part = int(values[0]) % step
        records = values // step if step > 1 else values
        number = numbers.setdefault(records.tobytes(), len(numbers))
        if number == len(self._maps):
            self._maps.append(records)
        return number, part

    def _numbered(self) -> tuple[int, dict[tuple[int, int], Numbers]]:
        """Return how many pairs of records meet, and the number of each instance's pair."""
        kinds = list(dict.fromkeys(pair.records for pair in self._pairs))
        width = max(int(self._maps[number].max()) for kind in kinds for number in kind) + 1
        ordered, positions = sorted_with_positions(
            np.concatenate([self._keys(*kind, width) for kind in kinds])
        )
        begins = np.ones(ordered.size, bool)
        np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
        number = np.empty(ordered.size, np.int32)
        number[positions] = np.cumsum(begins, dtype=np.int32) - 1
        ends = np.cumsum([self._maps[one].size for one, _ in kinds])
        numbers = dict(zip(kinds, np.split(number, ends[:-1]), strict=True))
        return int(np.count_nonzero(begins)), numbers

    def _keys(self, one: int, other: int, width: int) -> NDArray[np.int64]:
        first, second = self._maps[one], self._maps[other]
        if self._is_lower:
            first, second = np.maximum(first, second), np.minimum(first, second)
        return first.astype(np.int64) * width + second

    def key(self, slot: int) -> object:
        return self._pairs[slot]

    def of(self, slot: int) -> Index:
        (one, other), parts = self._pairs[slot]
        names = self._numbers[one, other] * np.int32(len(self._parts))
        names += np.int32(self._parts[parts])
        if self._is_lower and parts[0] != parts[1]:
            first, second = self._maps[one], self._maps[other]
            is_turned = first < second if parts[0] > parts[1] else first <= second
            names += is_turned * np.int32(self._parts[parts[::-1]] - self._parts[parts])
        return ArrayIndex(names)
