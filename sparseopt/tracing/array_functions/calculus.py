"""Differences, running sums and integrals of sampled functions; phases without jumps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.array_functions.reductions import sum_over
from sparseopt.tracing.array_functions.sparse_matrices import along_rows
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.dispatch import implements

__all__: list[str] = []

LONGEST_RUNNING_SUM = 4000
"""Elements in one matrix of running sums; every one depends on all before it, N² / 2 entries."""
BLOCK = 16
"""Elements that are summed first where there are more."""


def _along(array: Any, axis: int, part: slice) -> Any:
    return array[(slice(None),) * axis + (part,)]


@implements(np.diff)
def _diff(
    a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue
) -> Any:
    array: Any = as_traced(a)
    axis = normalize_axis_index(axis, array.ndim)
    ends = [None if end is np._NoValue else end for end in (prepend, append)]
    if any(end is not None for end in ends):
        array = np.concatenate(
            [part for part in (_end(ends[0], array, axis), array, _end(ends[1], array, axis))
             if part is not None], axis
        )  # fmt: skip
    for _ in range(n):
        array = _along(array, axis, slice(1, None)) - _along(array, axis, slice(None, -1))
    return array


def _end(value: Any, array: Any, axis: int) -> Any:
    if value is None or np.ndim(value):
        return value
    shape = tuple(1 if k == axis else n for k, n in enumerate(array.shape))
    return np.broadcast_to(value, shape)


@implements(np.ediff1d)
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    parts: list[Any] = [_diff(np.ravel(as_traced(ary)))]
    if to_begin is not None:
        parts.insert(0, np.ravel(to_begin))
    if to_end is not None:
        parts.append(np.ravel(to_end))
    return np.concatenate(parts)


@implements(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    values: Any = as_traced(y)
    axis = normalize_axis_index(axis, values.ndim)
    step: Any = dx
    if x is not None:
        step = np.diff(x, axis=axis if np.ndim(x) > 1 else 0)
        if np.ndim(x) == 1:
            step = np.reshape(step, [-1 if k == axis else 1 for k in range(values.ndim)])
    pairs = _along(values, axis, slice(1, None)) + _along(values, axis, slice(None, -1))
    return sum_over(step * pairs * 0.5, axis)


@implements(np.gradient)
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    array: Any = as_traced(f)
    axes = normalize_axis_tuple(range(array.ndim) if axis is None else axis, array.ndim)
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    if len(spacings) != len(axes) or edge_order not in (1, 2):
        raise ValueError("one spacing, or one for each axis; edge_order is 1 or 2")
    slopes = [_slope(array, k, h, edge_order) for k, h in zip(axes, spacings, strict=True)]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slope(array: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    """Return second-order differences inside and one-sided ones at both ends of an axis."""
    values = np.moveaxis(array, axis, -1)
    count = values.shape[-1]
    if count <= edge_order:
        raise ValueError("too few elements: edge_order + 1 are needed along the axis")
    steps = np.diff(spacing) if np.ndim(spacing) else np.broadcast_to(spacing, (count - 1,))
    if np.shape(steps) != (count - 1,):
        raise ValueError("coordinates must match the length of the axis")
    before, after = steps[:-1], steps[1:]
    inside = (
        values[..., :-2] * (-after / (before * (before + after)))
        + values[..., 1:-1] * ((after - before) / (before * after))
        + values[..., 2:] * (before / (after * (before + after)))
    )
    first, last = _ends(values, steps, edge_order)
    return np.moveaxis(np.concatenate([first, inside, last], axis=-1), -1, axis)


def _ends(values: Any, steps: Any, edge_order: int) -> tuple[Any, Any]:
    if edge_order == 1:
        first = (values[..., 1:2] - values[..., :1]) / steps[:1]
        return first, (values[..., -1:] - values[..., -2:-1]) / steps[-1:]
    return _three_point(values[..., :3], steps[:2], 1.0), _three_point(
        values[..., :-4:-1], steps[:-3:-1], -1.0
    )


def _three_point(values: Any, steps: Any, sign: float) -> Any:
    """Return the derivative at the first of three points from all three."""
    near, far = steps[:1], steps[1:2]
    return sign * (
        values[..., :1] * (-(2.0 * near + far) / (near * (near + far)))
        + values[..., 1:2] * ((near + far) / (near * far))
        + values[..., 2:3] * (-near / (far * (near + far)))
    )


def _last_axis(array: Any, axis: int | None) -> tuple[Any, int]:
    traced: Any = np.ravel(as_traced(array)) if axis is None else as_traced(array)
    axis = normalize_axis_index(-1 if axis is None else axis, traced.ndim)
    return np.moveaxis(traced, axis, -1), axis


@implements(np.cumsum)
def _cumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    del dtype
    rows, axis = _last_axis(a, axis)
    return np.moveaxis(_running_sums(rows), -1, axis)


def _running_sums(rows: Any) -> Any:
    """Return the running sums along the last axis; long ones of blocks, and of the blocks' sums."""
    length = rows.shape[-1]
    if length <= LONGEST_RUNNING_SUM:
        return along_rows(sp.csr_array(np.tri(length)), rows)
    starts = np.arange(length) // BLOCK * BLOCK
    lengths = np.arange(length) - starts + 1
    ends = np.concatenate([[0], np.cumsum(lengths)])
    columns = np.arange(ends[-1]) - np.repeat(ends[:-1] - starts, lengths)
    within = sp.csr_array((np.ones(ends[-1]), columns, ends), shape=(length, length))
    sums: Any = along_rows(within, rows)
    before = _running_sums(sums[..., BLOCK - 1 : length - 1 : BLOCK])
    later = sums[..., BLOCK:] + before[..., np.arange(BLOCK, length) // BLOCK - 1]
    return np.concatenate([sums[..., :BLOCK], later], axis=-1)


@implements(np.cumprod)
def _cumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    del dtype
    rows, axis = _last_axis(a, axis)
    distance = 1
    while distance < rows.shape[-1]:  # each round doubles how far back the products reach
        products = rows[..., distance:] * rows[..., :-distance]
        rows = np.concatenate([rows[..., :distance], products], axis=-1)
        distance *= 2
    return np.moveaxis(rows, -1, axis).copy()


def _cumulative(running: Any, identity: float) -> Any:
    def implementation(
        x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
    ) -> Any:
        array: Any = as_traced(x)
        if axis is None and array.ndim > 1:
            raise ValueError("an axis is needed for arrays of more than one dimension")
        axis = normalize_axis_index(-1 if axis is None else axis, array.ndim)
        result = running(array, axis, dtype)
        if not include_initial:
            return result
        return np.concatenate([_end(identity, array, axis), result], axis)

    return implementation


if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    implements(np.cumulative_sum)(_cumulative(_cumsum, 0.0))
    implements(np.cumulative_prod)(_cumulative(_cumprod, 1.0))


@implements(np.unwrap)
def _unwrap(
    p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2 * np.pi
) -> Any:
    """Return the phases plus whole periods; their number is a step, so it has no derivative."""
    array: Any = as_traced(p)
    axis = normalize_axis_index(axis, array.ndim)
    jumps, half = _diff(array, axis=axis), period / 2.0
    turns = np.floor((jumps + half) / period)
    is_tie = (jumps + half == period * turns) & (jumps > 0.0)
    turns = np.where(abs(jumps) < (half if discont is None else discont), 0.0, turns - is_tie)
    first = _along(array, axis, slice(None, 1))
    rest = _along(array, axis, slice(1, None)) - period * _cumsum(turns, axis)
    return np.concatenate([first, rest], axis)
