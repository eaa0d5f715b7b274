"""Elements chosen, moved, repeated or written by constant indices and masks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.errors import TracingError
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.movement import Positions, plain, positions, rearrange, with_filler
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["written"]

_MOVEMENTS: list[Callable[..., Any]] = [
    np.delete,
    np.repeat,
    np.resize,
    np.roll,
    np.take,
    np.take_along_axis,
    np.tile,
]
_WITH_ZEROS: list[Callable[..., Any]] = [np.diagflat, np.tril, np.triu]


def _movement(function: Callable[..., Any]) -> Callable[..., TracedArray]:
    def implementation(array: Any, *args: Any, **kwargs: Any) -> TracedArray:
        return rearrange(function, array, *args, **kwargs)

    return implementation


def _with_zeros(function: Callable[..., Any]) -> Callable[..., TracedArray]:
    def implementation(array: Any, *args: Any, **kwargs: Any) -> TracedArray:
        return with_filler(function, array, 0.0, *args, **kwargs)

    return implementation


for _function in _MOVEMENTS:
    implements(_function)(_movement(_function))
for _function in _WITH_ZEROS:
    implements(_function)(_with_zeros(_function))


@implements(np.diag)
def _diag(v: Any, k: int = 0) -> TracedArray:
    array = as_traced(v)
    if array.ndim == 2:
        return array.diagonal(k)
    return with_filler(np.diag, array, 0.0, k)


@implements(np.compress, np.extract)
def _compress(condition: Any, a: Any, axis: int | None = None) -> TracedArray:
    plain(condition)
    array = as_traced(a)
    return array.take_flat(np.compress(np.ravel(condition), positions(array.shape), axis))


@implements(np.meshgrid)
def _meshgrid(*xi: Any, **options: Any) -> tuple[TracedArray, ...]:
    arrays = [as_traced(array) for array in xi]
    placed = np.meshgrid(*(positions(array.shape) for array in arrays), **options)
    return tuple(a.take_flat(p) for a, p in zip(arrays, placed, strict=True))


def written(array: Any, name: str) -> TracedArray:
    """Return the array that ``np.<name>`` writes into; traced values need a traced array."""
    if isinstance(array, TracedArray):
        return array
    raise TracingError(
        f"np.{name} writes traced values into a plain NumPy array",
        where=describe_where(user_frame()),
        why="the array can hold numbers only, and these are not known yet",
        instead="start with y = np.zeros_like(x), which gives a traced array",
    )


@implements(np.copyto)
def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    del casting
    target = written(dst, "copyto")
    if where is True:
        target[...] = src
    else:
        target[...] = np.where(where, src, target)


@implements(np.put)
def _put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    target = written(a, "put")
    chosen = np.ravel(_numbered(target, lambda p: np.take(p, ind, mode=mode)))
    target.write_flat(chosen, np.resize(as_traced(v), chosen.shape))


@implements(np.put_along_axis)
def _put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    target = written(arr, "put_along_axis")
    chosen = _numbered(target, lambda p: np.take_along_axis(p, indices, axis))
    target.write_flat(chosen, values)


@implements(np.putmask)
def _putmask(a: Any, mask: Any, values: Any) -> None:
    target = written(a, "putmask")
    plain(mask)
    repeated = np.resize(as_traced(values), target.shape)
    target[...] = np.where(np.asarray(mask, bool), repeated, target)


@implements(np.place)
def _place(arr: Any, mask: Any, vals: Any) -> None:
    target = written(arr, "place")
    chosen = _numbered(target, lambda p: np.extract(mask, p))
    target.write_flat(chosen, np.resize(as_traced(vals), chosen.shape))


@implements(np.fill_diagonal)
def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    target = written(a, "fill_diagonal")
    marked = np.zeros(target.shape, bool)
    np.fill_diagonal(marked, True, wrap)
    chosen = np.flatnonzero(marked)
    target.write_flat(chosen, np.resize(np.ravel(as_traced(val)), chosen.shape))


def _numbered(array: TracedArray, choose: Callable[[Positions], Any]) -> Any:
    return choose(positions(array.shape))
