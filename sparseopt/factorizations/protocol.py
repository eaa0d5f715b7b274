"""What a backend is: how it factors, what for, and how it is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = ["Backend", "Factors"]

Array = NDArray[Any]


class Factors(Protocol):
    """The factors of a square matrix A, in whatever form a library keeps them."""

    def solve(self, b: Array) -> Array:
        """Return x with A x = b, for real ``b`` of shape (n,) or (n, k)."""

    def solve_transposed(self, b: Array) -> Array:
        """Return x with Aᵀ x = b, for real ``b`` of shape (n,) or (n, k)."""


@dataclass(frozen=True)
class Backend:
    """A library that factors sparse matrices; each module of ``backends/`` holds one.

    Attributes
    ----------
    name : str
    package : str
        What is imported to see whether it is installed.
    install : str
        The command that installs it.
    rank : int
        "auto" takes the installed and fitting backend of the highest rank.
    fits : callable
        Whether it is worth while, and allowed, for a matrix.
    factor : callable
        ``factor(matrix)`` returns `Factors`; an ``ArithmeticError`` says that this backend cannot:
        the matrix is singular, or not positive definite.
    """

    name: str
    package: str
    install: str
    rank: int
    fits: Callable[[sp.csc_array], bool]
    factor: Callable[[sp.csc_array], Factors]
