"""Index maps: which element of a source each element of a result is a copy of.

An index map is kept as an offset, a shape and strides wherever it is affine (all basic slicing,
transposes, broadcasts), so that slicing 10^7 variables stores no index; else as an int32 array.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ArrayIndex",
    "Index",
    "StridedIndex",
    "bounds",
    "compose",
    "index_of",
    "ranges",
    "repetition",
    "selector",
    "shift",
    "written_out",
]

IntArray = NDArray[np.integer]

_GLANCE = 64
"""Elements that are looked at before all: most maps that are not affine show it early."""


def _coalesce(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Merge neighboring dimensions that one stride describes, and drop those of length one."""
    dims: list[tuple[int, int]] = []
    for length, stride in zip(shape, strides, strict=True):
        if length == 1:
            continue
        if dims and dims[-1][1] == stride * length:
            dims[-1] = (dims[-1][0] * length, stride)
        else:
            dims.append((length, stride))
    if not dims:
        dims = [(math.prod(shape), 0 if math.prod(shape) != 1 else 1)]
    return tuple(d[0] for d in dims), tuple(d[1] for d in dims)


class StridedIndex(NamedTuple):
    """The affine index map ``offset + sum_k strides[k] * i_k`` over a C-ordered box ``shape``.

    Build it with `StridedIndex.of`, which merges dimensions, so that equal maps compare equal.
    A tuple, because set-up makes and looks up thousands of them.
    """

    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @staticmethod
    def of(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> StridedIndex:
        """Return the canonical map of a strided view."""
        if len(shape) == 1 and shape[0]:
            return StridedIndex(int(offset), shape, strides if shape[0] > 1 else (1,))
        merged = _coalesce(shape, strides)
        return StridedIndex(int(offset), *merged)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def is_line(self) -> bool:
        """Whether one offset and one stride describe the map."""
        return len(self.shape) == 1

    def is_identity(self, size: int) -> bool:
        """Whether the map is ``0, 1, …, size - 1``."""
        return (
            self.is_line
            and self.offset == 0
            and self.size == size
            and (self.strides[0] == 1 or size == 1)
        )

    def materialize(self) -> IntArray:
        """Return the map as an index array, without keeping it."""
        dtype = self._dtype()
        if len(self.shape) == 1 and self.strides[0]:
            first, stride = self.offset, self.strides[0]
            line: IntArray = np.arange(first, first + stride * self.shape[0], stride, dtype=dtype)
            return line
        total: NDArray[Any] = np.asarray(self.offset, dtype)
        for axis, (length, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            steps = np.arange(length, dtype=dtype) * dtype(stride)
            total = total[..., None] + steps if axis else total + steps
        return np.ascontiguousarray(total).reshape(-1)

    def take(self, positions: IntArray) -> IntArray:
        """Return the mapped positions, without writing the map out."""
        if self.is_line:
            wide = self.offset + abs(self.strides[0]) * self.size >= 2**31
            dtype: Any = np.int64 if wide else np.int32
            scaled: NDArray[Any] = positions.astype(dtype)
            if self.strides[0] != 1:
                scaled *= dtype(self.strides[0])
            if self.offset:
                scaled += dtype(self.offset)
            return scaled
        if 4 * positions.size > self.size:
            return self.materialize()[positions]
        place, mapped = positions.astype(np.int64), np.full(positions.shape, self.offset)
        for length, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            place, step = np.divmod(place, length)
            mapped += step * stride
        return mapped.astype(self._dtype(), copy=False)

    def _dtype(self) -> Any:
        bound = self.offset
        for stride, length in zip(self.strides, self.shape, strict=True):
            bound += abs(stride) * max(length - 1, 0)
        return np.int32 if bound < 2**31 else np.int64


@dataclass(frozen=True, eq=False)
class ArrayIndex:
    """An index map written out as an integer array."""

    values: IntArray

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(self.values.size)

    def is_identity(self, size: int) -> bool:
        """Return False: a map that is affine is never stored as an array."""
        return False

    def materialize(self) -> IntArray:
        """Return the index array."""
        return self.values

    def take(self, positions: IntArray) -> IntArray:
        """Return the mapped positions."""
        return self.values[positions]


Index = StridedIndex | ArrayIndex


def _line(values: IntArray) -> StridedIndex | None:
    size = values.size
    if size == 1:
        return StridedIndex(int(values[0]), (1,), (1,))
    first, stride = int(values[0]), int(values[1]) - int(values[0])
    if int(values[-1]) - first != stride * (size - 1):
        return None
    same = _has_steps(values, stride)
    return StridedIndex(first, (size,), (stride,)) if same else None


def _has_steps(values: IntArray, stride: int) -> bool:
    """Whether neighbors along the last axis differ by ``stride``."""
    head = values[..., :_GLANCE]
    if not (head[..., 1:] - head[..., :-1] == stride).all():
        return False
    is_all = head.shape == values.shape
    return is_all or bool((values[..., 1:] - values[..., :-1] == stride).all())


def _first_break(values: IntArray, stride: int) -> int | None:
    """Return where the first step is that is not ``stride``; None where all are."""
    for part in (values[:_GLANCE], values[: 1 << 16], values):
        breaks = part[1:] - part[:-1] != stride
        place = int(breaks.argmax())
        if breaks[place]:
            return place
    return None


def _box(values: IntArray) -> StridedIndex | None:
    """Detect a two-level affine map: equal runs of one stride whose starts are affine."""
    stride = int(values[1]) - int(values[0])
    place = _first_break(values, stride)
    if not place or values.size % (place + 1):  # a run has two elements and more
        return None
    runs = values.reshape(-1, place + 1)
    if not _has_steps(runs[:_GLANCE], stride):
        return None
    starts = index_of(np.ascontiguousarray(runs[:, 0]))
    if not isinstance(starts, StridedIndex) or not _has_steps(runs, stride):
        return None
    shape, strides = (*starts.shape, place + 1), (*starts.strides, stride)
    return StridedIndex.of(starts.offset, shape, strides)


def index_of(values: IntArray) -> Index:
    """Return the index map of an integer array: strided where it is affine, else the array."""
    if values.size == 0:
        return StridedIndex(0, (0,), (1,))
    found = _line(values)
    if found is None and values.size > 3:
        found = _box(values)
    if found is not None:
        return found
    is_narrow = values.dtype == np.int32 or values.max() < 2**31
    narrow = values.astype(np.int32, copy=False) if is_narrow else values
    return ArrayIndex(np.ascontiguousarray(narrow))


def compose(outer: Index, inner: Index) -> Index:
    """Return the map ``i -> inner[outer[i]]``: first choose by ``outer``, then by ``inner``."""
    if isinstance(outer, StridedIndex) and isinstance(inner, StridedIndex):
        if outer.is_identity(inner.size):
            return inner
        if inner.is_line:
            scale = inner.strides[0]
            return StridedIndex.of(
                inner.offset + scale * outer.offset,
                outer.shape,
                tuple(scale * s for s in outer.strides),
            )
        nested = _compose_boxes(outer, inner)
        if nested is not None:
            return nested
    return index_of(inner.take(outer.materialize()))


def _compose_boxes(outer: StridedIndex, inner: StridedIndex) -> StridedIndex | None:
    """Compose box maps symbolically where every outer dimension stays within inner ones."""
    blocks = [math.prod(inner.shape[k + 1 :]) for k in range(len(inner.shape))]

    def split(flat: int) -> list[int]:
        parts = []
        for block in blocks:
            parts.append(flat // block)
            flat -= parts[-1] * block
        return parts

    start = split(outer.offset)
    reach = list(start)
    strides = []
    for length, stride in zip(outer.shape, outer.strides, strict=True):
        if stride < 0:
            return None
        steps = split(stride)
        reach = [r + s * (length - 1) for r, s in zip(reach, steps, strict=True)]
        strides.append(sum(s * t for s, t in zip(steps, inner.strides, strict=True)))
    if any(r >= n for r, n in zip(reach, inner.shape, strict=True)):
        return None
    offset = inner.offset + sum(s * t for s, t in zip(start, inner.strides, strict=True))
    return StridedIndex.of(offset, outer.shape, tuple(strides))


def repetition(index: Index) -> tuple[StridedIndex, StridedIndex] | None:
    """Return (what is read, how it is repeated) of a map that repeats elements, else None.

    The map is ``i -> first[second[i]]``.

    Examples
    --------
    >>> first, second = repetition(StridedIndex(3, (2, 4), (1, 0)))
    >>> first.materialize().tolist(), second.materialize().tolist()
    ([3, 4], [0, 0, 0, 0, 1, 1, 1, 1])
    """
    if not isinstance(index, StridedIndex) or 0 not in index.strides:
        return None
    kept = [(n, s) for n, s in zip(index.shape, index.strides, strict=True) if s]
    sizes = [n for n, _ in kept] or [1]
    first = StridedIndex.of(index.offset, tuple(sizes), tuple(s for _, s in kept) or (1,))
    step, strides = 1, []
    for n, s in zip(reversed(index.shape), reversed(index.strides), strict=True):
        strides.append(step if s else 0)
        step *= n if s else 1
    return first, StridedIndex.of(0, index.shape, tuple(reversed(strides)))


def shift(index: Index, distance: int) -> Index:
    """Return the map with ``distance`` added to every element."""
    if isinstance(index, StridedIndex):
        return StridedIndex(index.offset + distance, index.shape, index.strides)
    if not distance:
        return index
    moved = index.values + np.asarray(distance, index.values.dtype)
    # What is not affine stays so: nothing has to be looked for.
    return ArrayIndex(moved) if moved.dtype == np.int32 else index_of(moved)


def bounds(index: Index) -> tuple[int, int]:
    """Return the smallest and the largest element of a map that is not empty."""
    if isinstance(index, StridedIndex):
        if len(index.shape) == 1:
            reach = (index.shape[0] - 1) * index.strides[0]
            return min(index.offset, index.offset + reach), max(index.offset, index.offset + reach)
        ends = [(n - 1) * s for n, s in zip(index.shape, index.strides, strict=True)]
        return index.offset + sum(min(e, 0) for e in ends), index.offset + sum(
            max(e, 0) for e in ends
        )
    return int(index.values.min()), int(index.values.max())


def selector(index: Index) -> slice | IntArray:
    """Return what NumPy indexes an array with: a slice where the map is an ascending line."""
    if isinstance(index, StridedIndex) and index.is_line and index.strides[0] > 0:
        stride = index.strides[0]
        return slice(index.offset, index.offset + stride * index.size, stride)
    return index.materialize()


def written_out(maps: Sequence[Index]) -> IntArray:
    """Return index maps as arrays, one after another.

    Examples
    --------
    >>> written_out([StridedIndex(7, (1,), (1,)), StridedIndex(0, (2,), (1,))]).tolist()
    [7, 0, 1]
    """
    # Where nothing repeats there are hundreds of maps, of one element each.
    single = [m.offset for m in maps if type(m) is StridedIndex and m.shape == (1,)]
    if len(single) == len(maps):
        return np.array(single, np.int64)
    return np.concatenate([m.materialize() for m in maps])


def ranges(starts: IntArray, lengths: IntArray) -> NDArray[np.int64]:
    """Return ``start, start + 1, …`` of every length, one after another.

    Examples
    --------
    >>> ranges(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if ends.size else 0
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(total)
