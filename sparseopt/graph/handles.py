"""Expressions with Python's operators: what the partials of the function table are written with.

A handle is a term and what makes terms: nodes of a Program and the scalars of a template alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparseopt.graph.algebra import Terms
from sparseopt.graph.functions import FUNCTIONS

__all__ = ["Expression", "Functions", "term_of"]


class Expression:
    """A term with Python's operators, simplified as it is made."""

    __slots__ = ("pool", "term")

    def __init__(self, pool: Terms[Any], term: Any) -> None:
        self.pool = pool
        self.term = term

    def _make(self, name: str, *args: Expression | float) -> Expression:
        return Expression(self.pool, self.pool.make(name, *(term_of(self.pool, a) for a in args)))

    def __add__(self, other: Expression | float) -> Expression:
        return self._make("add", self, other)

    def __radd__(self, other: float) -> Expression:
        return self._make("add", other, self)

    def __sub__(self, other: Expression | float) -> Expression:
        return self._make("subtract", self, other)

    def __rsub__(self, other: float) -> Expression:
        return self._make("subtract", other, self)

    def __mul__(self, other: Expression | float) -> Expression:
        return self._make("multiply", self, other)

    def __rmul__(self, other: float) -> Expression:
        return self._make("multiply", other, self)

    def __truediv__(self, other: Expression | float) -> Expression:
        return self._make("divide", self, other)

    def __rtruediv__(self, other: float) -> Expression:
        return self._make("divide", other, self)

    def __neg__(self) -> Expression:
        return self._make("negative", self)


class Functions:
    """The table's functions by name, on expressions: ``f`` in the partials."""

    def __init__(self, pool: Terms[Any]) -> None:
        self._pool = pool

    def __getattr__(self, name: str) -> Callable[..., Expression]:
        if name not in FUNCTIONS:
            raise AttributeError(name)

        def call(*args: Expression | float) -> Expression:
            terms = (term_of(self._pool, a) for a in args)
            return Expression(self._pool, self._pool.make(name, *terms))

        return call


def term_of(pool: Terms[Any], value: Expression | float) -> Any:
    """Return the term of a handle; a number becomes a literal."""
    return value.term if isinstance(value, Expression) else pool.literal(value)
