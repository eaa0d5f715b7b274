"""Arrays at the border to compiled code, which reads and writes by address: sizes and layout."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ShapeError

__all__ = ["read_vector", "result_vector"]

Vector = NDArray[np.float64]


def read_vector(values: Any, size: int, what: str) -> Vector:
    """Return values as a contiguous vector of floats; itself if it is one.

    Raises
    ------
    ShapeError
        If it has another size.

    Examples
    --------
    >>> read_vector([1, 2], 2, "x")
    array([1., 2.])
    """
    vector: Vector = values
    if not (
        type(values) is np.ndarray and values.dtype == np.float64 and values.flags.c_contiguous
    ):
        vector = np.ascontiguousarray(values, np.float64)
    if vector.size != size:
        raise ShapeError(f"{what} has {vector.size} elements instead of {size}")
    return vector


def result_vector(out: Vector | None, size: int, what: str) -> Vector:
    """Return the array that results are written into: the given one, or a new one.

    Raises
    ------
    ShapeError
        If the given one has another size, or is not a contiguous array of floats.
    """
    if out is None:
        return np.empty(size)
    given: Vector = out
    if out.size != size:
        raise ShapeError(f"out has {out.size} elements instead of {size} for the {what}")
    if out.dtype != np.float64 or not out.flags.c_contiguous or not out.flags.writeable:
        raise ShapeError(f"out for the {what} is not a contiguous, writable float64 array")
    return given
