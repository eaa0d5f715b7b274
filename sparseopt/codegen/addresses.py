"""Tables of addresses that know what they point to, so that linked programs can be written down.

Whoever holds the address of a table holds everything that compiled code reaches from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.tiers import FunctionAddress

__all__ = [
    "ArrayAddress",
    "Word",
    "address_of",
    "functions_reached",
    "location",
    "reached",
    "table_of",
]


class ArrayAddress(int):
    """The address of an array, which it keeps alive.

    Attributes
    ----------
    array : ndarray
    words : sequence of Word, or None
        What the array was made from, where addresses may be among it.
    """

    array: NDArray[Any]
    words: Sequence[Word] | None


Word: TypeAlias = "int | ArrayAddress | FunctionAddress"
"""What compiled code reads as 64 bits."""


def location(array: NDArray[Any]) -> int:
    """Return where an array is in memory: for one call, during which somebody keeps it."""
    return int(array.__array_interface__["data"][0])


def address_of(array: NDArray[Any], words: Sequence[Word] | None = None) -> ArrayAddress:
    """Return the address of an array, for a table that keeps it alive."""
    address = ArrayAddress(location(array))
    address.array, address.words = array, words
    return address


def table_of(words: Sequence[Word]) -> ArrayAddress:
    """Return the address of a new table of words; functions among them follow their modules.

    Examples
    --------
    >>> inner = table_of([3, 4])
    >>> outer = table_of([inner, 5])
    >>> bool(outer.array[0] == inner), outer.words[0].array.tolist()
    (True, [3, 4])
    """
    numbers = [0 if isinstance(word, FunctionAddress) else word for word in words]
    table = np.array(numbers or [0], np.int64)
    for position, word in enumerate(words):
        if isinstance(word, FunctionAddress):
            word.module.place(word.name, table, position)
    return address_of(table, words)


def reached(root: ArrayAddress) -> list[ArrayAddress]:
    """Return the addresses of all arrays that are reached from one, itself first, each once."""
    found, known, stack = [], {id(root.array)}, [root]
    while stack:
        address = stack.pop()
        found.append(address)
        for word in address.words or ():
            if isinstance(word, ArrayAddress) and id(word.array) not in known:
                known.add(id(word.array))
                stack.append(word)
    return found


def functions_reached(root: ArrayAddress) -> list[FunctionAddress]:
    """Return the functions in all tables that are reached from one."""
    words = (word for address in reached(root) for word in address.words or ())
    return [word for word in words if isinstance(word, FunctionAddress)]
