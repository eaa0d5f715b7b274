"""Several arrays into one: concatenate, stack and their relatives, block, append, insert, pad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from sparseopt.graph.index import StridedIndex
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.movement import copies, join, plain, positions
from sparseopt.tracing.traced_array import TracedArray

__all__: list[str] = []


def _whole(arrays: Sequence[TracedArray], shape: tuple[int, ...]) -> TracedArray:
    """Return the arrays one after the other, without writing an index out."""
    size = sum(array.size for array in arrays)
    return copies(arrays, StridedIndex.of(0, (size,), (1,)), shape)


@implements(np.concatenate)
def _concatenate(
    arrays: Any, axis: int | None = 0, *, dtype: Any = None, casting: str = "same_kind"
) -> TracedArray:
    del dtype, casting  # every traced value is a float64
    traced = [as_traced(array) for array in arrays]
    if axis is None:
        return _whole(traced, (sum(array.size for array in traced),))
    shape = np.concatenate([np.broadcast_to(np.int8(0), a.shape) for a in traced], axis).shape
    axis = normalize_axis_index(axis, len(shape))
    if axis == 0:
        return _whole(traced, shape)
    if all(array.shape == traced[0].shape for array in traced):
        return _stack(traced, axis).reshape(shape)
    return join(traced, lambda *moved: np.concatenate(moved, axis))


@implements(np.stack)
def _stack(
    arrays: Any, axis: int = 0, *, dtype: Any = None, casting: str = "same_kind"
) -> TracedArray:
    del dtype, casting
    traced = [as_traced(array) for array in arrays]
    if any(array.shape != traced[0].shape for array in traced):
        raise ValueError("all input arrays must have the same shape")
    whole = _whole(traced, (len(traced), *traced[0].shape))
    axis = normalize_axis_index(axis, whole.ndim)
    return whole if axis == 0 else whole.view_as(lambda a: np.moveaxis(a, 0, axis)).copy()


def _in_columns(array: TracedArray) -> TracedArray:
    return array if array.ndim > 1 else array.reshape(-1, 1)


def _after(prepare: Callable[[TracedArray], TracedArray], axis: int) -> Callable[..., TracedArray]:
    def implementation(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> TracedArray:
        del dtype, casting
        return _concatenate([prepare(as_traced(array)) for array in tup], axis)

    return implementation


implements(np.vstack)(_after(lambda a: a.view_as(np.atleast_2d), 0))
implements(np.dstack)(_after(lambda a: a.view_as(np.atleast_3d), 2))
implements(np.column_stack)(_after(_in_columns, 1))


@implements(np.hstack)
def _hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> TracedArray:
    del dtype, casting
    arrays = [as_traced(array).view_as(np.atleast_1d) for array in tup]
    return _concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1)


@implements(np.block)
def _block(arrays: Any) -> TracedArray:
    leaves: list[Any] = []

    def number(item: Any) -> Any:
        if isinstance(item, list):
            return [number(part) for part in item]
        leaves.append(item)
        return len(leaves) - 1

    layout = number(arrays)

    def place(item: Any, moved: Sequence[Any]) -> Any:
        return [place(part, moved) for part in item] if isinstance(item, list) else moved[item]

    return join(leaves, lambda *moved: np.block(place(layout, moved)))


@implements(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> TracedArray:
    return join([arr, values], lambda a, b: np.append(a, b, axis))


@implements(np.insert)
def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> TracedArray:
    plain(obj)
    return join([arr, values], lambda a, b: np.insert(a, obj, b, axis))


@implements(np.choose)
def _choose(a: Any, choices: Any, mode: Any = "raise") -> TracedArray:
    plain(a)
    return join(list(choices), lambda *moved: np.choose(a, moved, mode=mode))


_PAD_MODES = {"constant", "edge", "wrap", "reflect", "symmetric"}


@implements(np.pad)
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    plain(pad_width)
    if mode not in _PAD_MODES:
        raise ValueError(f"mode {mode!r} is not supported; use one of {sorted(_PAD_MODES)}")
    if options.get("reflect_type", "even") != "even":
        raise ValueError(
            "reflect_type='odd' is not supported; 2 * x[0] - x[k:0:-1] is its k values"
        )
    if mode != "constant":
        array = as_traced(array)
        return array.take_flat(np.pad(positions(array.shape), pad_width, mode, **options))
    values = options.get("constant_values", 0.0)
    filler = as_traced(values if is_traced(values) else np.asarray(values))
    return join([filler, array], lambda f, a: np.pad(a, pad_width, constant_values=f))
