"""What a phase is made of, and the checks that each declaration must pass.

A *range* is written as a number (fixed), as a pair ``(lower, upper)`` with None for no bound, or
as None.  A guess is a constant, a pair (from the first to the last time), a pair ``(times,
values)``, or a function of time.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, ProblemError, ShapeError
from sparseopt.graph.nodes import Where
from sparseopt.tracing.source_lines import describe_where

__all__ = [
    "Condition",
    "Given",
    "Integral",
    "Objective",
    "Range",
    "Signal",
    "Static",
    "TimeSpan",
    "bounds_at",
    "checked_array",
    "checked_name",
    "checked_range",
    "checked_scale",
    "checked_static_guess",
    "condition_bound",
    "require_order",
]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """Bounds of one array; equal where the value is fixed."""

    lower: FloatArray
    upper: FloatArray

    @property
    def is_fixed(self) -> bool:
        """Whether every element is fixed."""
        return bool(np.all(self.lower == self.upper))

    def intersect(self, other: Range) -> Range:
        """Return what is in both; it may be empty, which the caller checks."""
        return Range(np.maximum(self.lower, other.lower), np.minimum(self.upper, other.upper))

    def middle(self) -> FloatArray:
        """Return the middle of finite bounds, else the point nearest to zero."""
        both = np.isfinite(self.lower) & np.isfinite(self.upper)
        halves = np.where(both, self.lower, 0.0) / 2 + np.where(both, self.upper, 0.0) / 2
        return np.where(both, halves, np.clip(0.0, self.lower, self.upper))


@dataclass(frozen=True)
class Signal:
    """A state or a control; `initial` and `final` hold bounds at the ends of the phase."""

    name: str
    shape: tuple[int, ...]
    bounds: Range
    initial: Range
    final: Range
    guess: Any
    scale: FloatArray | None
    where: Where


@dataclass(frozen=True)
class Static:
    """A parameter to be found."""

    name: str
    shape: tuple[int, ...]
    bounds: Range
    guess: FloatArray
    scale: FloatArray | None
    where: Where


@dataclass(frozen=True)
class Given:
    """A parameter that is given, and changes between solves without a new trace."""

    name: str
    value: FloatArray
    where: Where


@dataclass(frozen=True)
class TimeSpan:
    """Bounds of the first and the last time and of the duration; a guess and size of the times."""

    initial: Range
    final: Range
    duration: Range
    guess: tuple[float, float]
    scale: FloatArray | None
    where: Where


@dataclass(frozen=True)
class Condition:
    """A function whose named values have bounds: path constraints, or boundary conditions."""

    function: Callable[..., Any]
    lower: Any
    upper: Any
    where: Where


@dataclass(frozen=True)
class Integral:
    """A named integral over the phase."""

    name: str
    function: Callable[..., Any]
    lower: float | None
    upper: float | None
    where: Where


@dataclass(frozen=True)
class Objective:
    """What is minimized or maximized: a function of both ends, parameters and integrals."""

    function: Callable[..., Any]
    is_maximized: bool
    where: Where


def bounds_at(signal: Signal, fractions: FloatArray) -> Range:
    """Return the bounds of a state or control at fractions, the ends included."""
    shape = (fractions.size, *signal.shape)
    lower = np.array(np.broadcast_to(signal.bounds.lower, shape))
    upper = np.array(np.broadcast_to(signal.bounds.upper, shape))
    for end, bounds in ((0.0, signal.initial), (1.0, signal.final)):
        at = np.flatnonzero(fractions == end)
        lower[at], upper[at] = bounds.lower, bounds.upper
    return Range(lower, upper)


def checked_name(name: object, kind: str, where: Where) -> str:
    """Return a usable name: an identifier without a double underscore."""
    usable = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
    if not isinstance(name, str) or not usable or name.startswith("_") or "__" in name:
        raise ProblemError(
            f"{name!r} is not a name for a {kind}",
            where=describe_where(where),
            why="names are attributes in the functions of a phase, and parts of longer names",
            instead="use letters, digits and single underscores, such as 'speed_1'",
        )
    return name


def checked_array(value: Any, shape: tuple[int, ...] | None, what: str, where: Where) -> FloatArray:
    """Return a finite float array, broadcast to a shape if one is given."""
    try:
        array = np.array(value, dtype=np.float64)
        array = array if shape is None else np.array(np.broadcast_to(array, shape))
    except (TypeError, ValueError):
        expected = "numbers" if shape is None else f"numbers that broadcast to shape {shape}"
        raise ShapeError(
            f"{what} is {value!r}", where=describe_where(where), instead=f"give {expected}"
        ) from None
    if not np.isfinite(array).all():
        raise NonFiniteError(
            f"{what} is NaN or infinite", where=describe_where(where), instead="give finite numbers"
        )
    return array


def checked_range(value: Any, shape: tuple[int, ...], what: str, where: Where) -> Range:
    """Return the bounds that a number, a pair or None stands for."""
    if value is None:
        value = (None, None)
    if not isinstance(value, tuple):
        fixed = checked_array(value, shape, what, where)
        return Range(fixed, fixed)
    if len(value) != 2:
        raise ProblemError(
            f"{what} is {value!r}",
            where=describe_where(where),
            instead="give a number, which is fixed, or a pair of bounds (lower, upper)",
        )
    lower = _bound(value[0], -np.inf, shape, what, where)
    upper = _bound(value[1], np.inf, shape, what, where)
    found = Range(lower, upper)
    require_order(found, what, where)
    return found


def checked_scale(scale: Any, shape: tuple[int, ...], what: str, where: Where) -> FloatArray | None:
    """Return typical sizes, which are positive and finite, or None."""
    if scale is None:
        return None
    sizes = checked_array(scale, shape, f"the scale of {what}", where)
    if not np.all(sizes > 0.0):
        raise ProblemError(
            f"the scale of {what} is {scale!r}",
            where=describe_where(where),
            why="a scale is the typical size of a value: positive and finite",
            instead="give the size that values have, or None",
        )
    return sizes


def checked_static_guess(static: Static, guess: Any) -> FloatArray:
    """Return the guess of a static parameter, finite and between its bounds."""
    what = f"the guess of static parameter {static.name!r}"
    values = checked_array(guess, static.shape, what, static.where)
    if np.any((values < static.bounds.lower) | (values > static.bounds.upper)):
        raise ProblemError(
            f"{what} is {guess!r}, outside its bounds",
            where=describe_where(static.where),
            instead="give a guess between the bounds",
        )
    return values


def condition_bound(bound: Any, name: str) -> Any:
    """Return the bound of one of the values of a condition; a mapping has one for each name."""
    return bound.get(name) if isinstance(bound, Mapping) else bound


def require_order(bounds: Range, what: str, where: Where) -> None:
    """Insist on bounds that some finite number meets."""
    lower, upper = bounds.lower, bounds.upper
    if np.all(lower <= upper) and np.all(lower < np.inf) and np.all(upper > -np.inf):
        return
    raise ProblemError(
        f"no number meets the bounds of {what}: lower {_short(lower)}, upper {_short(upper)}",
        where=describe_where(where),
        why="a lower bound is above its upper bound, or infinite on the wrong side",
    )


def _bound(
    value: Any, missing: float, shape: tuple[int, ...], what: str, where: Where
) -> FloatArray:
    if value is None:
        return np.full(shape, missing)
    try:
        array = np.array(np.broadcast_to(np.array(value, dtype=np.float64), shape))
    except (TypeError, ValueError):
        raise ShapeError(
            f"a bound of {what} is {value!r}",
            where=describe_where(where),
            instead=f"give None, or numbers that broadcast to shape {shape}",
        ) from None
    if np.isnan(array).any():
        raise NonFiniteError(
            f"a bound of {what} is NaN",
            where=describe_where(where),
            instead="use None where there is no bound",
        )
    return array


def _short(values: FloatArray) -> str:
    return np.array2string(values, precision=6, threshold=6)
