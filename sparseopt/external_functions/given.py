"""What the user gave: the function, its derivatives, and how missing ones are to be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Given", "Method"]

Method = Literal["auto", "complex", "central"]
"""How missing derivatives are found: by complex steps, by central differences, or as it works."""

Callback = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Given:
    """The arguments of `sparseopt.external`, which explains them."""

    name: str
    function: Callback
    shape_out: tuple[int, ...]
    jacobian: Callback | None
    jvp: Callback | None
    vjp: Callback | None
    hessian: Callback | None
    hvp: Callback | None
    pattern: Any
    hessian_pattern: Any
    example: tuple[Any, ...] | None
    method: Method
    typical: float
    check: bool
    remember: bool
