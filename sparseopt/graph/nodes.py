"""The node kinds of a Program: single-assignment values over flat float64 vectors.

Shapes live in the tracing layer; here every value is a vector in C order, so reshaping is free.
All of NumPy's surface lowers to these few kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import ScalarFunction
from sparseopt.graph.index import Index
from sparseopt.graph.opaque import OpaqueFunction
from sparseopt.scipy_on_demand import sparse as sp

__all__ = [
    "Call",
    "Constant",
    "Elementwise",
    "Gather",
    "Input",
    "Linear",
    "Node",
    "RowSum",
    "Where",
]

Where = tuple[str, int] | None
"""File and line of the user's expression that made a node."""


_next_number = count().__next__


class Node:
    """A value of the program: ``size`` numbers computed from ``args``.

    ``number`` counts nodes as they are made; arguments exist first, so ascending numbers are an
    order of evaluation.
    """

    __slots__ = ("args", "number", "size", "where")

    def __init__(self, size: int, args: tuple[Node, ...], where: Where) -> None:
        self.number = _next_number()
        self.size = size
        self.args = args
        self.where = where


class Input(Node):
    """Decision variables, or parameters: values that change without a new trace.

    ``may_vary`` says that code around the function may put something in the place of a parameter
    that has derivatives.
    """

    __slots__ = ("may_vary", "name", "role")

    def __init__(
        self,
        name: str,
        size: int,
        role: Literal["variable", "parameter"] = "variable",
        where: Where = None,
        *,
        may_vary: bool = False,
    ) -> None:
        super().__init__(size, (), where)
        self.name = name
        self.role = role
        self.may_vary = may_vary


class Constant(Node):
    """Data.  A constant of size one stands for any size as an argument of `Elementwise`.

    ``has_plain_zeros`` says that its zeros are values like others.  By default they are structure:
    what is multiplied by one has a formula of its own, without that product.
    """

    __slots__ = ("has_plain_zeros", "values")

    def __init__(
        self, values: NDArray[np.float64], where: Where = None, *, has_plain_zeros: bool = False
    ) -> None:
        super().__init__(values.size, (), where)
        self.values = values
        self.has_plain_zeros = has_plain_zeros


class Elementwise(Node):
    """A scalar function applied to vectors of equal size (or constants of size one)."""

    __slots__ = ("function",)

    def __init__(
        self, function: ScalarFunction, args: tuple[Node, ...], size: int, where: Where = None
    ) -> None:
        super().__init__(size, args, where)
        self.function = function


class Gather(Node):
    """Copies: element i is element ``index[i]`` of the concatenated sources."""

    __slots__ = ("index",)

    def __init__(self, sources: Sequence[Node], index: Index, where: Where = None) -> None:
        super().__init__(index.size, tuple(sources), where)
        self.index = index


class RowSum:
    """The matrix that adds up consecutive groups of ``width`` elements; it is never stored."""

    __slots__ = ("num_rows", "width")

    def __init__(self, num_rows: int, width: int) -> None:
        self.num_rows = num_rows
        self.width = width


class Linear(Node):
    """A constant sparse matrix times a vector."""

    __slots__ = ("matrix",)

    def __init__(self, matrix: RowSum | sp.csr_array, arg: Node, where: Where = None) -> None:
        rows = matrix.num_rows if isinstance(matrix, RowSum) else matrix.shape[0]
        super().__init__(int(rows), (arg,), where)
        self.matrix = matrix


class Call(Node):
    """A function that is not NumPy, applied to one flat vector: all its arguments in a row."""

    __slots__ = ("function",)

    def __init__(self, function: OpaqueFunction, arg: Node, where: Where = None) -> None:
        super().__init__(function.size_out, (arg,), where)
        self.function = function
