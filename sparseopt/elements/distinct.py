"""Numbering what is distinct among integers, and among rows of a table, mostly without sorting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["distinct", "distinct_rows", "positions_of_labels"]

Integers = NDArray[np.integer]


def distinct(keys: Integers) -> tuple[Integers, NDArray[np.int32]]:
    """Return the distinct keys, ascending, and the number of each key among them.

    Examples
    --------
    >>> values, labels = distinct(np.array([7, 5, 7]))
    >>> values.tolist(), labels.tolist()
    ([5, 7], [1, 0, 1])
    """
    low = int(keys.min(initial=0))
    span = int(keys.max(initial=0)) - low + 1
    if span <= max(4 * keys.size, 1024):
        present = np.zeros(span, bool)
        places = keys - low if low else keys
        present[places] = True
        values = np.flatnonzero(present)
        if values.size == span:
            return values + low, places.astype(np.int32, copy=places is keys)
        place = np.cumsum(present, dtype=np.int32) - np.int32(1)
        return values + low, place[places]
    values, labels = np.unique(keys, return_inverse=True)
    return values, labels.reshape(-1).astype(np.int32)


def distinct_rows(table: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the distinct rows in lexicographic order, and the number of each row among them.

    Columns join one after another to numbers that tell rows apart so far.  Numbers are labeled in
    a fraction of the time that sorting rows takes, unless there are few rows.

    Examples
    --------
    >>> rows, labels = distinct_rows(np.array([[1, 2], [0, 9], [1, 2]], np.int32))
    >>> rows.tolist(), labels.tolist()
    ([[0, 9], [1, 2]], [1, 0, 1])
    """
    if table.shape[0] <= table.shape[1]:
        rows, inverse = np.unique(table, axis=0, return_inverse=True)
        return rows, inverse.reshape(-1).astype(np.int32)
    labels = np.zeros(table.shape[0], np.int32)
    for column in table.T:
        values, numbers = distinct(column)
        if values.size > 1:
            labels = distinct(labels.astype(np.int64) * values.size + numbers)[1]
    places = np.empty(int(labels.max()) + 1, np.intp)
    places[labels] = np.arange(labels.size)
    return table[places], labels


def positions_of_labels(labels: Integers, count: int) -> list[NDArray[np.intp]]:
    """Return for each of the labels ``0 … count - 1`` where it is, ascending.

    Examples
    --------
    >>> [p.tolist() for p in positions_of_labels(np.array([1, 0, 1], np.int32), 2)]
    [[1], [0, 2]]
    """
    # NumPy sorts short integers digit by digit.
    short = labels.astype(np.uint16) if count <= 1 << 16 else labels
    order = np.argsort(short, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=count))
    return [order[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
