"""Which places the parts of a phase write to, and which part is the first to come to each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.tasks import Base
from sparseopt.graph.index import Index, StridedIndex

__all__ = ["Owners", "Span", "index_spans", "owners"]

GAP = 16
"""Places that a part leaves out between others of its own count as its own up to this number."""
MOST_SPANS = 50
"""Spans of a part's table: places scattered more than that count as one span, from end to end."""


@dataclass(frozen=True)
class Span:
    """Places from ``first`` to ``last`` of a base, to which a part may write."""

    base: Base
    first: int
    last: int
    part: int


class Owners:
    """The part that is the first to write to a place; even parts run before odd ones."""

    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans

    def pieces(self, base: Base, start: int, stop: int) -> list[tuple[int, int, int]]:
        """Return (first, last, part) of the pieces of ``start … stop - 1``, in order.

        Places that no part writes to go to the first part.
        """
        spans = [s for s in self._spans if s.base == base and s.last >= start and s.first < stop]
        ends = {start, stop}
        for span in spans:
            ends |= {max(span.first, start), min(span.last + 1, stop)}
        cuts = np.array(sorted(ends))
        part_of = np.zeros(cuts.size - 1, np.int64)
        for span in sorted(spans, key=lambda s: -(s.part % 2)):
            low, high = np.searchsorted(cuts, [max(span.first, start), min(span.last + 1, stop)])
            part_of[low:high] = span.part
        changes = np.flatnonzero(np.diff(part_of)) + 1
        firsts = np.concatenate([[0], changes])
        lasts = np.concatenate([changes, [part_of.size]])
        columns = (cuts[firsts], cuts[lasts] - 1, part_of[firsts])
        return list(zip(*(c.tolist() for c in columns), strict=True))


def owners(spans: list[Span]) -> Owners | None:
    """Return who owns the places, or None if two even or two odd parts may write to one."""
    halves: dict[tuple[Base, int], list[Span]] = {}
    for span in spans:
        halves.setdefault((span.base, span.part % 2), []).append(span)
    if any(_overlap(half) for half in halves.values()):
        return None
    return Owners(spans)


def _overlap(spans: list[Span]) -> bool:
    """Return whether spans of different parts overlap."""
    part, end, other_end = -1, -1, -1  # the furthest end, and the furthest of another part
    for span in sorted(spans, key=lambda s: s.first):
        if (other_end if span.part == part else end) >= span.first:
            return True
        if span.part == part:
            end = max(end, span.last)
        elif span.last > end:
            part, end, other_end = span.part, span.last, end
        else:
            other_end = max(other_end, span.last)
    return False


def index_spans(
    index: Index, ends: NDArray[np.int64], is_close: bool = True
) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last, part) that cover the places of each part's instances.

    Parameters
    ----------
    index : Index
    ends : int array
        Where the instances of each part begin, and where the last one ends.
    is_close : bool
        Whether to look at each place of a table; else a part's places are one span.
    """
    parts = np.flatnonzero(np.diff(ends))
    if not (is_close or isinstance(index, StridedIndex)):
        least, most = (f.reduceat(index.values, ends[parts]) for f in (np.minimum, np.maximum))
        yield from zip(least.tolist(), most.tolist(), parts.tolist(), strict=True)
        return
    for part in parts.tolist():
        start, stop = int(ends[part]), int(ends[part + 1])
        if isinstance(index, StridedIndex):
            spans = _box_spans(index.offset, index.shape, index.strides, start, stop)
        else:
            spans = _array_spans(index.values[start:stop])
        for first, last in spans:
            yield first, last, part


def _box_spans(
    offset: int, shape: tuple[int, ...], strides: tuple[int, ...], start: int, stop: int
) -> Iterator[tuple[int, int]]:
    """Yield spans that cover the places of instances ``start … stop - 1``: at most a few."""
    if start == stop:
        return
    if len(shape) == 1:
        ends = (offset + strides[0] * start, offset + strides[0] * (stop - 1))
        yield min(ends), max(ends)
        return
    inner = math.prod(shape[1:])
    rest = (shape[1:], strides[1:])
    low, high = -(-start // inner), stop // inner
    if low > high:
        row = start // inner
        place = offset + row * strides[0]
        yield from _box_spans(place, *rest, start - row * inner, stop - row * inner)
        return
    if start < low * inner:
        place = offset + (low - 1) * strides[0]
        yield from _box_spans(place, *rest, start - (low - 1) * inner, inner)
    if low < high:
        yield _whole_rows(offset + low * strides[0], (high - low, *shape[1:]), strides)
    yield from _box_spans(offset + high * strides[0], *rest, 0, stop - high * inner)


def _whole_rows(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, int]:
    reaches = [(n - 1) * s for n, s in zip(shape, strides, strict=True)]
    return offset + sum(min(r, 0) for r in reaches), offset + sum(max(r, 0) for r in reaches)


def _array_spans(places: NDArray[np.integer]) -> Iterator[tuple[int, int]]:
    least, most = int(places.min()), int(places.max())
    touched = np.zeros(most - least + 1, bool)
    touched[places - least] = True
    found = np.flatnonzero(touched)
    breaks = np.flatnonzero(np.diff(found) > GAP)
    if breaks.size >= MOST_SPANS:
        yield least, most
        return
    firsts = found[np.concatenate([[0], breaks + 1])] + least
    lasts = found[np.concatenate([breaks, [found.size - 1]])] + least
    yield from zip(firsts.tolist(), lasts.tolist(), strict=True)
