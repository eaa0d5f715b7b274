"""Second partials of the table's functions at given values, by dual numbers.

The table writes first partials in its own functions.  Evaluated on dual numbers, value + slope ε
with ε² = 0, they give second partials, again from the table (Griewank and Walther 2008, Evaluating
Derivatives, chapter 3, doi:10.1137/1.9780898717761).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import FUNCTIONS, ScalarFunction, numpy_functions

__all__ = ["first_partials", "second_partials"]


class _Dual:
    """A value and its slope; a slope that vanishes identically is the literal 0.0."""

    __array_ufunc__ = None  # NumPy's operators leave the operation to this class

    def __init__(self, value: Any, slope: Any) -> None:
        self.value = value
        self.slope = slope

    def __add__(self, other: Any) -> _Dual:
        return _apply("add", self, other)

    def __radd__(self, other: Any) -> _Dual:
        return _apply("add", other, self)

    def __sub__(self, other: Any) -> _Dual:
        return _apply("subtract", self, other)

    def __rsub__(self, other: Any) -> _Dual:
        return _apply("subtract", other, self)

    def __mul__(self, other: Any) -> _Dual:
        return _apply("multiply", self, other)

    def __rmul__(self, other: Any) -> _Dual:
        return _apply("multiply", other, self)

    def __truediv__(self, other: Any) -> _Dual:
        return _apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> _Dual:
        return _apply("divide", other, self)

    def __neg__(self) -> _Dual:
        return _apply("negative", self)


def _parts(argument: Any) -> tuple[Any, Any]:
    if isinstance(argument, _Dual):
        return argument.value, argument.slope
    return argument, 0.0


def _vanishes(slope: Any) -> bool:
    return type(slope) is float and slope == 0.0


def _apply(name: str, *arguments: Any) -> _Dual:
    function = FUNCTIONS[name]
    values, slopes = zip(*map(_parts, arguments), strict=True)
    value = function.numpy(*values)
    slope: Any = 0.0
    for partial, step in zip(first_partials(function, value, values), slopes, strict=True):
        # A literal zero drops even where the other factor is infinite.
        if not _vanishes(partial) and not _vanishes(step):
            slope = slope + partial * step
    return _Dual(value, slope)


class _DualFunctions:
    """The table's functions by name, of dual numbers: ``f`` in the partials."""

    def __getattr__(self, name: str) -> Callable[..., _Dual]:
        return lambda *arguments: _apply(name, *arguments)


def first_partials(function: ScalarFunction, value: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the first partials at values: an array, or 0.0 where one vanishes identically.

    Where a function selects one of its arguments, the branch taken has the partial one.
    """
    if function.partials is not None:
        return tuple(function.partials(numpy_functions, value, *args))
    if function.select is None:
        return (0.0,) * function.arity
    condition, first, second = function.select(numpy_functions, *args)
    taken = np.asarray(condition) != 0.0
    return tuple(
        taken * 1.0 if arg is first else ~taken * 1.0 if arg is second else 0.0 for arg in args
    )


def second_partials(
    function: ScalarFunction, value: NDArray[Any], args: tuple[Any, ...]
) -> dict[tuple[int, int], Any]:
    """Return the second partials at values, for the pairs that the table calls curved.

    Examples
    --------
    >>> square = FUNCTIONS["power"]
    >>> second_partials(square, np.array([9.0]), (np.array([3.0]), np.array([2.0])))[0, 0]
    array([2.])
    """
    found = {}
    assert function.partials is not None
    for j in range(function.arity):
        duals = tuple(_Dual(a, 1.0) if k == j else a for k, a in enumerate(args))
        # The value is a function of the arguments too.
        slopes = first_partials(function, value, args)
        result = function.partials(_DualFunctions(), _Dual(value, slopes[j]), *duals)
        for i in range(j + 1):
            if f"{i}{j}" in function.curvature.split():
                found[i, j] = _parts(result[i])[1]
    return found
