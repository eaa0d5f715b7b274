"""Functions that are put together from pieces: interp, searchsorted, digitize, piecewise.

Which piece an argument lies in is found at every evaluation, by a search in a constant table; a
piece takes its coefficients from tables, so the number of pieces costs a logarithm.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import TracingError, UnsupportedFunctionError
from sparseopt.graph.tables import Side, lookup_in, search_in
from sparseopt.tracing.conversion import as_traced, constant_array, is_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.elementwise import record
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray

__all__: list[str] = []

FloatArray = NDArray[np.float64]


def _knots(values: Any, what: str) -> FloatArray:
    if is_traced(values):
        raise UnsupportedFunctionError(
            f"{what} are traced",
            where=describe_where(user_frame()),
            why="their order depends on the variables",
            instead="constant ones; np.where or np.select over pieces whose limits are variables",
        )
    return constant_array(values)


@implements(np.searchsorted)
def _searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> TracedArray:
    knots = _knots(a, "the sorted values of np.searchsorted")
    knots = knots if sorter is None else knots[sorter]
    if side not in ("left", "right") or knots.ndim != 1:
        raise ValueError("a vector is searched from the left or from the right")
    return record(search_in(knots, side), (v,))


@implements(np.digitize)
def _digitize(x: Any, bins: Any, right: bool = False) -> TracedArray:
    edges = _knots(bins, "the bins of np.digitize")
    steps = np.diff(edges)
    if edges.ndim != 1 or not ((steps >= 0).all() or (steps <= 0).all()):
        raise ValueError("bins must be monotonically increasing or decreasing")
    side: Side = "left" if right else "right"
    if (steps >= 0).all():
        return record(search_in(edges, side), (x,))
    return edges.size - record(search_in(edges[::-1], side), (x,))  # type: ignore[no-any-return]


@implements(np.interp)
def _interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    knots = _knots(xp, "the coordinates xp of np.interp").astype(np.float64)
    values = as_traced(fp) if is_traced(fp) else constant_array(fp)
    if knots.ndim != 1 or values.shape != knots.shape or not knots.size:
        raise ValueError("fp and xp are not of the same length, or empty")
    if period is not None:
        return _interp_periodic(x, knots, values, abs(float(period)))
    if (np.diff(knots) < 0).any():
        raise TracingError(
            "the coordinates xp of np.interp are not ascending",
            where=describe_where(user_frame()),
            why="np.interp returns nonsense for them",
            instead="order = np.argsort(xp); np.interp(x, xp[order], fp[order])",
        )
    if isinstance(values, TracedArray):
        found = _weights(x, knots) @ values
    else:
        found = _linear_pieces(x, knots, values)
    if left is not None:
        found = np.where(np.less(x, knots[0]), left, found)
    return found if right is None else np.where(np.greater(x, knots[-1]), right, found)


def _interp_periodic(x: Any, knots: FloatArray, values: Any, period: float) -> Any:
    if period == 0.0:
        raise ValueError("period must be a non-zero value")
    knots = knots % period
    order = np.argsort(knots)
    knots, values = knots[order], values[order]
    around = np.concatenate((knots[-1:] - period, knots, knots[:1] + period))
    return _interp(x % period, around, np.concatenate((values[-1:], values, values[:1])))


def _linear_pieces(x: Any, knots: FloatArray, values: FloatArray) -> Any:
    """Return ``slope (x - origin) + value`` of the piece of each argument, as NumPy computes it.

    The first piece and the last are constant.
    """
    with np.errstate(all="ignore"):
        inner = np.diff(values) / np.diff(knots)
    slopes = np.concatenate(([0.0], np.where(np.diff(knots) > 0, inner, 0.0), [0.0]))
    piece = record(search_in(knots), (x,))
    origins = record(lookup_in(np.concatenate((knots[:1], knots))), (piece,))
    start = record(lookup_in(np.concatenate((values[:1], values))), (piece,))
    return record(lookup_in(slopes), (piece,)) * (x - origins) + start


def _weights(x: Any, knots: FloatArray) -> Any:
    """Return the matrix whose product with values at the knots interpolates them at ``x``.

    A traced ``x`` gives one column for each knot: any of the values may be the one that counts.
    """
    piece = _search(knots, x)
    place = np.clip(piece - 1.0, 0.0, max(knots.size - 2, 0))
    width = np.append(np.diff(knots), 1.0)
    width[width == 0.0] = 1.0
    fraction = (x - _lookup(knots, place)) / _lookup(width, place)
    end = 1.0 if knots.size > 1 else 0.0
    fraction = np.where(piece == knots.size, end, np.where(piece == 0.0, 0.0, fraction))
    column = np.arange(knots.size)
    place, fraction = np.expand_dims(place, -1), np.expand_dims(fraction, -1)
    after = np.where(place + 1.0 == column, fraction, 0.0)
    return np.where(place == column, 1.0 - fraction, after)


def _search(knots: FloatArray, x: Any) -> Any:
    row = search_in(knots)
    return record(row, (x,)) if is_traced(x) else row.numpy(constant_array(x))


def _lookup(table: FloatArray, place: Any) -> Any:
    row = lookup_in(table)
    return record(row, (place,)) if is_traced(place) else row.numpy(place)


@implements(np.piecewise)
def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Return each piece evaluated everywhere, and chosen by its condition; the last one wins."""
    array = as_traced(x)
    conditions = _conditions(condlist, array.shape)
    pieces = [f(array, *args, **kw) if callable(f) else f for f in funclist]
    if len(pieces) not in (len(conditions), len(conditions) + 1):
        raise ValueError(
            f"with {len(conditions)} conditions, either {len(conditions)} or "
            f"{len(conditions) + 1} functions are expected"
        )
    default = pieces.pop() if len(pieces) > len(conditions) else 0.0
    result: Any = as_traced(default).broadcast_to(array.shape)
    for condition, piece in zip(conditions, pieces, strict=True):
        result = np.where(condition, piece, result)
    return result


def _conditions(condlist: Any, shape: tuple[int, ...]) -> list[Any]:
    """Return the list of conditions; as in NumPy, a single one needs no list around it."""
    is_array = isinstance(condlist, (TracedArray, np.ndarray))
    if is_array and condlist.ndim == len(shape):
        return [condlist]
    if shape and not is_array and not isinstance(condlist[0], (list, np.ndarray, TracedArray)):
        return [condlist]
    return list(condlist)
