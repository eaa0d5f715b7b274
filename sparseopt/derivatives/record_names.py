"""Names for entries of records, such as the three coordinates of a vertex.

Which records meet is sorted once for all their numbers; a name is a pair of records and a pair of
numbers in them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.entry_map import EntryMap
from sparseopt.graph.array_table import ArrayTable
from sparseopt.graph.index import ArrayIndex, Index, StridedIndex
from sparseopt.patterns.entry_keys import sorted_with_positions

__all__ = ["RecordNames", "record_lengths"]

IntArray = NDArray[np.integer]
Numbers = NDArray[np.int32]

_GLANCE = 256
"""Elements that are looked at before all."""


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


def record_lengths(entries: Sequence[EntryMap]) -> tuple[int, int]:
    """Return how many numbers the records of rows and of columns have."""
    first, second = [e.first for e in entries], [e.second for e in entries]
    if any(entry.is_folded for entry in entries):
        return (_step(first + second),) * 2
    return _step(first), _step(second)


class _Pair(NamedTuple):
    """What a slot joins: two maps of records, and the number within each record."""

    records: tuple[int, int]
    parts: tuple[int, int]


class RecordNames:
    """Names by pairs of records; in a lower triangle, the larger record is the first of a pair.

    Parameters
    ----------
    entries : sequence of EntryMap
        Of the slots, none of which is empty.
    steps : (int, int)
        How many numbers the records of rows and of columns have.
    """

    def __init__(self, entries: Sequence[EntryMap], steps: tuple[int, int]) -> None:
        self._is_lower = any(entry.is_folded for entry in entries)
        self._maps: list[IntArray] = []
        self._pairs = self._joined(entries, steps)
        self._num_pairs, self._numbers = self._numbered()
        parts = [pair.parts for pair in self._pairs]
        if self._is_lower:
            parts += [part[::-1] for part in parts]
        self._parts = {part: k for k, part in enumerate(dict.fromkeys(parts))}
        self.size = self._num_pairs * len(self._parts)

    def _joined(self, entries: Sequence[EntryMap], steps: tuple[int, int]) -> list[_Pair]:
        numbers: ArrayTable[int] = ArrayTable()
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

    def _map(self, index: Index, step: int, numbers: ArrayTable[int]) -> tuple[int, int]:
        """Return the number of a map of records, and the number within each record."""
        values = index.materialize()
        part = int(values[0]) % step
        records = values // step if step > 1 else values
        number = numbers.setdefault(records, len(self._maps))
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
        """Return a key: slots of equal keys have equal names."""
        return self._pairs[slot]

    def of(self, slot: int) -> Index:
        """Return the name of each instance's entry."""
        (one, other), parts = self._pairs[slot]
        # Names of one pair of numbers are together, so that a slot sees a small part of a table.
        names = self._numbers[one, other] + np.int32(self._num_pairs * self._parts[parts])
        if self._is_lower and parts[0] != parts[1]:
            first, second = self._maps[one], self._maps[other]
            is_turned = first < second if parts[0] > parts[1] else first <= second
            distance = self._parts[parts[::-1]] - self._parts[parts]
            names += is_turned * np.int32(self._num_pairs * distance)
        return ArrayIndex(names)
