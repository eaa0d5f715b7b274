"""From drawn numbers to lines of code: filling the fields of a step's template."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sparseopt.testing.steps import Step

__all__ = ["Operand", "write"]


@dataclass(frozen=True)
class Operand:
    """A value computed before: its name in the code, and its shape."""

    name: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def length(self) -> int:
        """Length of the first axis; one for scalars."""
        return self.shape[0] if self.shape else 1

    @property
    def columns(self) -> int:
        """Length of the last axis; one for scalars."""
        return self.shape[-1] if self.shape else 1


class _Fields:
    """The fields of a template, each drawn when it is first met.

    ``choice`` is a number whose digits, in the mixed base of what there is to choose, are the
    choices; zero takes the first of everything.
    """

    def __init__(self, a: Operand, b: Operand, out: str, choice: int) -> None:
        self.a, self.b, self.out = a, b, out
        self._choice = choice
        self._known: dict[str, str] = {}

    def pick(self, count: int) -> int:
        """Return the next digit, below ``count``."""
        self._choice, digit = divmod(self._choice, max(1, count))
        return digit

    def __getitem__(self, field: str) -> str:
        if field not in self._known:
            self._known[field] = _FIELDS[field](self)
        return self._known[field]


_NUMBERS = ("0.5", "-0.25", "2.0", "-1", "1.5", "3", "0.0")
_PARTS = (":", "1:", ":-1", "::2", "::-1", "-1", "0", "...", "None", "1:1", "-2::-2")
_DTYPES = ("", ", dtype=np.float32", ", dtype=int", ", dtype=bool")


def _basic(f: _Fields) -> str:
    parts = [_PARTS[f.pick(len(_PARTS))] for _ in range(1 + f.pick(max(1, len(f.a.shape))))]
    return ", ".join(parts)


def _fancy(f: _Fields, length: int) -> str:
    positions = [f.pick(2 * length) - length for _ in range(1 + f.pick(4))]
    return str(positions)


def _row(f: _Fields) -> str:
    values = [(0.5, -1.0, 0.0, 2.0, 1.0)[f.pick(5)] for _ in range(min(f.a.columns, 8))]
    dtype = _DTYPES[f.pick(len(_DTYPES))]
    if f.a.columns > len(values):
        return f"np.resize(np.array({values}{dtype}), {f.a.columns})"
    return f"np.array({values}{dtype})"


def _matrix(f: _Fields) -> str:
    n = f.a.size
    kinds = (
        f"np.cos(np.arange({n * n}.0)).reshape({n}, {n})",
        f"np.tri({n})",
        f"np.eye({n}, k=1) - 2.0 * np.eye({n})",
        f"(np.arange({n * n}).reshape({n}, {n}) % 3 - 1)",
    )
    return "(" + kinds[f.pick(len(kinds))] + ")"


def _weights(f: _Fields) -> str:
    rows = f.a.shape[-2] if len(f.a.shape) > 1 else f.a.columns
    return f"(0.3 * np.cos(np.arange({3 * rows}.0)).reshape(3, {rows}))"


def _axis(f: _Fields) -> str:
    ndim = len(f.a.shape)
    return str(f.pick(2 * ndim) - ndim) if ndim else "None"


def _divisor(f: _Fields) -> str:
    divisors = [k for k in range(1, max(2, f.a.size + 1)) if f.a.size % k == 0]
    return str(divisors[f.pick(len(divisors))])


def _mask(f: _Fields) -> str:
    return str([not f.pick(2) for _ in range(f.a.length)])


_FIELDS: dict[str, Callable[[_Fields], str]] = {
    "a": lambda f: f.a.name,
    "b": lambda f: f.b.name,
    "out": lambda f: f.out,
    "number": lambda f: _NUMBERS[f.pick(len(_NUMBERS))],
    "axis": _axis,
    "keep": lambda f: str(bool(f.pick(2))),
    "shift": lambda f: str(f.pick(6) - 2),
    "basic": _basic,
    "fancy": lambda f: _fancy(f, f.a.length),
    "fancylast": lambda f: _fancy(f, f.a.columns),
    "mask": _mask,
    "position": lambda f: str(f.pick(f.a.length)),
    "counts": lambda f: str([f.pick(3) for _ in range(f.a.length)]),
    "divisor": _divisor,
    "part": lambda f: str(f.pick(3)),
    "bit": lambda f: str(f.pick(2)),
    "row": _row,
    "matrix": _matrix,
    "weights": _weights,
    "cols": lambda f: str(f.a.columns),
    "size": lambda f: str(f.a.size),
    "mode": lambda f: ("same", "valid", "full")[f.pick(3)],
    "bins": lambda f: str([f.pick(3) for _ in range(f.a.size)]),
}


def _broadcasting(a: Operand, b: Operand) -> tuple[Operand, Operand]:
    """Return operands that broadcast: a column and a row where the arrays themselves do not."""
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        column = Operand(f"np.ravel({a.name})[:, None]", (a.size, 1))
        return column, Operand(f"np.ravel({b.name})", (b.size,))
    return a, b


def write(step: Step, a: Operand, b: Operand, out: str, choice: int) -> list[str]:
    """Return the statements of a step.

    Examples
    --------
    >>> v = Operand("v", (3,))
    >>> write(Step("np.sum({a}, axis={axis})"), v, v, "w", 1)
    ['w = np.sum(v, axis=0)']
    """
    if "{b}" in step.template:
        a, b = _broadcasting(a, b)
    code: str = step.template.format_map(_Fields(a, b, out, choice))
    if "{out}" not in step.template:
        code = f"{out} = {code}"
    return code.split("\n")
