"""Which element of a flat vector is called what: ``x[3, 1]``, ``dynamics[0, 2]``.

Variables, constraints and parameters are named arrays laid out one after another, in C order, in
one flat vector each.  This module is the only place that knows the layout.
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ProblemError, did_you_mean
from sparseopt.graph.nodes import Where

__all__ = ["NamedArray", "NamedVector", "element_name"]

FloatArray = NDArray[np.float64]

_ELEMENT = re.compile(r"\s*(?P<name>\w+)\s*(?:\[(?P<index>[\d\s,]*)\])?\s*")


def element_name(name: str, shape: tuple[int, ...], position: int) -> str:
    """Return the name of the element at a flat C-order position.

    Examples
    --------
    >>> element_name("x", (4, 3), 10), element_name("t", (), 0)
    ('x[3, 1]', 't')
    """
    if not shape:
        return name
    index = np.unravel_index(position, shape)
    return f"{name}[{', '.join(str(int(k)) for k in index)}]"


@dataclass(frozen=True)
class NamedArray:
    """One named array of a flat vector, and the user's line that declared it."""

    name: str
    shape: tuple[int, ...]
    offset: int
    size: int
    where: Where


class NamedVector:
    """A flat vector made of named arrays.

    Examples
    --------
    >>> vector = NamedVector([("x", (2, 2), None), ("t", (), None)])
    >>> vector.size, vector.element(3), vector.element(4), vector.position("x[1, 0]")
    (5, 'x[1, 1]', 't', 2)
    """

    def __init__(self, arrays: Iterable[tuple[str, tuple[int, ...], Where]]) -> None:
        self._arrays: dict[str, NamedArray] = {}
        offset = 0
        for name, shape, where in arrays:
            size = math.prod(shape)
            self._arrays[name] = NamedArray(name, shape, offset, size, where)
            offset += size
        self.size = offset
        self._in_order = list(self._arrays.values())
        self._offsets = [array.offset for array in self._in_order]

    def __iter__(self) -> Iterator[NamedArray]:
        return iter(self._in_order)

    def __len__(self) -> int:
        return len(self._in_order)

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def __getitem__(self, name: str) -> NamedArray:
        if name not in self._arrays:
            raise ProblemError(
                f"nothing is called {name!r}", instead=did_you_mean(name, self._arrays)
            )
        return self._arrays[name]

    def at(self, position: int) -> NamedArray:
        """Return the named array that holds a flat position."""
        if not 0 <= position < self.size:
            raise IndexError(f"position {position} of a vector of {self.size} elements")
        # Empty arrays share their offset with the next one; the last of them holds the element.
        return self._in_order[bisect.bisect_right(self._offsets, position) - 1]

    def element(self, position: int) -> str:
        """Return the name of the element at a flat position, such as ``x[3, 1]``."""
        array = self.at(position)
        return element_name(array.name, array.shape, position - array.offset)

    def position(self, element: str) -> int:
        """Return the flat position of an element's name; the reverse of `element`."""
        match = _ELEMENT.fullmatch(element)
        array = self[match["name"] if match else element]
        index = tuple(int(k) for k in re.findall(r"\d+", (match["index"] if match else "") or ""))
        if len(index) != len(array.shape) or any(
            k >= n for k, n in zip(index, array.shape, strict=True)
        ):
            raise ProblemError(
                f"{element!r} is no element of {array.name!r}",
                why=f"{array.name!r} has shape {array.shape}",
            )
        return array.offset + int(np.ravel_multi_index(index, array.shape) if index else 0)

    def part(self, values: NDArray[Any], name: str) -> Any:
        """Return the elements of one named array, in its shape (a number if it is 0-d)."""
        array = self[name]
        return values[array.offset : array.offset + array.size].reshape(array.shape)[()]
