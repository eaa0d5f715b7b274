"""How the elements of a view lie in memory: shapes and strides, counted in elements.

Simple indices are worked out here, because code that loops over scalars asks for many of them;
everything else is asked of NumPy, by applying its own functions to an array that is all layout and
no memory.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import TracingError
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = [
    "Layout",
    "basic_index",
    "chosen_positions",
    "contiguous",
    "hollow_array",
    "is_basic",
    "is_first_axis_fastest",
]

Layout: TypeAlias = tuple[int, tuple[int, ...], tuple[int, ...]]
"""Offset, shape and strides."""

_BASIC = (int, slice, type(None), type(Ellipsis), np.integer)
_FEW_COLUMNS = 16


def contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a C-ordered array.

    Examples
    --------
    >>> contiguous((2, 3, 4))
    (12, 4, 1)
    """
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def hollow_array(shape: tuple[int, ...], strides: tuple[int, ...]) -> NDArray[np.int8]:
    """Return an int8 array, so byte strides are element strides; it must never be dereferenced."""
    return np.lib.stride_tricks.as_strided(np.zeros(1, np.int8), shape, strides)


def is_first_axis_fastest(order: str, shape: tuple[int, ...]) -> bool:
    """Whether NumPy's ``order`` counts elements along the first axis first, as "F" does.

    Examples
    --------
    >>> is_first_axis_fastest("C", (2, 3)), is_first_axis_fastest("f", (2, 3))
    (False, True)
    """
    name = str(order or "C").upper()
    if name in ("C", "F"):
        return name == "F"
    if name in ("A", "K") and sum(length > 1 for length in shape) < 2:
        return False  # elements along one axis have one order
    raise TracingError(
        f"an array is read in the order {order!r}",
        where=describe_where(user_frame()),
        why="it depends on where the elements lie in memory, which the recorder chooses",
        instead="order='C' (the last axis first) or order='F' (the first axis first)",
    )


def is_basic(key: Any) -> bool:
    """Whether an index makes a view: integers, slices, ``None`` and ``...`` only."""
    for part in key if isinstance(key, tuple) else (key,):
        if not isinstance(part, _BASIC) or part is True or part is False:
            return False
    return True


def basic_index(layout: Layout, key: Any) -> Layout:
    """Return the layout of ``array[key]`` for an index that `is_basic`.

    Examples
    --------
    >>> basic_index((0, (4, 5), (5, 1)), (slice(1, None), -1))
    (9, (3,), (5,))
    """
    offset, lengths, steps = layout
    parts = key if isinstance(key, tuple) else (key,)
    shape: list[int] = []
    strides: list[int] = []
    axis = 0
    for part in _without_ellipsis(parts, len(lengths)):
        if part is None:
            shape.append(1)
            strides.append(0)
            continue
        length, step = lengths[axis], steps[axis]
        if isinstance(part, slice):
            start, stop, stride = part.indices(length)
            count = len(range(start, stop, stride))
            offset += start * step if count else 0
            shape.append(count)
            strides.append(stride * step)
        else:
            offset += _within(part, length, axis) * step
        axis += 1
    return offset, (*shape, *lengths[axis:]), (*strides, *steps[axis:])


def _without_ellipsis(parts: tuple[Any, ...], ndim: int) -> tuple[Any, ...]:
    used = sum(part is not None and part is not Ellipsis for part in parts)
    if used > ndim:
        raise IndexError(f"too many indices: the array has {ndim} dimensions, {used} were indexed")
    if Ellipsis not in parts:
        return parts
    place = parts.index(Ellipsis)
    if Ellipsis in parts[place + 1 :]:
        raise IndexError("an index can only have a single ellipsis ('...')")
    return (*parts[:place], *(slice(None),) * (ndim - used), *parts[place + 1 :])


def _within(position: int, length: int, axis: int) -> int:
    if not -length <= position < length:
        raise IndexError(f"index {position} is out of bounds for axis {axis} with size {length}")
    return int(position) % length


def chosen_positions(shape: tuple[int, ...], key: Any) -> NDArray[Any]:
    """Return the flat C-order positions that an index array or a mask chooses.

    Examples
    --------
    >>> chosen_positions((5, 2), [0, -1]).tolist()
    [[0, 1], [8, 9]]
    """
    if shape and not isinstance(key, tuple):
        places = np.asarray(key)
        if places.dtype.kind == "i" and places.size > 0:
            lowest, highest = int(places.min()), int(places.max())
            if -shape[0] <= lowest and highest < shape[0]:
                return _chosen_rows(shape, places, lowest < 0)
    return np.asarray(np.arange(math.prod(shape), dtype=np.int32).reshape(shape)[key])


def _chosen_rows(shape: tuple[int, ...], places: NDArray[Any], has_negative: bool) -> NDArray[Any]:
    """Return the positions of whole rows, at the cost of what is chosen."""
    dtype: Any = np.int32 if math.prod(shape) < 2**31 else np.int64
    rows = places.astype(dtype, order="C")
    if has_negative:
        rows = np.where(rows < 0, rows + dtype(shape[0]), rows)
    if len(shape) == 1:
        return rows
    width = math.prod(shape[1:])
    starts, found = rows.reshape(-1) * dtype(width), np.empty((rows.size, width), dtype)
    if width < _FEW_COLUMNS:  # NumPy's loop along a short axis is slow
        for column in range(width):
            np.add(starts, dtype(column), out=found[:, column])
    else:
        np.add(starts[:, None], np.arange(width, dtype=dtype), out=found)
    return found.reshape(*rows.shape, *shape[1:])
