"""Sums, products and extrema over axes.

A sum is one `Linear` node; products and extrema are balanced trees of scalar functions, so that
their derivatives need a logarithmic number of steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from sparseopt.graph.nodes import Constant, Linear, Node, RowSum
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.elementwise import REDUCTIONS, apply
from sparseopt.tracing.source_lines import user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["reduce_rows", "sum_over"]

Axis = int | tuple[int, ...] | None


def reduce_rows(
    array: Any, axis: Axis, keepdims: bool, reduce: Callable[[TracedArray], TracedArray]
) -> TracedArray:
    """Return ``reduce`` of the matrix whose rows hold what is reduced to one element each."""
    traced = as_traced(array)
    if not traced.shape and axis in (0, -1):
        axis = None  # NumPy lets a scalar be reduced over the axis it does not have
    axes = normalize_axis_tuple(range(traced.ndim) if axis is None else axis, traced.ndim)
    kept = [k for k in range(traced.ndim) if k not in axes]
    shape = tuple(traced.shape[k] for k in kept)
    width = math.prod(traced.shape[k] for k in axes)
    rows = traced.transpose([*kept, *axes]).reshape(math.prod(shape), width)
    if keepdims:
        shape = tuple(1 if k in axes else traced.shape[k] for k in range(traced.ndim))
    return reduce(rows).reshape(shape)


def _constant(value: float, size: int) -> TracedArray:
    return traced_from_node(Constant(np.full(size, value), user_frame()), (size,))


def _sum_rows(rows: TracedArray) -> TracedArray:
    num_rows, width = rows.shape
    if rows.size == 0:
        return _constant(0.0, num_rows)
    if width == 1:
        return traced_from_node(rows.node, (num_rows,))
    node: Node = Linear(RowSum(num_rows, width), rows.node, user_frame())
    return traced_from_node(node, (num_rows,))


def sum_over(array: Any, axis: Axis = None, keepdims: bool = False) -> TracedArray:
    """Return the sum over axes."""
    return reduce_rows(array, axis, keepdims, _sum_rows)


def _tree(name: str, identity: float | None) -> Callable[[TracedArray], TracedArray]:
    """Return the reduction of rows by a scalar function, combining halves."""

    def reduce(rows: TracedArray) -> TracedArray:
        num_rows, width = rows.shape
        if width == 0 or num_rows == 0:
            if identity is None and num_rows:
                raise ValueError(f"the {name} of no elements does not exist")
            return _constant(identity or 0.0, num_rows)
        left_over = []
        while width > 1:
            half = width // 2
            if width % 2:
                left_over.append(rows[:, -1:])
            rows = apply(name, rows[:, :half], rows[:, half : 2 * half])
            width = half
        for column in left_over:
            rows = apply(name, rows, column)
        return rows.reshape(num_rows).copy()

    return reduce


def _masked(array: Any, where: Any, identity: float) -> Any:
    return array if where is True else np.where(where, array, identity)


@implements(np.sum)
def _sum(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> TracedArray:
    del dtype  # every traced value is a float64
    total = sum_over(_masked(a, where, 0.0), axis, keepdims)
    return total if initial is None else total + initial


@implements(np.prod)
def _prod(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> TracedArray:
    del dtype
    product = reduce_rows(_masked(a, where, 1.0), axis, keepdims, _tree("multiply", 1.0))
    return product if initial is None else product * initial


def _count(array: TracedArray, axis: Axis) -> int:
    axes = normalize_axis_tuple(range(array.ndim) if axis is None else axis, array.ndim)
    return math.prod(array.shape[k] for k in axes)


@implements(np.mean)
def _mean(a: Any, axis: Axis = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    del dtype
    traced = as_traced(a)
    count = _count(traced, axis)
    if count == 0:
        raise ValueError("the mean of no elements does not exist")
    return sum_over(traced, axis, keepdims) * (1.0 / count)


@implements(np.var)
def _var(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    del dtype
    traced = as_traced(a)
    center = _mean(traced, axis, keepdims=True) if mean is None else mean
    freedom = _count(traced, axis) - (ddof if correction is None else correction)
    if freedom <= 0:
        raise ValueError("a variance needs more elements than degrees of freedom taken away")
    return sum_over(np.square(traced - center), axis, keepdims) * (1.0 / freedom)


@implements(np.std)
def _std(a: Any, axis: Axis = None, dtype: Any = None, **options: Any) -> TracedArray:
    del dtype
    return apply("sqrt", _var(a, axis, **options))


@implements(np.average)
def _average(
    a: Any,
    axis: Axis = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    traced = as_traced(a)
    if weights is None:
        mean = _mean(traced, axis, keepdims=keepdims)
        total: Any = np.full(mean.shape, float(_count(traced, axis)))
    else:
        spread = _spread_weights(weights, traced, axis)
        total = np.sum(spread, axis=axis, keepdims=keepdims)
        mean = sum_over(traced * spread, axis, keepdims) / total
    return (mean, np.broadcast_to(total, mean.shape)) if returned else mean


def _spread_weights(weights: Any, array: TracedArray, axis: Axis) -> Any:
    """Return the weights with the axes of the array; 1-D weights belong to the averaged axis."""
    shape = np.shape(weights)
    if shape == array.shape:
        return weights
    axes = normalize_axis_tuple(range(array.ndim) if axis is None else axis, array.ndim)
    if axis is None or shape != tuple(array.shape[k] for k in axes):
        raise ValueError("weights must have the shape of the array, or of the averaged axes")
    ordered = np.transpose(weights, np.argsort(axes))
    return np.reshape(ordered, [n if k in axes else 1 for k, n in enumerate(array.shape)]) * (
        np.ones(array.shape)
    )


_EXTREMA: dict[str, tuple[Any, ...]] = {"maximum": (np.max, np.amax), "minimum": (np.min, np.amin)}
_LOGICAL: dict[str, tuple[Any, float]] = {
    "logical_and": (np.all, 1.0),
    "logical_or": (np.any, 0.0),
}


def _extremum(name: str) -> Callable[..., TracedArray]:
    def implementation(
        a: Any, axis: Axis = None, *, keepdims: bool = False, initial: Any = None
    ) -> Any:
        if initial is not None and as_traced(a).size == 0:
            filled = reduce_rows(a, axis, keepdims, lambda rows: _constant(0.0, rows.shape[0]))
            return filled + initial
        extremum = reduce_rows(a, axis, keepdims, _tree(name, None))
        return extremum if initial is None else apply(name, extremum, initial)

    return implementation


def _truth(name: str, identity: float) -> Callable[..., TracedArray]:
    def implementation(a: Any, axis: Axis = None, *, keepdims: bool = False) -> TracedArray:
        flags = apply("not_equal", a, 0.0)
        found = reduce_rows(flags, axis, keepdims, _tree(name, identity))
        return traced_from_node(found.node, found.shape, is_boolean=True)

    return implementation


def _by_rows(reduce: Callable[[TracedArray], TracedArray]) -> Callable[..., TracedArray]:
    def implementation(a: Any, axis: Axis = None, *, keepdims: bool = False) -> TracedArray:
        return reduce_rows(a, axis, keepdims, reduce)

    return implementation


def _log_of_sum(exp: Callable[[Any], Any], log: Callable[[Any], Any], name: str) -> Any:
    """Return the reduction of rows by ``log(exp(x) + exp(y))``, as the logarithm of one sum."""
    pairwise, largest_of = _tree(name, -math.inf), _tree("maximum", None)

    def reduce(rows: TracedArray) -> TracedArray:
        if rows.size == 0 or rows.shape[1] <= 2:
            return pairwise(rows)
        # a step has no derivative, and any shift near the largest keeps exp within its range
        largest: Any = np.floor(largest_of(rows))
        shift: Any = np.where(np.isfinite(largest), largest, 0.0)
        total: TracedArray = shift + log(_sum_rows(exp(rows - shift[:, None])))
        return total

    return reduce


for _name, _functions in _EXTREMA.items():
    REDUCTIONS[getattr(np, _name)] = implements(*_functions)(_extremum(_name))
for _name, (_function, _identity) in _LOGICAL.items():
    REDUCTIONS[getattr(np, _name)] = implements(_function)(_truth(_name, _identity))
REDUCTIONS[np.add] = _sum
REDUCTIONS[np.logaddexp] = _by_rows(_log_of_sum(np.exp, np.log, "logaddexp"))
REDUCTIONS[np.logaddexp2] = _by_rows(_log_of_sum(np.exp2, np.log2, "logaddexp2"))
REDUCTIONS[np.hypot] = _by_rows(_tree("hypot", 0.0))
REDUCTIONS[np.multiply] = _prod


@implements(np.ptp)
def _ptp(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    return np.max(a, axis, keepdims=keepdims) - np.min(a, axis, keepdims=keepdims)


@implements(np.count_nonzero)
def _count_nonzero(a: Any, axis: Axis = None, *, keepdims: bool = False) -> TracedArray:
    return sum_over(apply("not_equal", a, 0.0), axis, keepdims)
