"""Choosing between values: where, select, clip, nan_to_num."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sparseopt.errors import UnsupportedFunctionError
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.elementwise import apply
from sparseopt.tracing.movement import join
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__: list[str] = []


@implements(np.where)
def _where(condition: Any, *choices: Any) -> TracedArray:
    if len(choices) != 2:
        raise UnsupportedFunctionError(
            "np.where(condition) asks for the indices where a traced condition holds",
            where=describe_where(user_frame()),
            why="how many there are would depend on the variables",
            instead="np.where(condition, a, b), which chooses values",
        )
    first, second = (as_traced(choice) for choice in choices)
    if not is_traced(condition):
        # A mask that is known chooses places, not values, and leaves no trace in the program.
        return join([first, second], lambda a, b: np.where(condition, a, b))
    chosen = apply("where", condition, first, second)
    boolean = first.is_boolean and second.is_boolean
    return traced_from_node(chosen.node, chosen.shape, is_boolean=True) if boolean else chosen


@implements(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> TracedArray:
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    shape = np.broadcast_shapes(*(np.shape(item) for item in (*condlist, *choicelist, default)))
    result = as_traced(default).broadcast_to(shape)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = _where(condition, choice, result)
    return result


@implements(np.clip)
def _clip(
    a: Any,
    a_min: Any = np._NoValue,
    a_max: Any = np._NoValue,
    *,
    min: Any = np._NoValue,
    max: Any = np._NoValue,
) -> TracedArray:
    lower = min if a_min is np._NoValue else a_min
    upper = max if a_max is np._NoValue else a_max
    result = as_traced(a)
    if lower is not None and lower is not np._NoValue:
        result = apply("maximum", result, lower)
    if upper is not None and upper is not np._NoValue:
        result = apply("minimum", result, upper)
    return result


@implements(np.nan_to_num)
def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> TracedArray:
    del copy
    array, limits = as_traced(x), np.finfo(np.float64)
    result = apply("where", apply("isnan", array), nan, array)
    top = limits.max if posinf is None else posinf
    bottom = limits.min if neginf is None else neginf
    result = apply("where", apply("equal", array, np.inf), top, result)
    return apply("where", apply("equal", array, -np.inf), bottom, result)


@implements(np.isclose)
def _isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    if equal_nan:
        raise ValueError("equal_nan is not supported")
    near: TracedArray = abs(as_traced(a) - b) <= atol + rtol * abs(as_traced(b))
    return (near & np.isfinite(b)) | (as_traced(a) == b)


@implements(np.isposinf)
def _isposinf(x: Any) -> TracedArray:
    return apply("equal", x, np.inf)


@implements(np.isneginf)
def _isneginf(x: Any) -> TracedArray:
    return apply("equal", x, -np.inf)


_SINC_SERIES = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(12)]


@implements(np.sinc)
def _sinc(x: Any) -> TracedArray:
    """Return the quotient, and its series near 0, where derivatives of the quotient cancel."""
    scaled = np.pi * as_traced(x)
    is_near = apply("less", apply("absolute", scaled), 1.0)
    square = apply("square", apply("where", is_near, scaled, 0.0))
    series = as_traced(_SINC_SERIES[-1])
    for coefficient in _SINC_SERIES[-2::-1]:
        series = series * square + coefficient
    far = apply("where", is_near, 1.0, scaled)
    return apply("where", is_near, series, apply("divide", apply("sin", far), far))


@implements(np.round, np.around)
def _round(a: Any, decimals: int = 0) -> Any:
    if decimals == 0:
        return apply("rint", a)
    scale = 10.0 ** abs(decimals)
    if decimals > 0:
        return apply("rint", as_traced(a) * scale) / scale
    return apply("rint", as_traced(a) / scale) * scale


@implements(np.fix)
def _fix(x: Any) -> TracedArray:
    return apply("trunc", x)


@implements(np.i0)
def _i0(x: Any) -> TracedArray:
    return apply("i0", x)
