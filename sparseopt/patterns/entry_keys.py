"""Places of a matrix as 64-bit keys, row above column, so that sorting keys sorts entries.

One vectorized sort replaces hash tables and markers: it is what unions of index sets, products of
them and set algebra of patterns come down to.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode", "distinct", "encode", "is_ascending", "sorted_with_positions"]

KeyArray = NDArray[np.int64]

_WORD_BITS = 63


def encode(rows: NDArray[np.integer], cols: NDArray[np.integer], *, width: int = 2**31) -> KeyArray:
    """Return the keys of places (row, col), both nonnegative and below 2^31.

    Columns are below ``width``: the smaller it is, the shorter are the keys.

    Examples
    --------
    >>> decode(encode(np.array([1, 0]), np.array([2, 7])))
    (array([1, 0], dtype=int32), array([2, 7], dtype=int32))
    >>> encode(np.array([1, 0]), np.array([2, 7]), width=8)
    array([10,  7])
    """
    keys: KeyArray = rows.astype(np.int64)
    keys <<= _column_bits(width)
    keys |= cols
    return keys


def decode(keys: KeyArray, width: int = 2**31) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the rows and the columns of keys."""
    bits = _column_bits(width)
    return (keys >> bits).astype(np.int32), (keys & ((1 << bits) - 1)).astype(np.int32)


def _column_bits(width: int) -> int:
    return max(0, width - 1).bit_length()


def distinct(keys: list[KeyArray]) -> KeyArray:
    """Return the distinct keys of several arrays, ascending; the list is emptied.

    Emptying it lets the parts go before the sorted copy is made.
    """
    if not keys:
        return np.zeros(0, np.int64)
    whole: KeyArray = np.concatenate(keys) if len(keys) > 1 else keys[0].copy()
    keys.clear()
    if not is_ascending(whole):
        whole.sort()
        fresh: NDArray[Any] = np.ones(whole.size, bool)
        np.not_equal(whole[1:], whole[:-1], out=fresh[1:])
        whole = whole[fresh]
    return whole


def is_ascending(keys: KeyArray) -> bool:
    """Whether keys are strictly ascending."""
    return bool((keys[1:] > keys[:-1]).all())


def sorted_with_positions(keys: KeyArray) -> tuple[KeyArray, KeyArray]:
    """Return keys in order, and the position each had; equal ones keep their order.

    Examples
    --------
    >>> sorted_with_positions(np.array([7, 5, 7]))
    (array([5, 7, 7]), array([1, 0, 2]))
    """
    bits = int(keys.size).bit_length()
    if int(keys.max(initial=0)).bit_length() + bits <= _WORD_BITS:
        # Sorting whole words is several times faster than sorting positions by their keys.
        words = keys << bits
        words |= np.arange(keys.size)
        words.sort()
        positions = words & ((1 << bits) - 1)
        words >>= bits
        return words, positions
    order = np.argsort(keys, kind="stable")
    return keys[order], order
