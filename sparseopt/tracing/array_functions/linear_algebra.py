"""Matrix and tensor products: matmul, dot, inner, outer, einsum, tensordot, kron, cross, norms."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.sparse as sp

from sparseopt.tracing.array_functions.contraction import Labeled, contract
from sparseopt.tracing.array_functions.sparse_matrices import times_constant, times_traced
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.elementwise import LOWERED_UFUNCS
from sparseopt.tracing.traced_array import OPERATIONS, TracedArray

__all__ = ["matmul"]


def _is_constant_matrix(value: Any) -> bool:
    if isinstance(value, TracedArray):
        return False
    return sp.issparse(value) or (not is_traced(value) and np.ndim(value) in (1, 2))


def matmul(first: Any, second: Any) -> TracedArray:
    """Return ``first @ second``, where at least one of them is traced."""
    if _is_constant_matrix(first):
        return times_traced(first if sp.issparse(first) else np.asarray(first), as_traced(second))
    if _is_constant_matrix(second):
        constant = second if sp.issparse(second) else np.asarray(second)
        return times_constant(as_traced(first), constant)
    shapes = [np.shape(first), np.shape(second)]
    if () in shapes:
        raise ValueError("matmul of a scalar; use * instead")
    one = ["k"] if len(shapes[0]) == 1 else [*_batch(shapes[0]), "i", "k"]
    two = ["k"] if len(shapes[1]) == 1 else [*_batch(shapes[1]), "k", "j"]
    _same_length(shapes[0][-1], shapes[1][-2:][0])
    batch = sorted({label for label in (*one, *two) if isinstance(label, int)}, reverse=True)
    free = [label for label in ("i", "j") if label in (*one, *two)]
    return contract([Labeled.of(first, one), Labeled.of(second, two)], [*batch, *free])  # type: ignore[no-any-return]


def _batch(shape: tuple[int, ...]) -> list[int]:
    """Return labels of the axes before the last two, counted from the right."""
    return list(range(len(shape) - 2, 0, -1))


def _same_length(first: int, second: int) -> None:
    if first != second:
        raise ValueError(f"an axis of length {first} meets one of length {second}")


_ = functools, implements
LOWERED_UFUNCS[np.matmul] = matmul
OPERATIONS["matmul"] = matmul
