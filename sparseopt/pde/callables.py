"""Functions that people give: rates, forms, boundary values; called with what they can take."""

from __future__ import annotations

import inspect
from typing import Any

from sparseopt.errors import DiscretizationError

__all__ = ["require_callable"]


def require_callable(function: Any, what: str, *arguments: str) -> None:
    """Raise unless something is a function that takes arguments of these names.

    Examples
    --------
    >>> require_callable(lambda u, t: -u, "the rate", "u", "t")
    """
    call = f"f({', '.join(arguments)})"
    if not callable(function):
        raise DiscretizationError(
            f"{what} is {type(function).__name__}, no function", instead=f"give {call}"
        )
    try:
        inspect.signature(function).bind(*arguments)
    except ValueError:  # a function without a signature: the call itself will tell
        return
    except TypeError as error:
        raise DiscretizationError(
            f"{what} cannot be called as {call}", why=str(error), instead="give it these arguments"
        ) from None
