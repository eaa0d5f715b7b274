"""When a phase begins and ends: bounds that can hold together, and a guess within them."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.control.declarations import (
    Range,
    TimeSpan,
    checked_array,
    checked_range,
    checked_scale,
)
from sparseopt.errors import ProblemError
from sparseopt.graph.nodes import Where
from sparseopt.tracing.source_lines import describe_where

__all__ = ["guessed_times", "time_span"]


def time_span(
    phase: str,
    initial: Any,
    final: Any,
    duration: Any,
    guess: Any,
    scale: Any,
    where: Where,
) -> TimeSpan:
    """Return the bounds of both times and of the duration, a guess and the times' size.

    Raises
    ------
    ProblemError
        If no times within the bounds ascend, or the guess does not; for a scale that is no size.
    """
    first = checked_range(initial, (), f"the initial time of phase {phase!r}", where)
    last = checked_range(final, (), f"the final time of phase {phase!r}", where)
    length = checked_range(duration, (), f"the duration of phase {phase!r}", where)
    length = length.intersect(Range(np.array(0.0), np.array(np.inf)))
    _require_time(phase, first, last, length, where)
    if guess is None:
        times = _likely_times(first, last, length)
    else:
        times = guessed_times(phase, first, last, length, guess, where)
    size = checked_scale(scale, (), f"the times of phase {phase!r}", where)
    return TimeSpan(first, last, length, times, size, where)


def _require_time(phase: str, first: Range, last: Range, length: Range, where: Where) -> None:
    longest = float(last.upper - first.lower)
    shortest = float(last.lower - first.upper)
    possible = longest > 0.0 and longest >= length.lower and shortest <= length.upper
    if not possible or length.lower > length.upper or length.upper == 0.0:
        raise ProblemError(
            f"phase {phase!r} cannot end after it begins",
            where=describe_where(where),
            why=f"initial time {_interval(first)}, final time {_interval(last)}, "
            f"duration {_interval(length)}",
            instead="time(initial=0.0, final=(0.5, 10.0))",
        )


def _likely_times(first: Range, last: Range, length: Range) -> tuple[float, float]:
    start = float(first.middle())
    likely = 1.0 if np.isinf(length.upper) else float(length.middle())
    return start, float(np.clip(_later(last, start, likely), last.lower, last.upper))


def guessed_times(
    phase: str, first: Range, last: Range, length: Range, guess: Any, where: Where
) -> tuple[float, float]:
    """Return a guess of both times, which ascends and is within all bounds."""
    what = f"the guess of the times of phase {phase!r}"
    if np.ndim(guess) == 0:
        raise ProblemError(
            f"{what} is {guess!r}",
            where=describe_where(where),
            instead="give a pair of times that ascends",
        )
    start, stop = (float(x) for x in checked_array(guess, (2,), what, where))
    if not stop > start:
        raise ProblemError(
            f"{what} ends at {stop:g}, not after it begins at {start:g}",
            where=describe_where(where),
            instead="give a pair of times that ascends",
        )
    for value, bounds, end in ((start, first, "initial"), (stop, last, "final")):
        if not bounds.lower <= value <= bounds.upper:
            raise ProblemError(
                f"{what} has the {end} time {value:g}, not {_interval(bounds)}",
                where=describe_where(where),
                instead="guess times within their bounds",
            )
    slack = 1e-9 * (abs(start) + abs(stop))
    if not length.lower - slack <= stop - start <= length.upper + slack:
        raise ProblemError(
            f"{what} lasts {stop - start:g}, not {_interval(length)}",
            where=describe_where(where),
            instead="guess a duration within its bounds",
        )
    return start, stop


def _later(last: Range, start: float, likely: float) -> float:
    """Return a final time after the start: the middle of bounds where they are finite."""
    if np.isfinite(last.lower) and np.isfinite(last.upper):
        middle = float(last.middle())
        return middle if middle > start else float(last.upper)
    return start + likely


def _interval(bounds: Range) -> str:
    if bounds.is_fixed:
        return f"{bounds.lower:g}"
    return f"in [{bounds.lower:g}, {bounds.upper:g}]"
