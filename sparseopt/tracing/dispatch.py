"""The registry of NumPy functions that work on traced arrays (``__array_function__``).

Adding a NumPy function is one decorated function in ``array_functions/``; what is not registered is
refused by name, with the nearest supported names.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any, TypeVar

from sparseopt.errors import (
    ShapeError,
    SparseOptError,
    TracingError,
    UnsupportedFunctionError,
)
from sparseopt.tracing.operations import OPERATIONS
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["IMPLEMENTATIONS", "REFUSED", "implements", "refuse"]

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
        raise _unsupported(function)
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


def _unsupported(function: Any) -> UnsupportedFunctionError:
    name = f"{getattr(function, '__module__', 'numpy')}.{function.__name__}"
    known = sorted({f.__name__ for f in IMPLEMENTATIONS})
    nearest = difflib.get_close_matches(function.__name__, known, n=3)
    outside = "so.external(function, shape) for code that cannot be traced"
    advice = f"nearest functions with one: {', '.join(nearest)}; {outside}" if nearest else outside
    why, instead = REFUSED.get(function, ("it has no rule for traced arrays", advice))
    return UnsupportedFunctionError(
        f"{name} is called on a traced array",
        where=describe_where(user_frame()),
        why=why,
        instead=instead,
    )


OPERATIONS.function = apply_array_function
