"""Norms of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from sparseopt.errors import UnsupportedFunctionError
from sparseopt.tracing.array_functions.reductions import sum_over
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__: list[str] = []


@implements(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    array: Any = as_traced(x)
    if axis is None and ord is None:
        return _vector_norm(array, axis=None, keepdims=keepdims)
    axes = normalize_axis_tuple(range(array.ndim) if axis is None else axis, array.ndim)
    if len(axes) == 1:
        return _vector_norm(array, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise ValueError("a norm is taken over one axis or two")
    return _over_matrix(array, "fro" if ord is None else ord, axes, keepdims)


@implements(np.linalg.vector_norm)
def _vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    array: Any = as_traced(x)
    if ord == np.inf:
        return np.max(abs(array), axis, keepdims=keepdims)
    if ord == -np.inf:
        return np.min(abs(array), axis, keepdims=keepdims)
    if ord == 0:
        return np.count_nonzero(array, axis, keepdims=keepdims)
    if ord == 1:
        return sum_over(abs(array), axis, keepdims)
    if ord == 2:
        return np.sqrt(sum_over(np.square(array), axis, keepdims))
    if isinstance(ord, str):
        raise ValueError(f"invalid norm order {ord!r} for vectors")
    return sum_over(abs(array) ** ord, axis, keepdims) ** (1.0 / ord)


@implements(np.linalg.matrix_norm)
def _matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    array: Any = as_traced(x)
    return _over_matrix(array, ord, (array.ndim - 2, array.ndim - 1), keepdims)


def _over_matrix(array: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if ord == "fro":
        return np.sqrt(sum_over(np.square(array), axes, keepdims))
    if ord not in (1, -1, np.inf, -np.inf):
        raise UnsupportedFunctionError(
            f"np.linalg.norm of a matrix with ord={ord!r} is called on a traced array",
            where=describe_where(user_frame()),
            why="it needs singular values, which have no rule for traced arrays",
            instead="the Frobenius norm, ord='fro'",
        )
    row, col = axes
    summed, other = (row, col) if abs(ord) == 1 else (col, row)
    sums = sum_over(abs(array), summed, keepdims=True)
    result = (np.max if ord > 0 else np.min)(sums, other, keepdims=True)
    return result if keepdims else np.squeeze(result, axes)
