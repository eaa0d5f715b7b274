"""A user's function applied along axes: its results are stacked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.dispatch import implements

__all__: list[str] = []


@implements(np.apply_along_axis)
def _apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Any:
    array: Any = as_traced(arr)
    axis = normalize_axis_index(axis, array.ndim)
    rest = array.shape[:axis] + array.shape[axis + 1 :]
    rows = np.moveaxis(array, axis, -1).reshape(-1, array.shape[axis])
    if not rows.shape[0]:
        raise ValueError("cannot apply a function along an axis when another one has length zero")
    results: Any = np.stack([as_traced(func1d(row, *args, **kwargs)) for row in rows])
    shape = results.shape[1:]
    placed = np.reshape(results, rest + shape)
    for k in range(len(shape)):  # the axes of a result stand where the axis was
        placed = np.moveaxis(placed, len(rest) + k, axis + k)
    return placed


@implements(np.apply_over_axes)
def _apply_over_axes(func: Callable[..., Any], a: Any, axes: int | Sequence[int]) -> Any:
    array: Any = as_traced(a)
    for axis in np.atleast_1d(np.asarray(axes)):
        place = normalize_axis_index(int(axis), array.ndim)
        result: Any = func(array, place)
        if result.ndim != array.ndim:
            result = np.expand_dims(result, place)
        if result.ndim != array.ndim:
            raise ValueError("function is not returning an array of the correct shape")
        array = result
    return array
