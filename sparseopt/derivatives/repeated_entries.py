"""Entries of slots that repeat one pattern: those of records, such as the blocks of a Hessian.

A camera has nine numbers and a point has three: the slots of (number i of a camera, number j of a
point) have the same entries but for a shift.  Which instances share an entry is found once for all
of them, where the shifts keep the entries of different slots apart: the rows of one pattern are
multiples of nine and so are all of its columns, and no two shifts are equal modulo nine.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from sparseopt.graph.index import Index, StridedIndex, bounds

__all__ = ["slots_by_pattern"]


@dataclass(frozen=True)
class _Map:
    """An index map but for a shift: what tells maps apart, and the greatest step of all."""

    key: Hashable
    first: int
    step: int
    low: int
    high: int


class _Maps:
    """What is known of index maps; each array is looked at once."""

    def __init__(self) -> None:
        self._known: dict[int, _Map] = {}

    def of(self, index: Index) -> _Map:
        found = self._known.get(id(index))
        if found is None:
            found = self._known[id(index)] = _described(index)
        return found


def _described(index: Index) -> _Map:
    low, high = bounds(index)
    if isinstance(index, StridedIndex):
        step = math.gcd(*index.strides)
        return _Map((index.shape, index.strides), index.offset, step, low, high)
    first = int(index.values[0])
    distances = index.values - first
    return _Map(distances.tobytes(), first, int(np.gcd.reduce(distances)), low, high)


def slots_by_pattern(entries: Sequence[tuple[Index, Index]]) -> list[list[int]] | None:
    """Return the slots grouped by pattern, if slots are proven to share no entry.

    Parameters
    ----------
    entries : sequence of (rows, columns)
        Of each slot.

    Returns
    -------
    list of list of int, or None where nothing is proven
        The entries of one group are equal but for shifts.

    Examples
    --------
    >>> first = StridedIndex.of(0, (2, 3), (2, 0))
    >>> second = StridedIndex.of(1, (2, 3), (2, 0))
    >>> slots_by_pattern([(first, first), (second, first), (second, second)])
    [[0, 1, 2]]
    """
    maps = {id(index): index for pair in entries for index in pair}
    if len(maps) > len(entries) or not all(index.size for index in maps.values()):
        return None
    known = _Maps()
    groups: dict[Hashable, list[tuple[int, _Map, _Map]]] = defaultdict(list)
    shifts: set[Hashable] = set()
    for slot, (rows, cols) in enumerate(entries):
        one, other = known.of(rows), known.of(cols)
        groups[one.key, other.key].append((slot, one, other))
        shifts.add((one.key, other.key, _rest(one), _rest(other)))
        if len(shifts) == slot:
            return None  # two shifts of a pattern are equal modulo its steps
    boxes = [_box(group) for group in groups.values()]
    if any(_meet(a, b) for k, a in enumerate(boxes) for b in boxes[:k]):
        return None
    return [[slot for slot, _, _ in group] for group in groups.values()]


def _rest(index: _Map) -> int:
    return index.first % index.step if index.step else index.first


def _box(group: list[tuple[int, _Map, _Map]]) -> tuple[int, int, int, int]:
    rows, cols = [one for _, one, _ in group], [other for _, _, other in group]
    return (
        min(m.low for m in rows),
        max(m.high for m in rows),
        min(m.low for m in cols),
        max(m.high for m in cols),
    )


def _meet(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two boxes, (low row, high row, low column, high column), have a place in common."""
    return a[0] <= b[1] and b[0] <= a[1] and a[2] <= b[3] and b[2] <= a[3]
