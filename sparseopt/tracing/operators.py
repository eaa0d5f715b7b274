"""The operators and methods of `TracedArray`, made from the table of functions and from NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparseopt.graph.functions import FUNCTIONS, ScalarFunction
from sparseopt.tracing.operations import OPERATIONS

__all__ = ["binary", "in_place", "method", "reflected", "scalar_function", "unary"]


def method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the array method that is NumPy's ``function`` of the array."""

    def record(self: Any, *args: Any, **kwargs: Any) -> Any:
        return OPERATIONS.function(function, (self, *args), kwargs)

    return record


def unary(name: str) -> Callable[[Any], Any]:
    """Return the operator that is a scalar function of the array."""
    function = FUNCTIONS[name]

    def record(self: Any) -> Any:
        return OPERATIONS.record(function, (self,))

    return record


def binary(name: str) -> Callable[[Any, Any], Any]:
    """Return the operator that is a scalar function of the array and another operand."""
    function = FUNCTIONS[name]

    def record(self: Any, other: Any) -> Any:
        return OPERATIONS.record(function, (self, other))

    return record


def reflected(name: str) -> Callable[[Any, Any], Any]:
    """Return the operator for an array on the right of another operand."""
    function = FUNCTIONS[name]

    def record(self: Any, other: Any) -> Any:
        return OPERATIONS.record(function, (other, self))

    return record


def in_place(name: str) -> Callable[[Any, Any], Any]:
    """Return the operator that writes its result into the array."""
    function = FUNCTIONS[name]

    def record(self: Any, other: Any) -> Any:
        result: Any = OPERATIONS.record(function, (self, other))
        if not self.shape:
            return result  # a traced scalar is a value, as NumPy's scalars are
        self[...] = result
        return self

    return record


def scalar_function(function: ScalarFunction) -> Callable[..., Any]:
    """Return the method that is a scalar function, for arrays of objects."""

    def record(self: Any, *args: Any) -> Any:
        return OPERATIONS.record(function, (self, *args))

    return record
