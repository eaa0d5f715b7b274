"""Writing the partials of a scalar function as text, as its row computes them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sparseopt.graph.functions import ScalarFunction

__all__ = ["partials_text"]

_SUM, _PRODUCT, _ATOM = 1, 2, 3


@dataclass(frozen=True)
class _Text:
    """A formula that writes itself; the rank says which operations around it need brackets."""

    text: str
    rank: int = _ATOM

    def bracketed(self, rank: int) -> str:
        return self.text if self.rank >= rank else f"({self.text})"

    def __add__(self, other: Any) -> _Text:
        return _Text(f"{self.text} + {_text(other).text}", _SUM)

    def __radd__(self, other: Any) -> _Text:
        return _text(other) + self

    def __sub__(self, other: Any) -> _Text:
        return _Text(f"{self.text} - {_text(other).bracketed(_PRODUCT)}", _SUM)

    def __rsub__(self, other: Any) -> _Text:
        return _text(other) - self

    def __mul__(self, other: Any) -> _Text:
        return _Text(f"{self.bracketed(_PRODUCT)} {_text(other).bracketed(_ATOM)}", _PRODUCT)

    def __rmul__(self, other: Any) -> _Text:
        return _text(other) * self

    def __truediv__(self, other: Any) -> _Text:
        return _Text(f"{self.bracketed(_PRODUCT)} / {_text(other).bracketed(_ATOM)}", _PRODUCT)

    def __rtruediv__(self, other: Any) -> _Text:
        return _text(other) / self

    def __neg__(self) -> _Text:
        return _Text(f"-{self.bracketed(_ATOM)}", _PRODUCT)


def _text(value: Any) -> _Text:
    if isinstance(value, _Text):
        return value
    if math.isnan(value):
        return _Text("none")
    return _Text(f"{value:.4g}", _ATOM if value >= 0.0 else _PRODUCT)


class _Functions:
    def __getattr__(self, name: str) -> Callable[..., _Text]:
        return lambda *args: _Text(f"{name}({', '.join(_text(a).text for a in args)})")


def partials_text(row: ScalarFunction) -> str:
    """Return the first partials of a row, separated by commas.

    Examples
    --------
    >>> from sparseopt.graph.functions import FUNCTIONS
    >>> partials_text(FUNCTIONS["divide"])
    '1 / y, -(v / y)'
    """
    assert row.partials is not None
    names = list(inspect.signature(row.partials).parameters)[1:]
    partials = row.partials(_Functions(), *(_Text(name) for name in names))
    return ", ".join(_text(partial).text for partial in partials)
