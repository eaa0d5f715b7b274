"""Rows of a sparse matrix that are multiples of one another, found by hashing.

Rows are scaled to length one with a positive first entry, multiplied by a random vector, and sorted
by the products; neighbors with equal products are compared entry by entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = ["ParallelRows", "parallel_rows"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_TOLERANCE = 1e-10


@dataclass(frozen=True)
class ParallelRows:
    """Pairs of rows: ``second[k]`` is ``factor[k]`` times ``first[k]``."""

    first: IntArray
    second: IntArray
    factor: FloatArray


def parallel_rows(matrix: sp.csr_array) -> ParallelRows:
    """Return rows that are multiples of an earlier row, each with the first of its kind.

    Examples
    --------
    >>> found = parallel_rows(sp.csr_array([[1.0, 2.0], [0.0, 1.0], [-3.0, -6.0]]))
    >>> found.first, found.second, found.factor.round(12)
    (array([0]), array([2]), array([-3.]))
    """
    matrix = sp.csr_array(matrix, copy=True)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    rows = np.flatnonzero(np.diff(matrix.indptr))
    if rows.size < 2:
        nothing = np.zeros(0, np.int64)
        return ParallelRows(nothing, nothing, np.zeros(0))
    starts, counts = matrix.indptr[rows], np.diff(matrix.indptr)[rows]
    sign = np.sign(matrix.data[starts])
    largest = np.maximum.reduceat(np.abs(matrix.data), starts)  # against overflow of squares
    data = matrix.data / np.repeat(largest, counts)
    length = sign * largest * np.sqrt(np.add.reduceat(data**2, starts))
    data = matrix.data / np.repeat(length, counts)
    weights = np.random.default_rng(0).standard_normal(matrix.shape[1])
    products = np.add.reduceat(data * weights[matrix.indices], starts)
    order = np.lexsort((products, matrix.indices[starts], counts))
    one, other = order[:-1], order[1:]
    same = (counts[one] == counts[other]) & (
        np.abs(products[one] - products[other]) <= 1e3 * _TOLERANCE
    )
    same[same] = _are_equal(matrix.indices, data, starts, counts, one[same], other[same])
    first = _first_of_runs(order, same)
    second = np.flatnonzero(first < np.arange(rows.size))
    first = first[second]
    return ParallelRows(rows[first], rows[second], length[second] / length[first])


def _first_of_runs(order: IntArray, same: NDArray[np.bool_]) -> IntArray:
    """Return, for each row, the smallest row of its run of equal neighbors in an order."""
    begins = np.flatnonzero(np.concatenate([[True], ~same]))
    smallest = np.minimum.reduceat(order, begins)
    first = np.empty_like(order)
    first[order] = np.repeat(smallest, np.diff(np.append(begins, order.size)))
    return first


def _are_equal(
    indices: NDArray[np.signedinteger],
    data: FloatArray,
    starts: NDArray[np.signedinteger],
    counts: NDArray[np.signedinteger],
    one: NDArray[np.signedinteger],
    other: NDArray[np.signedinteger],
) -> NDArray[np.bool_]:
    """Compare pairs of rows, each pair with equal counts, entry by entry."""
    if not one.size:
        return np.zeros(0, bool)
    lengths = counts[one]
    firsts = np.cumsum(lengths) - lengths
    within = np.arange(int(lengths.sum())) - np.repeat(firsts, lengths)
    a, b = (np.repeat(starts[rows], lengths) + within for rows in (one, other))
    equal = (indices[a] == indices[b]) & (np.abs(data[a] - data[b]) <= _TOLERANCE)
    return np.logical_and.reduceat(equal, firsts)
