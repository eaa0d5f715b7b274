"""First and second partials of the table's functions at given values.

The table writes first partials in its own functions.  Evaluated on dual numbers, value + slope ε
with ε² = 0, they give second partials, again from the table (Griewank and Walther 2008, Evaluating
Derivatives, chapter 3, doi:10.1137/1.9780898717761).  What a value is, the caller says by the
functions: NumPy arrays, or values of which only some elements are known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sparseopt.graph.functions import FUNCTIONS, ScalarFunction, numpy_functions

__all__ = ["first_partials", "second_partials", "vanishes_identically"]


def vanishes_identically(partial: Any) -> bool:
    """Whether a partial is the table's literal 0.0, and not an array that holds zeros."""
    return type(partial) is float and partial == 0.0


class _Dual:
    """A value and its slope; a slope that vanishes identically is the literal 0.0."""

    __array_ufunc__ = None  # NumPy's operators leave the operation to this class

    def __init__(self, functions: _DualFunctions, value: Any, slope: Any) -> None:
        self.functions = functions
        self.value = value
        self.slope = slope

    def __add__(self, other: Any) -> _Dual:
        return self.functions.apply("add", self, other)

    def __radd__(self, other: Any) -> _Dual:
        return self.functions.apply("add", other, self)

    def __sub__(self, other: Any) -> _Dual:
        return self.functions.apply("subtract", self, other)

    def __rsub__(self, other: Any) -> _Dual:
        return self.functions.apply("subtract", other, self)

    def __mul__(self, other: Any) -> _Dual:
        return self.functions.apply("multiply", self, other)

    def __rmul__(self, other: Any) -> _Dual:
        return self.functions.apply("multiply", other, self)

    def __truediv__(self, other: Any) -> _Dual:
        return self.functions.apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> _Dual:
        return self.functions.apply("divide", other, self)

    def __neg__(self) -> _Dual:
        return self.functions.apply("negative", self)


def _parts(argument: Any) -> tuple[Any, Any]:
    if isinstance(argument, _Dual):
        return argument.value, argument.slope
    return argument, 0.0


class _DualFunctions:
    """The table's functions by name, of dual numbers: ``f`` in the partials."""

    def __init__(self, functions: Any) -> None:
        self._functions = functions

    def __getattr__(self, name: str) -> Callable[..., _Dual]:
        return lambda *arguments: self.apply(name, *arguments)

    def apply(self, name: str, *arguments: Any) -> _Dual:
        values, slopes = zip(*map(_parts, arguments), strict=True)
        value = getattr(self._functions, name)(*values)
        partials = first_partials(FUNCTIONS[name], value, values, self._functions)
        slope: Any = 0.0
        for partial, step in zip(partials, slopes, strict=True):
            # A literal zero drops even where the other factor is infinite.
            if not vanishes_identically(partial) and not vanishes_identically(step):
                slope = slope + partial * step
        return _Dual(self, value, slope)


class _NoFunctions:
    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: None


@cache
def _branches(function: ScalarFunction) -> tuple[int | None, int | None]:
    """Return the numbers of the two arguments that a function selects from; None for a step."""
    assert function.select is not None
    _, first, second = function.select(_NoFunctions(), *range(function.arity))
    return first, second


def first_partials(
    function: ScalarFunction, value: Any, args: tuple[Any, ...], functions: Any = numpy_functions
) -> tuple[Any, ...]:
    """Return the first partials at values: an array, or 0.0 where one vanishes identically.

    Where a function selects one of its arguments, the branch taken has the partial one.
    """
    if function.partials is not None:
        return tuple(function.partials(functions, value, *args))
    partials: list[Any] = [0.0] * function.arity
    if function.select is not None:
        condition = function.select(functions, *args)[0]
        first, second = _branches(function)
        if first is not None:
            partials[first] = functions.where(condition, 1.0, 0.0)
        if second is not None:
            partials[second] = functions.where(condition, 0.0, 1.0)
    return tuple(partials)


def second_partials(
    function: ScalarFunction, value: Any, args: tuple[Any, ...], functions: Any = numpy_functions
) -> dict[tuple[int, int], Any]:
    """Return the second partials at values, for the pairs that the table calls curved.

    Examples
    --------
    >>> import numpy as np
    >>> power = FUNCTIONS["power"]
    >>> second_partials(power, np.array([9.0]), (np.array([3.0]), np.array([2.0])))[0, 0]
    array([2.])
    """
    found = {}
    assert function.partials is not None
    duals = _DualFunctions(functions)
    slopes = first_partials(function, value, args, functions)
    for j in range(function.arity):
        moved = tuple(_Dual(duals, a, 1.0 if k == j else 0.0) for k, a in enumerate(args))
        # The value is a function of the arguments too.
        result = function.partials(duals, _Dual(duals, value, slopes[j]), *moved)
        for i in range(j + 1):
            if f"{i}{j}" in function.curvature.split():
                found[i, j] = _parts(result[i])[1]
    return found
