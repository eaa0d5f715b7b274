"""Checking and converting solver options before a solver sees them.

Solvers differ in how badly they take a wrong option: some print, some crash, some ignore it.  Here
an unknown name is refused with the nearest known one, and a value is converted where its meaning is
plain (an integer where a number is wanted, True for "yes", NumPy scalars for Python's).
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sparseopt.errors import SolverError, UnknownOptionError, did_you_mean


@dataclass(frozen=True)
class OptionRule:
    """One option: its kind ("number", "integer", "text", "choice", "any") and what it admits."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = True
    open_high: bool = True

    def admits(self, value: float) -> bool:
        """Return whether a number lies in the range."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return (above or value == -math.inf == self.low) and (
            below or value == math.inf == self.high
        )

    @property
    def domain(self) -> str:
        """What is admitted, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind in ("text", "any"):
            return "a text" if self.kind == "text" else "anything"
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        kind = "an integer" if self.kind == "integer" else "a number"
        return f"{kind} in {left}{self.low:g}, {self.high:g}{right}"


def option_rule(name: str, kind: str, domain: str = "") -> OptionRule:
    """Read a rule from a line of an option table.

    Examples
    --------
    >>> option_rule("bound_frac", "number", "(0, 0.5]").domain
    'a number in (0, 0.5]'
    """
    if kind == "choice":
        return OptionRule(name, kind, choices=tuple(domain.split()))
    if kind in ("text", "any") or not domain:
        return OptionRule(name, kind)
    low, high = domain[1:-1].split(", ")
    return OptionRule(name, kind, (), float(low), float(high), domain[0] == "(", domain[-1] == ")")


class OptionTable(Mapping[str, OptionRule]):
    r"""The rules of a table, a line for each; nothing is read before it is asked for.

    Examples
    --------
    >>> table = OptionTable("tol number (0, inf)\nsb choice yes no")
    >>> list(table), table["sb"].choices
    (['tol', 'sb'], ('yes', 'no'))
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> dict[str, str]:
        lines = self._text.strip().splitlines()
        return {line.partition(" ")[0]: line for line in lines}

    def __getitem__(self, name: str) -> OptionRule:
        return option_rule(*self._lines[name].split(" ", 2))

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def checked_options(
    options: Mapping[str, Any], rules: Mapping[str, OptionRule], solver: str
) -> dict[str, Any]:
    """Return the options with values of the kind the solver wants.

    Raises
    ------
    UnknownOptionError
        For a name that is not in `rules`.
    SolverError
        For a value of the wrong kind or out of range.

    Examples
    --------
    >>> rules = {"tol": option_rule("tol", "number", "(0, inf)")}
    >>> checked_options({"tol": 1}, rules, "ipopt")
    {'tol': 1.0}
    """
    return {name: _checked(name, value, rules, solver) for name, value in options.items()}


def _checked(name: str, value: Any, rules: Mapping[str, OptionRule], solver: str) -> Any:
    rule = rules.get(name)
    if rule is None:
        raise UnknownOptionError(
            f"{solver} has no option {name!r}", instead=did_you_mean(str(name), rules)
        )
    converted = _CONVERSIONS[rule.kind](value, rule)
    if converted is None and rule.kind != "any":
        raise SolverError(f"option {name!r} of {solver} is {rule.domain}, not {value!r}")
    return converted


def _number(value: Any, rule: OptionRule) -> float | None:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        return None
    number = float(value)
    return number if rule.admits(number) else None


def _integer(value: Any, rule: OptionRule) -> int | None:
    number = _number(value, rule)
    if number is None or not number.is_integer() or abs(number) >= 2**31:
        return None
    return int(number)


def _choice(value: Any, rule: OptionRule) -> str | None:
    if isinstance(value, (bool, np.bool_)) and "yes" in rule.choices:
        return "yes" if value else "no"
    return str(value) if isinstance(value, str) and value in rule.choices else None


def _text(value: Any, rule: OptionRule) -> str | None:
    return str(value) if isinstance(value, str) else None


def _any(value: Any, rule: OptionRule) -> Any:
    return value.item() if isinstance(value, np.generic) else value


_CONVERSIONS = {
    "number": _number,
    "integer": _integer,
    "choice": _choice,
    "text": _text,
    "any": _any,
}
