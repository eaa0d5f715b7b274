"""The registry of NumPy functions that work on traced arrays (``__array_function__``).

Adding a NumPy function is one decorated function in ``array_functions/``; what is not registered is
refused by name, with the nearest supported names.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from sparseopt.errors import (
    ShapeError,
    SparseOptError,
    TracingError,
    UnsupportedFunctionError,
)
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.tracing.name_classes import class_of
from sparseopt.tracing.operations import OPERATIONS
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["IMPLEMENTATIONS", "REFUSED", "implements", "qualified_name", "refuse", "unsupported"]

IMPLEMENTATIONS: dict[Any, Callable[..., Any]] = {}
REFUSED: dict[Any, tuple[str, str]] = {}
"""NumPy functions refused on purpose: function to (why, what to write instead)."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


def implements(*functions: Any) -> Callable[[_Function], _Function]:
    """Register a function as NumPy's ``functions`` for traced arrays."""

    def register(implementation: _Function) -> _Function:
        for function in functions:
            IMPLEMENTATIONS[function] = implementation
        return implementation

    return register


def refuse(function: Any, why: str, instead: str) -> None:
    """Register a reason why a NumPy function cannot be recorded, and what to write."""
    REFUSED[function] = (why, instead)


def apply_array_function(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Record a NumPy function called on traced arrays, or refuse it by name."""
    implementation = IMPLEMENTATIONS.get(function)
    if implementation is None:
        raise unsupported(function)
    try:
        return implementation(*args, **kwargs)
    except SparseOptError:
        raise
    except ValueError as error:
        raise ShapeError(
            f"np.{function.__name__}: {error}", where=describe_where(user_frame())
        ) from error
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise TracingError(
            f"np.{function.__name__}: {str(error).split('()')[-1].strip()}",
            where=describe_where(user_frame()),
            why="this option is not supported on traced arrays",
            instead="leave it out",
        ) from error


def unsupported(function: Any) -> UnsupportedFunctionError:
    """Return the error for a function or ufunc without a rule: its name, why, and what instead."""
    name = qualified_name(function)
    why, instead = REFUSED.get(function, ("", ""))
    group = class_of(name.removeprefix("numpy.").removeprefix("scipy."))
    if not why and group is not None:
        why, instead = f"{group.title}: {group.why}", group.instead
    return UnsupportedFunctionError(
        f"{name} is called on a traced array",
        where=describe_where(user_frame()),
        why=why or "it has no rule for traced arrays",
        instead=instead or _nearest(function.__name__),
    )


def qualified_name(function: Any) -> str:
    """Return ``numpy.linalg.norm``; ufuncs of SciPy do not say where they come from."""
    if isinstance(function, np.ufunc) and " (vectorized)" in function.__name__:
        return function.__name__.replace(" (vectorized)", ", made by np.frompyfunc,")
    module = getattr(function, "__module__", None) or "numpy"
    if isinstance(function, np.ufunc) and getattr(np, function.__name__, None) is not function:
        module = "scipy.special"
    return f"{module}.{function.__name__}"


def _nearest(name: str) -> str:
    known = sorted({f.__name__ for f in IMPLEMENTATIONS} | FUNCTIONS.keys())
    nearest = difflib.get_close_matches(name, known, n=3)
    outside = "so.external(function, shape) for code that cannot be traced"
    return f"nearest functions with one: {', '.join(nearest)}; {outside}" if nearest else outside


OPERATIONS.function = apply_array_function
