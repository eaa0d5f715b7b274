"""Guesses: what a solve starts from, at the points of a mesh.

A guess is written as a constant, a pair of values at the first and the last time, a pair ``(times,
values)`` that is interpolated, or a function of an array of times.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.declarations import Range, Signal, bounds_at
from sparseopt.errors import NonFiniteError, ProblemError, ShapeError
from sparseopt.graph.nodes import Where
from sparseopt.tracing.source_lines import describe_where

__all__ = ["clipped", "default_guess", "guessed_values", "sampled_guess"]

FloatArray = NDArray[np.float64]


def guessed_values(
    signal: Signal,
    guess: Any,
    fractions: FloatArray,
    times: tuple[float, float],
    phase: str,
    bounds: Range,
) -> FloatArray:
    """Return a state or a control at fractions, within its bounds there.

    Raises
    ------
    NonFiniteError, ShapeError
    ProblemError
        For a guess outside the bounds that hold at all times, naming value and time.
    """
    if guess is None:
        values = default_guess(signal, fractions)
    else:
        moments = times[0] + (times[1] - times[0]) * fractions
        what = f"the guess of {signal.name!r} in phase {phase!r}"
        values = sampled_guess(guess, moments, times, signal.shape, what, signal.where)
        _require_inside(values, signal.bounds, moments, what, signal.where)
    # Ends that are fixed are no matter of guessing.
    return np.clip(values, bounds.lower, bounds.upper)


def default_guess(signal: Signal, fractions: FloatArray) -> FloatArray:
    """Return a line between the ends where these are fixed, else the middle of the bounds."""
    first, last = signal.initial, signal.final
    start = first.middle() if first.is_fixed else signal.bounds.middle()
    stop = last.middle() if last.is_fixed else signal.bounds.middle()
    if first.is_fixed and not last.is_fixed:
        stop = start
    if last.is_fixed and not first.is_fixed:
        start = stop
    return _line(start, stop, fractions)


def sampled_guess(
    guess: Any,
    moments: FloatArray,
    times: tuple[float, float],
    shape: tuple[int, ...],
    what: str,
    where: Where,
) -> FloatArray:
    """Return the values of a guess at times."""
    expected = (moments.size, *shape)
    if callable(guess):
        values = _array(guess(moments), what, where)
        values = values if values.shape == expected else _broadcast(values, expected, what, where)
    elif isinstance(guess, tuple) and len(guess) == 2:
        first, second = (_array(part, what, where) for part in guess)
        if second.ndim == len(shape) + 1:
            values = _table(first, second, moments, shape, what, where)
        else:
            start, stop = (_broadcast(part, shape, what, where) for part in (first, second))
            values = _line(start, stop, (moments - times[0]) / (times[1] - times[0]))
    else:
        values = _broadcast(_array(guess, what, where), expected, what, where)
    if not np.isfinite(values).all():
        bad = ~np.isfinite(values.reshape(moments.size, -1)).all(axis=1)
        raise NonFiniteError(
            f"{what} is NaN or infinite at t = {moments[np.argmax(bad)]:.6g}",
            where=describe_where(where),
            instead="give finite numbers at all times",
        )
    return values


def clipped(values: FloatArray, signal: Signal, fractions: FloatArray) -> FloatArray:
    """Return values moved into the bounds."""
    bounds = bounds_at(signal, fractions)
    return np.clip(values, bounds.lower, bounds.upper)


def _require_inside(
    values: FloatArray, bounds: Range, moments: FloatArray, what: str, where: Where
) -> None:
    if (values >= bounds.lower).all() and (values <= bounds.upper).all():
        return
    slack = 1e-9 * (1 + np.abs(values))
    outside = (values < bounds.lower - slack) | (values > bounds.upper + slack)
    if outside.any():
        first = np.unravel_index(int(np.argmax(outside)), outside.shape)
        low = np.broadcast_to(bounds.lower, values.shape)[first]
        high = np.broadcast_to(bounds.upper, values.shape)[first]
        raise ProblemError(
            f"{what} is {values[first]:.6g} at t = {moments[first[0]]:.6g}, outside its bounds "
            f"[{low:g}, {high:g}]",
            where=describe_where(where),
            instead="guess values between the bounds",
        )


def _line(start: FloatArray, stop: FloatArray, fractions: FloatArray) -> FloatArray:
    return np.asarray(start + np.multiply.outer(fractions, np.subtract(stop, start)))


def _table(
    times: FloatArray,
    values: FloatArray,
    moments: FloatArray,
    shape: tuple[int, ...],
    what: str,
    where: Where,
) -> FloatArray:
    if times.ndim != 1 or values.shape != (times.size, *shape) or not times.size:
        raise ShapeError(
            f"{what} has times of shape {times.shape} and values of shape {values.shape}",
            where=describe_where(where),
            instead=f"give n times, and values of shape (n, {', '.join(map(str, shape))})",
        )
    if not np.all(np.diff(times) > 0.0):
        raise ProblemError(f"the times of {what} do not ascend", where=describe_where(where))
    flat = values.reshape(times.size, -1)
    columns = [np.interp(moments, times, column) for column in flat.T]
    return np.stack(columns, axis=-1).reshape(moments.size, *shape)


def _array(value: Any, what: str, where: Where) -> FloatArray:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ShapeError(
            f"{what} is {value!r}",
            where=describe_where(where),
            instead="give a number, (first, last), (times, values) or a function of time",
        ) from None


def _broadcast(value: FloatArray, shape: tuple[int, ...], what: str, where: Where) -> FloatArray:
    try:
        return np.array(np.broadcast_to(value, shape))
    except ValueError:
        raise ShapeError(
            f"{what} has shape {value.shape}, not {shape}",
            where=describe_where(where),
            instead="give a number, (first, last), (times, values) or a function of time",
        ) from None
