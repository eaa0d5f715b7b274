"""Matrix and tensor products: matmul, dot, inner, outer, tensordot, kron, cross."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from sparseopt.scipy_on_demand import is_sparse
from sparseopt.tracing.array_functions.contraction import Labeled, contract
from sparseopt.tracing.array_functions.reductions import sum_over
from sparseopt.tracing.array_functions.sparse_matrices import (
    scalar_factor,
    times_constant,
    times_traced,
)
from sparseopt.tracing.conversion import as_traced, constant_array, is_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.elementwise import LOWERED_UFUNCS
from sparseopt.tracing.operations import OPERATIONS
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["matmul"]


def _is_constant_matrix(value: Any) -> bool:
    if isinstance(value, TracedArray):
        return False
    return is_sparse(value) or (not is_traced(value) and np.ndim(value) in (1, 2))


def _constant_matrix(matrix: Any) -> Any:
    return matrix if is_sparse(matrix) else constant_array(matrix)


def _match(first: int, second: int) -> None:
    if first != second:
        raise ValueError(f"an axis of length {first} meets one of length {second}")


def _batch(shape: tuple[int, ...]) -> list[int]:
    """Return labels of the axes before the last two, counted from the right."""
    return list(range(len(shape) - 2, 0, -1))


@implements(np.linalg.matmul)
def matmul(first: Any, second: Any) -> TracedArray:
    """Return ``first @ second``, where at least one of them is traced."""
    if _is_constant_matrix(first):
        return times_traced(_constant_matrix(first), as_traced(second))
    if _is_constant_matrix(second):
        return times_constant(as_traced(first), _constant_matrix(second))
    shapes = np.shape(first), np.shape(second)
    if () in shapes:
        raise scalar_factor()
    one = ["k"] if len(shapes[0]) == 1 else [*_batch(shapes[0]), "i", "k"]
    two = ["k"] if len(shapes[1]) == 1 else [*_batch(shapes[1]), "k", "j"]
    _match(shapes[0][-1], shapes[1][-2:][0])
    batch = sorted({label for label in (*one, *two) if isinstance(label, int)}, reverse=True)
    free = [label for label in ("i", "j") if label in (*one, *two)]
    return contract([Labeled.of(first, one), Labeled.of(second, two)], [*batch, *free])  # type: ignore[no-any-return]


def _vecdot_ufunc(first: Any, second: Any) -> Any:
    return sum_over(first * second, -1)


def _matvec(matrix: Any, vector: Any) -> Any:
    return sum_over(matrix * np.expand_dims(vector, -2), -1)


def _vecmat(vector: Any, matrix: Any) -> Any:
    return sum_over(np.expand_dims(vector, -1) * matrix, -2)


LOWERED_UFUNCS[np.matmul] = matmul
for _name, _function in (("vecdot", _vecdot_ufunc), ("matvec", _matvec), ("vecmat", _vecmat)):
    if hasattr(np, _name):  # the last two since NumPy 2.2
        LOWERED_UFUNCS[getattr(np, _name)] = _function
OPERATIONS.matmul = matmul


@implements(np.dot)
def _dot(a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(b) <= 2 and np.ndim(a) >= 1:
        return matmul(a, b)
    return _tensordot(a, b, ([-1], [-2]))


@implements(np.vdot)
def _vdot(a: Any, b: Any) -> TracedArray:
    return matmul(np.ravel(a), np.ravel(b))


@implements(np.inner)
def _inner(a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    return _tensordot(a, b, ([-1], [-1]))


@implements(np.outer, np.linalg.outer)
def _outer(a: Any, b: Any) -> Any:
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@implements(np.tensordot, np.linalg.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    dims = np.ndim(a), np.ndim(b)
    if np.ndim(axes) == 0 and not isinstance(axes, (list, tuple)):
        axes = (range(-axes, 0), range(axes))
    pairs = [normalize_axis_tuple(part, ndim) for part, ndim in zip(axes, dims, strict=True)]
    for one, two in zip(*pairs, strict=True):
        _match(np.shape(a)[one], np.shape(b)[two])
    first: list[Any] = [("a", k) for k in range(dims[0])]
    second: list[Any] = [("b", k) for k in range(dims[1])]
    for one, two in zip(*pairs, strict=True):
        second[two] = first[one]
    free = [label for label in first if label not in second]
    free += [label for label in second if label not in first]
    return contract([Labeled.of(a, first), Labeled.of(b, second)], free)


@implements(np.kron)
def _kron(a: Any, b: Any) -> Any:
    ndim = max(np.ndim(a), np.ndim(b))
    one = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    two = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    first = np.reshape(a, [n for length in one for n in (length, 1)])
    second = np.reshape(b, [n for length in two for n in (1, length)])
    return np.reshape(first * second, [m * n for m, n in zip(one, two, strict=True)])


@implements(np.cross)
def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    first, second = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if np.shape(first)[-1] != 3 or np.shape(second)[-1] != 3:
        raise ValueError("both must hold vectors of three components")
    x, y = ([v[..., k] for k in range(3)] for v in (first, second))
    parts = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]]
    return np.moveaxis(np.stack(parts, axis=-1), -1, axisc)


@implements(np.linalg.cross)
def _linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return _cross(x1, x2, axis=axis)


@implements(np.linalg.vecdot)
def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return sum_over(np.moveaxis(x1, axis, -1) * np.moveaxis(x2, axis, -1), -1)


@implements(np.linalg.multi_dot)
def _multi_dot(arrays: Any) -> Any:
    return functools.reduce(_dot, arrays)


@implements(np.linalg.matrix_power)
def _matrix_power(a: Any, n: int) -> Any:
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 0:
        return np.broadcast_to(np.eye(np.shape(a)[-1]), np.shape(a)).copy()
    power, rest = a, n - 1
    while rest:
        if rest % 2:
            power = matmul(power, a)
        a, rest = (matmul(a, a) if rest > 1 else a), rest // 2
    return power


@implements(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    del dtype
    return sum_over(np.diagonal(a, offset, axis1, axis2), -1)


@implements(np.linalg.trace)
def _linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return _trace(x, offset, -2, -1, dtype)
