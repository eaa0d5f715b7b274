"""Errors that NumPy, SciPy and Python raise for traced arrays, in the words of the user's code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparseopt.errors import SparseOptError, TracingError
from sparseopt.tracing.source_lines import describe_where, raising_line

__all__ = ["recorded"]

_COMPILED = "a compiled function that takes numbers alone is given a traced array"
_INSTEAD_OF_COMPILED = (
    "so.linear_solve(A, b) for scipy.sparse.linalg.splu(A).solve(b), or a variable y with the "
    "constraints A @ y == b; so.external(function, shape) for other compiled code"
)
_FOREIGN_ERRORS = [
    (
        "which has no callable",
        "a NumPy function is applied to an object array that mixes traced scalars and numbers",
        "np.stack([...]) instead of np.array([...])",
    ),
    (
        "not supported for the input types",
        "a NumPy function is applied to an object array of traced scalars",
        "np.stack([...]) instead of np.array([...])",
    ),
    (
        "dot argument not supported",
        "A.dot(x) of a sparse matrix that does not know traced arrays",
        "A @ x",
    ),
    (
        "only integers, slices",
        "an array is indexed by something that is not a constant integer",
        "constant indices: they must not depend on the variables",
    ),
    (
        "from dtype('O')",
        "a traced value is used as an index, a count or a size",
        "constant ones: which elements are meant must not depend on the variables",
    ),
    ("unhashable type: 'TracedArray'", "a traced value is used as a key", "a plain index"),
    ("not TracedArray", _COMPILED, _INSTEAD_OF_COMPILED),
    ("got TracedArray", _COMPILED, _INSTEAD_OF_COMPILED),
]


def recorded(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the user's function returns for traced arguments.

    Raises
    ------
    TracingError
        Instead of others' errors, where it is known what to write.
    """
    try:
        return function(*arguments)
    except SparseOptError:
        raise
    except (TypeError, ValueError, IndexError) as error:
        if isinstance(error.__cause__, SparseOptError):
            raise error.__cause__ from None  # NumPy wraps what a conversion raises
        for words, what, instead in _FOREIGN_ERRORS:
            if words in str(error):
                raise TracingError(
                    what,
                    where=describe_where(raising_line(error.__traceback__)),
                    why=str(error),
                    instead=instead,
                ) from error
        raise
