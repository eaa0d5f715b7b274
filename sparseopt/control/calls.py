"""Calls of the user's functions, and the checks of what they return.

A rate or a value is an array over the points of the mesh, or one value that holds at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sparseopt.control.declarations import Signal
from sparseopt.errors import ProblemError, ShapeError, did_you_mean
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["called_for_dict", "called_for_number", "rates_of", "values_at_points"]


def rates_of(
    function: Callable[..., Any], phase: str, states: Mapping[str, Signal], count: int, *args: Any
) -> dict[str, Any]:
    """Return the rate of each state as an array of shape ``(count, *shape)``."""
    what = f"the dynamics of phase {phase!r}"
    found = called_for_dict(function, what, *args)
    missing = [name for name in states if name not in found]
    extra = [name for name in found if name not in states]
    if missing or extra:
        texts = [f"{len(found)} rates for {len(states)} states"]
        texts += [f"none for {', '.join(map(repr, missing))}"] if missing else []
        texts += [f"no state is called {', '.join(map(repr, extra))}"] if extra else []
        raise ProblemError(
            f"{what} return {'; '.join(texts)}",
            where=_where(function),
            why="the rate of every state is an equation",
            instead=did_you_mean(str(extra[0]), states) if extra else "return one rate a state",
        )
    return {
        name: values_at_points(
            found[name], count, state.shape, f"the rate of {name!r} in {what}", function
        )
        for name, state in states.items()
    }


def called_for_dict(function: Callable[..., Any], what: str, *args: Any) -> Mapping[str, Any]:
    """Return the named values that a function gives."""
    found = function(*args)
    if not isinstance(found, Mapping):
        raise ProblemError(
            f"{what} return {type(found).__name__}, not a dict",
            where=_where(function),
            why="values are known by name",
            instead='return {"name": value, ...}',
        )
    for name in found:
        if not isinstance(name, str) or not name.isidentifier():
            raise ProblemError(
                f"{what} return a value called {name!r}",
                where=_where(function),
                instead="use identifiers as names",
            )
    return found


def called_for_number(function: Callable[..., Any], what: str, *args: Any) -> Any:
    """Return the one number that a function gives."""
    found = function(*args)
    if not _is_numeric(found) or np.size(found) != 1:
        shape = f"an array of shape {np.shape(found)}" if _is_numeric(found) else _kind(found)
        raise ShapeError(
            f"{what} returns {shape}",
            where=_where(function),
            why="it is one number",
            instead="use the ends, such as last.v, or an integral",
        )
    return np.reshape(found, ())


def values_at_points(
    value: Any, count: int, shape: tuple[int, ...] | None, what: str, function: Callable[..., Any]
) -> Any:
    """Return a value as an array over points; without a shape any is accepted behind the first."""
    if not _is_numeric(value):
        raise ShapeError(
            f"{what} is {_kind(value)}",
            where=_where(function),
            instead="return arrays over the points, or numbers",
        )
    given = np.shape(value)
    if given == () and shape is not None:
        return value * np.ones((count, *shape))
    if given == ():
        return value * np.ones(count)
    if given[0] == count and (shape is None or given == (count, *shape)):
        return value
    expected = "(points, ...)" if shape is None else f"{(count, *shape)}"
    raise ShapeError(
        f"{what} has shape {given}",
        where=_where(function),
        why=f"there are {count} points, and it is an array over them of shape {expected}",
        instead="write it elementwise in the states, without sums over the first axis",
    )


def _is_numeric(value: Any) -> bool:
    return isinstance(value, (TracedArray, np.ndarray, np.generic, int, float, list, tuple))


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _where(function: Callable[..., Any]) -> str:
    code = getattr(function, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code is not None else ""
