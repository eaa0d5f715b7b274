"""What makes an array of places, or a matrix, no pattern; errors name an entry."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import PatternError
from sparseopt.patterns.entry_keys import decode, encode
from sparseopt.scipy_on_demand import is_sparse
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["check_places", "places_of", "positions"]

LARGEST = 2**31 - 1

IntArray = NDArray[np.int32]


def positions(values: Any, what: str) -> IntArray:
    """Return row or column numbers as a contiguous int32 array."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise PatternError(f"{what} of a pattern have {array.ndim} dimensions, not one")
    if array.size > LARGEST:
        raise PatternError(
            f"a pattern of {array.size:,} entries",
            why="entries are numbered by 32-bit integers, up to 2,147,483,647",
        )
    if array.dtype.kind not in "iu" and array.size:
        raise PatternError(f"{what} of a pattern are {array.dtype}, not integers")
    if array.dtype.itemsize > 4 and array.size:
        low, high = int(array.min()), int(array.max())
        if low < -LARGEST or high > LARGEST:
            far = low if low < -LARGEST else high
            raise PatternError(f"{what} {far} lies outside what 32-bit integers hold")
    return np.ascontiguousarray(array, np.int32)


def check_places(rows: IntArray, cols: IntArray, shape: tuple[int, int], symmetric: bool) -> None:
    """Raise `PatternError` for places outside the shape, twice the same, or above the diagonal."""
    if rows.shape != cols.shape:
        raise PatternError("rows and cols of a pattern have different lengths")
    if min(shape) < 0 or max(shape) > LARGEST:
        raise PatternError(f"a pattern cannot have the shape {shape}")
    inside = (rows >= 0) & (rows < shape[0]) & (cols >= 0) & (cols < shape[1])
    if not inside.all():
        k = int(np.argmin(inside))
        raise PatternError(f"entry ({rows[k]}, {cols[k]}) lies outside a matrix of shape {shape}")
    if symmetric:
        _check_symmetric(rows, cols, shape)
    keys = np.sort(encode(rows, cols))
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    if twice.size:
        row, col = decode(keys[twice[:1]])
        raise PatternError(f"entry ({row[0]}, {col[0]}) occurs twice in a pattern")


def _check_symmetric(rows: IntArray, cols: IntArray, shape: tuple[int, int]) -> None:
    if shape[0] != shape[1]:
        raise PatternError(f"a symmetric pattern cannot have the shape {shape}")
    upper = np.flatnonzero(cols > rows)
    if upper.size:
        k = int(upper[0])
        raise PatternError(
            f"a symmetric pattern holds the lower triangle, row >= col, and not "
            f"({rows[k]}, {cols[k]})"
        )


def places_of(matrix: Any, symmetric: bool) -> tuple[IntArray, IntArray, tuple[int, int]]:
    """Return rows, columns and shape of a SciPy matrix or a dense array."""
    if not is_sparse(matrix):
        matrix = np.asarray(matrix)
        if matrix.dtype.kind not in "biufc":
            raise PatternError(f"an array of {matrix.dtype} is no pattern")
    if matrix.ndim != 2:
        raise PatternError(f"an array of {matrix.ndim} dimensions is no pattern of a matrix")
    try:
        compressed = sp.csr_array(matrix)
        compressed.check_format(full_check=True)
    except ValueError as error:
        raise PatternError("a sparse matrix is malformed", why=str(error)) from error
    coo = sp.coo_array(compressed)
    rows, cols = (positions(c, w) for c, w in zip(coo.coords, ("rows", "cols"), strict=True))
    missing = np.flatnonzero(np.isnan(coo.data))
    if missing.size:
        k = int(missing[0])
        raise PatternError(
            f"entry ({rows[k]}, {cols[k]}) of a matrix given as a pattern is NaN",
            why="whether it is a structural nonzero cannot be told from it",
            instead="ones where entries can be, such as (matrix != 0)",
        )
    shape = (int(coo.shape[0]), int(coo.shape[1]))
    if symmetric:
        rows, cols = _lower(rows, cols, shape)
    return rows, cols, shape


def _lower(rows: IntArray, cols: IntArray, shape: tuple[int, int]) -> tuple[IntArray, IntArray]:
    """Return the lower triangle; the upper one must be empty or mirror it."""
    if shape[0] != shape[1]:
        raise PatternError(f"a symmetric pattern cannot have the shape {shape}")
    lower, upper = rows >= cols, rows < cols
    if upper.any():
        below = rows > cols
        one, other = encode(rows[below], cols[below]), encode(cols[upper], rows[upper])
        single = np.setxor1d(one, other)
        if single.size:
            row, col = (int(p[0]) for p in decode(single[:1]))
            has, lacks = ((row, col), (col, row)) if single[0] in one else ((col, row), (row, col))
            raise PatternError(
                f"a matrix given as symmetric has the entry {has} and not {lacks}",
                instead="the whole matrix, or its lower triangle only",
            )
    return rows[lower], cols[lower]
