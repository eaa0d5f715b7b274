"""Recording scalar functions: operators, ufuncs and their ``reduce``, ``outer`` and ``at`` forms.

Code that loops over scalars records one node for each operation, so numbers and traced scalars take
a short way here that never enters NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sparseopt.errors import ShapeError, TracingError, UnsupportedFunctionError
from sparseopt.graph.functions import FUNCTIONS, ScalarFunction, function_of_ufunc
from sparseopt.graph.nodes import Elementwise, Input, Node, Where
from sparseopt.graph.program import topological_order
from sparseopt.scipy_on_demand import is_sparse
from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.conversion import as_traced, broadcast_node, literal
from sparseopt.tracing.dispatch import unsupported
from sparseopt.tracing.operations import OPERATIONS
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["ACCUMULATIONS", "LOWERED_UFUNCS", "REDUCTIONS", "apply", "record"]

_COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
_LOGIC = ("logical_and", "logical_or", "logical_xor", "logical_not")
_BOOLEAN = frozenset((*_COMPARISONS, *_LOGIC, "isnan", "isfinite", "isinf"))

LOWERED_UFUNCS: dict[Any, Callable[..., Any]] = {
    np.positive: lambda x: as_traced(x).copy(),
    np.deg2rad: lambda x: apply("multiply", x, math.pi / 180.0),
    np.radians: lambda x: apply("multiply", x, math.pi / 180.0),
    np.rad2deg: lambda x: apply("multiply", x, 180.0 / math.pi),
    np.degrees: lambda x: apply("multiply", x, 180.0 / math.pi),
    np.fabs: lambda x: apply("absolute", x),
    np.float_power: lambda x, y: apply("power", x, y),
    np.conjugate: lambda x: as_traced(x).copy(),
    np.bitwise_and: lambda x, y: apply("logical_and", x, y),
    np.bitwise_or: lambda x, y: apply("logical_or", x, y),
    np.bitwise_xor: lambda x, y: apply("logical_xor", x, y),
    np.invert: lambda x: apply("logical_not", x),
    np.divmod: lambda x, y: (apply("floor_divide", x, y), apply("remainder", x, y)),
    np.ldexp: lambda x, n: x * 2.0 ** np.asarray(n),
    np.modf: lambda x: (x - apply("trunc", x), apply("trunc", x)),
    np.signbit: lambda x: apply("less", apply("copysign", 1.0, x), 0.0),
}
"""Ufuncs that are written in terms of the table's functions."""

REDUCTIONS: dict[Any, Callable[..., Any]] = {}
"""``ufunc.reduce`` forms: ufunc to function of (array, axis, keepdims); filled by reductions."""

ACCUMULATIONS: dict[Any, Callable[..., None]] = {}
"""``ufunc.at`` forms: ufunc to function of (array, indices, values); filled by accumulation."""


def apply(name: str, *args: Any) -> TracedArray:
    """Record the table's function ``name`` of broadcast arguments."""
    return record(FUNCTIONS[name], args)


def record(function: ScalarFunction, args: tuple[Any, ...]) -> TracedArray:
    """Record a scalar function of broadcast arguments, at least one of them traced."""
    nodes = []
    for arg in args:
        if type(arg) is TracedArray:
            if arg.shape:
                return _record_arrays(function, args)
            nodes.append(arg.node)
        elif isinstance(arg, (float, int)):
            nodes.append(literal(arg))
        else:
            return _record_arrays(function, args)
    if function.open_arguments:
        _refuse_variables(function, nodes)
    node = Elementwise(function, tuple(nodes), 1, user_frame())
    return traced_from_node(node, (), function.name in _BOOLEAN)


def _record_arrays(function: ScalarFunction, args: tuple[Any, ...]) -> TracedArray:
    for arg in args:
        if type(arg) in _REAL:
            continue
        if function.name == "multiply" and is_sparse(arg) and sp.isspmatrix(arg):
            return OPERATIONS.matmul(*args)  # type: ignore[no-any-return]
        if _is_complex(arg):
            return OPERATIONS.complex(function, args)  # type: ignore[no-any-return]
    where = user_frame()
    arrays = [as_traced(a) for a in args]
    shape = _broadcast_shape(function.name, arrays, where)
    nodes = tuple([broadcast_node(a, shape) for a in arrays])
    if function.open_arguments:
        _refuse_variables(function, nodes)
    node = Elementwise(function, nodes, math.prod(shape), where)
    return traced_from_node(node, shape, function.name in _BOOLEAN)


_REAL = frozenset((TracedArray, float, int, bool))


def _refuse_variables(function: ScalarFunction, args: Sequence[Node]) -> None:
    """Refuse variables where no derivative by the argument is known."""
    for k in function.open_arguments:
        below = topological_order([args[k]])
        if any(isinstance(node, Input) and node.role == "variable" for node in below):
            raise UnsupportedFunctionError(
                f"scipy.special.{function.name} of a variable as argument {k + 1}",
                where=describe_where(user_frame()),
                why="its derivative by this argument has no closed form",
                instead="a constant or a parameter there; so.external(function, shape) takes "
                "differences",
            )


def _is_complex(value: Any) -> bool:
    return type(value) is complex or getattr(getattr(value, "dtype", None), "kind", "") == "c"


def _broadcast_shape(name: str, arrays: list[TracedArray], where: Where) -> tuple[int, ...]:
    # Nearly all are of one shape, but for numbers: NumPy is asked about the others.
    shapes = {a.shape for a in arrays if a.shape} or {()}
    if len(shapes) == 1:
        return shapes.pop()
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise ShapeError(
            f"np.{name} of arrays of shapes {' and '.join(str(a.shape) for a in arrays)}",
            where=describe_where(where),
            why="the shapes do not broadcast",
        ) from error


def _apply_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if method == "__call__":
        function = function_of_ufunc(ufunc)
        if function is not None and not kwargs:
            return record(function, inputs)
        return _call(ufunc, inputs, kwargs)
    if method == "reduce" and ufunc in REDUCTIONS:
        options = _known(kwargs, {"axis", "keepdims"}, ufunc)
        return REDUCTIONS[ufunc](*inputs, **{"axis": 0, **options})
    if method == "accumulate" and ufunc in (np.add, np.multiply):
        running = np.cumsum if ufunc is np.add else np.cumprod
        return running(inputs[0], **{"axis": 0, **_known(kwargs, {"axis"}, ufunc)})
    if method == "at" and ufunc in ACCUMULATIONS:
        return ACCUMULATIONS[ufunc](*inputs)
    if method == "outer" and function_of_ufunc(ufunc) is not None:
        first, second = (as_traced(v) for v in inputs)
        return ufunc(first.reshape(first.shape + (1,) * second.ndim), second)
    raise UnsupportedFunctionError(
        f"np.{ufunc.__name__}.{method} is called on a traced array",
        where=describe_where(user_frame()),
        why="it has no differentiation rule",
        instead="np.sum, np.prod, np.cumsum or plain operators",
    )


def _known(kwargs: dict[str, Any], allowed: set[str], ufunc: Any) -> dict[str, Any]:
    neutral = {"where": True, "out": None, "dtype": None, "initial": np._NoValue}
    for key, value in kwargs.items():
        if key not in allowed and value is not neutral.get(key, np._NoValue):
            raise TracingError(
                f"np.{ufunc.__name__} is called with {key}= on a traced array",
                where=describe_where(user_frame()),
                why="the option has no meaning for a recorded program",
                instead="leave it out, or use np.where",
            )
    return {k: v for k, v in kwargs.items() if k in allowed}


def _call(ufunc: Any, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    out = kwargs.pop("out", None)
    if kwargs.get("dtype") is not None and np.dtype(kwargs["dtype"]) == np.float64:
        del kwargs["dtype"]
    _known(kwargs, set(), ufunc)
    function = function_of_ufunc(ufunc)
    if function is not None:
        result: Any = record(function, inputs)
    elif ufunc in LOWERED_UFUNCS:
        result = LOWERED_UFUNCS[ufunc](*inputs)
    else:
        raise unsupported(ufunc)
    return result if out is None else _store(out, result)


def _store(out: tuple[Any, ...], result: Any) -> Any:
    target = out[0]
    if not isinstance(target, TracedArray):
        raise TracingError(
            "a traced result is written into a plain NumPy array",
            where=describe_where(user_frame()),
            why="the array can hold numbers only, and these are not known yet",
            instead="y = y + x instead of y += x; or start with y = np.zeros_like(x)",
        )
    target[...] = result
    return target


OPERATIONS.record = record
OPERATIONS.ufunc = _apply_ufunc
