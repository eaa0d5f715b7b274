"""Convolution and correlation of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.array_functions.linear_algebra import matmul
from sparseopt.tracing.array_functions.sparse_matrices import linear
from sparseopt.tracing.conversion import as_traced, constant_array, is_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.traced_array import TracedArray

__all__: list[str] = []


@implements(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> TracedArray:
    first, second = (np.atleast_1d(as_traced(x) if is_traced(x) else x) for x in (a, v))
    if first.ndim != 1 or second.ndim != 1 or not first.size or not second.size:
        raise ValueError("np.convolve takes two vectors that are not empty")
    if second.size > first.size:
        first, second = second, first
    kept = _kept(first.size, second.size, mode)
    return _full(first, second)[kept]


@implements(np.correlate)
def _correlate(a: Any, v: Any, mode: str = "valid") -> TracedArray:
    first, second = (as_traced(x) if is_traced(x) else np.asarray(x) for x in (a, v))
    if second.size > first.size:
        return _convolve(second, np.flip(first), mode)[::-1]
    return _convolve(first, np.flip(second), mode)


def _kept(longer: int, shorter: int, mode: str) -> slice:
    """Return which elements of the full convolution a mode keeps."""
    if mode == "full":
        return slice(None)
    if mode == "same":
        return slice((shorter - 1) // 2, (shorter - 1) // 2 + longer)
    if mode == "valid":
        return slice(shorter - 1, longer)
    raise ValueError(f"mode {mode!r} is not one of 'full', 'same', 'valid'")


def _full(longer: Any, shorter: Any) -> TracedArray:
    if not is_traced(shorter):
        return _banded(constant_array(shorter), longer)
    if not is_traced(longer):
        return _banded(constant_array(longer), shorter)
    windows = sliding_window_view(np.pad(longer, shorter.size - 1), shorter.size)
    return matmul(windows, np.flip(shorter))


def _banded(weights: Any, array: TracedArray) -> TracedArray:
    """Return the convolution as a banded (Toeplitz) matrix times the array."""
    size = array.size + weights.size - 1
    lags = np.flatnonzero(weights)[::-1]  # a row's columns ascend
    columns = np.arange(size)[:, None] - lags
    entries = np.broadcast_to(weights[lags], columns.shape)
    inside = (columns >= 0) & (columns < array.size)
    ends = np.concatenate([[0], np.cumsum(np.count_nonzero(inside, axis=1))])
    matrix = sp.csr_array((entries[inside], columns[inside], ends), shape=(size, array.size))
    return linear(matrix, array, (size,))
