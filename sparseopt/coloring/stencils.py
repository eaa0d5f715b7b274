"""Index differences of the array elements that a sparsity pattern brings together.

A pattern whose columns are the elements of an array is, mostly, a *stencil*: few differences of
indices, repeated everywhere.  This module finds the exact set of them, boundaries and periodic
wraps included, in time linear in the pairs of nonzeros of one row, and guesses the shape of an
array from the differences of plain element numbers.  What colors follow is `lattice`'s affair.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.compiled import IntArray, run

__all__ = ["Differences", "infer_grid", "pair_differences", "step_differences"]

Differences = NDArray[np.int64]  # shape (number of differences, number of axes)

MAX_AXES = 5


def pair_differences(indptr: IntArray, indices: IntArray, grid: tuple[int, ...]) -> Differences:
    """Return the distinct index differences of two columns with a nonzero in the same row.

    One of d and -d is given, the one whose first nonzero component is positive.  No differences at
    all (shape (0, axes)) if no row has two nonzeros.

    Parameters
    ----------
    indptr, indices : int32 arrays
        Compressed rows, column indices ascending in each row.
    grid : tuple of int
        Shape of the array whose elements, in C order, the columns are.

    Examples
    --------
    >>> indptr, indices = np.array([0, 2, 4], np.int32), np.array([0, 1, 2, 5], np.int32)
    >>> pair_differences(indptr, indices, (2, 3))
    array([[0, 1],
           [1, 0]])
    """
    strides = _padded_strides(grid)
    marks = np.zeros(_largest_code(grid, strides) + 1, np.bool_)
    lengths = np.diff(indptr).astype(np.int64)
    work = int(np.dot(lengths, lengths)) // 2 + marks.size
    run(_mark_pairs, (indptr, indices, _codes(grid, strides)), (marks,), work)
    return _decode(np.flatnonzero(marks), strides)


def step_differences(rows: IntArray, cols: IntArray, grid: tuple[int, ...]) -> Differences:
    """Return the distinct index differences row - column of the entries off the diagonal.

    Only the lower triangle counts (row > column), so one of d and -d is given.

    Examples
    --------
    >>> step_differences(np.array([1, 3, 4]), np.array([0, 0, 4]), (2, 3))
    array([[0, 1],
           [1, 0]])
    """
    strides = _padded_strides(grid)
    codes = _codes(grid, strides)
    marks = np.zeros(_largest_code(grid, strides) + 1, np.bool_)
    lower = rows > cols
    marks[codes[rows[lower]] - codes[cols[lower]]] = True
    return _decode(np.flatnonzero(marks), strides)


def infer_grid(numbers: NDArray[np.integer], size: int) -> tuple[int, ...] | None:
    """Return the shape of the array whose elements differ by `numbers` in C order, if it is clear.

    The numbers of a stencil lie in clusters around multiples of the strides: 1, then N - 1, N and
    N + 1 for nine points on N columns.  A stride must divide the size and lie in the middle of its
    cluster; else there is no answer.  A wrong answer costs time, never correctness.

    Parameters
    ----------
    numbers : int array
        Positive differences of element numbers, ascending.
    size : int
        Number of elements of the array.

    Examples
    --------
    >>> infer_grid(np.array([1, 2, 99, 100, 101, 200]), 5000)
    (50, 100)
    >>> infer_grid(np.array([1, 40, 1200]), 24000)
    (20, 30, 40)
    >>> infer_grid(np.array([1, 2, 3]), 5000)
    (5000,)
    """
    inner: list[int] = []
    while numbers.size and len(inner) < MAX_AXES:
        stride = _next_stride(numbers)
        if stride == 0:
            return (size, *reversed(inner))
        if size % stride:
            return None
        inner.append(stride)
        size //= stride
        numbers = np.unique((numbers + stride // 2) // stride)
        numbers = numbers[numbers > 0]
    return (size, *reversed(inner))


def _next_stride(numbers: NDArray[np.integer]) -> int:
    """Return the middle of the second cluster of numbers, 0 if all are one cluster."""
    reach = 0
    for number, following in pairwise([0, *numbers.tolist()]):
        reach = number
        if following > 2 * reach + 1 and following > 2:
            break
    else:
        return 0
    cluster = [k for k in numbers.tolist() if following <= k <= following + 2 * reach]
    return int(cluster[0] + cluster[-1]) // 2


def _padded_strides(grid: tuple[int, ...]) -> list[int]:
    # Room for components from 1 - s to s - 1: the difference of two codes determines the vector.
    widths = [2 * s - 1 for s in grid[1:]] + [1]
    return [math.prod(widths[axis:]) for axis in range(len(grid))]


def _largest_code(grid: tuple[int, ...], strides: list[int]) -> int:
    return sum((s - 1) * stride for s, stride in zip(grid, strides, strict=True))


def _codes(grid: tuple[int, ...], strides: list[int]) -> NDArray[np.int64]:
    codes = np.zeros(1, np.int64)
    for s, stride in zip(grid, strides, strict=True):
        codes = np.add.outer(codes, stride * np.arange(s)).ravel()
    return codes


def _decode(codes: NDArray[np.int64], strides: list[int]) -> Differences:
    """Return the vectors of differences of codes: digits from -(s - 1) to s - 1."""
    vectors = np.empty((codes.size, len(strides)), np.int64)
    for axis, stride in enumerate(strides):
        vectors[:, axis] = (codes + (stride - 1) // 2) // stride
        codes = codes - stride * vectors[:, axis]
    return vectors


def _mark_pairs(indptr, indices, codes, marks):  # type: ignore[no-untyped-def]
    for row in range(len(indptr) - 1):
        for second in range(indptr[row], indptr[row + 1]):
            for first in range(indptr[row], second):
                marks[codes[indices[second]] - codes[indices[first]]] = True
