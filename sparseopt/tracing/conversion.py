"""Turning what users mix with traced arrays into traced arrays: numbers, lists, object arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ArrayConversionError, ShapeError
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Gather, Node
from sparseopt.scipy_on_demand import is_sparse
from sparseopt.tracing.operations import OPERATIONS
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = [
    "as_traced",
    "broadcast_node",
    "constant_array",
    "is_traced",
    "literal",
    "stack_objects",
    "unlabeled",
]

_LITERALS: dict[float, Constant] = {}
_MOST_LITERALS = 4096


def literal(value: float) -> Constant:
    """Return the constant of a number; equal numbers share one node, except zeros.

    Examples
    --------
    >>> literal(2) is literal(2.0), literal(0.0) is literal(-0.0)
    (True, False)
    """
    node = _LITERALS.get(value)
    if node is None:
        node = Constant(np.array([value], np.float64))
        node.number = -1  # before all others, whichever program it was made for first
        if value:  # 0.0 and -0.0 are equal, and differ
            if len(_LITERALS) >= _MOST_LITERALS:
                _LITERALS.clear()
            _LITERALS[value] = node
    return node


def is_traced(value: Any) -> bool:
    """Whether a value is, or holds, traced elements."""
    if isinstance(value, TracedArray):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype == object and any(isinstance(v, TracedArray) for v in value.flat)
    if isinstance(value, (list, tuple)):
        return any(is_traced(v) for v in value)
    return False


def unlabeled(value: Any) -> Any:
    """Return the traced array that an array with labels, such as xarray's, is made of; else it."""
    inner = None if isinstance(value, (TracedArray, np.ndarray)) else getattr(value, "data", None)
    return inner if isinstance(inner, TracedArray) else value


def constant_array(value: Any) -> NDArray[np.float64]:
    """Return plain data as a float64 array; complex and masked data are refused."""
    if is_sparse(value):
        raise ArrayConversionError(
            f"a {type(value).__name__} meets a traced array element by element",
            where=describe_where(user_frame()),
            why="its zeros are not stored, so the result has no array to live in",
            instead="A @ x and x @ A for products; A @ (x * v) for (A * x) @ v, x[0] * (A @ v) for "
            "(x[0] * A) @ v; A.toarray() * x if A is small",
        )
    if isinstance(value, np.matrix):  # scipy's A.todense() and A.sum(axis=1) are some
        raise ArrayConversionError(
            "an np.matrix meets a traced array",
            where=describe_where(user_frame()),
            why="its * is a matrix product, and it makes a matrix of every vector",
            instead="np.asarray(A), or A.toarray() for A.todense(); @ for products",
        )
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise ArrayConversionError(
            "complex data meets a traced array",
            where=describe_where(user_frame()),
            why="traced programs are real: every value is a float64",
            instead="write the real and imaginary parts as two real arrays",
        )
    # pandas has a method of that name
    if isinstance(value, np.ndarray) and np.any(getattr(value, "mask", False)):
        raise ArrayConversionError(
            "a masked array meets a traced array",
            where=describe_where(user_frame()),
            why="its mask would be lost, and what is masked would count",
            instead="data.compressed() and the part of the formula that belongs to it",
        )
    if array.dtype.kind not in "biuf":
        raise ArrayConversionError(
            f"data of type {_type_name(value, array)} meets a traced array",
            where=describe_where(user_frame()),
            why="only numbers can be part of a formula",
            instead="call it: f(x)" if callable(value) else _advice_for(value),
        )
    return array.astype(np.float64, copy=False)


def _advice_for(value: Any) -> str:
    if value is None:
        return "an array of floats; `x is None` asks whether there is one"
    if isinstance(value, str):
        return f"an array of floats, or the one that m.variable({value!r}, ...) returned"
    return "convert it to an array of floats first"


def _type_name(value: Any, array: NDArray[Any]) -> str:
    return str(array.dtype) if isinstance(value, np.ndarray) else type(value).__name__


def _one_after_another(nodes: list[Node], shape: tuple[int, ...], boolean: bool) -> TracedArray:
    if not nodes:
        return traced_from_node(Constant(np.zeros(0)), shape, boolean)
    index = StridedIndex.of(0, (math.prod(shape),), (1,))
    return traced_from_node(Gather(nodes, index, user_frame()), shape, boolean)


def stack_objects(values: NDArray[Any]) -> TracedArray:
    """Return the traced array of an object array of traced scalars and numbers."""
    if not is_traced(values):
        raise ArrayConversionError(
            "data of type object meets a traced array",
            where=describe_where(user_frame()),
            why="only numbers can be part of a formula",
            instead="convert it to an array of floats first",
        )
    items = [as_traced(value) for value in values.flat]
    for item in items:
        if item.size != 1:
            raise ShapeError(
                f"an object array holds a traced array of shape {item.shape}",
                where=describe_where(user_frame()),
                why="its elements must be scalars to be stacked",
                instead="np.stack or np.concatenate the arrays",
            )
    boolean = all(item.is_boolean for item in items)
    return _one_after_another([item.node for item in items], values.shape, boolean)


def as_traced(value: Any) -> TracedArray:
    """Return ``value`` as a traced array; plain data becomes a constant."""
    if isinstance(value, TracedArray):
        return value
    if isinstance(value, (float, int)) and not isinstance(value, bool):
        return traced_from_node(literal(value), ())
    if isinstance(value, (list, tuple)) and is_traced(value):
        return _stack_sequence(value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return stack_objects(value)
    data = unlabeled(value)
    if isinstance(data, TracedArray):
        return data
    data = constant_array(value)
    node = Constant(np.array(data, order="C").reshape(-1), user_frame())
    return traced_from_node(node, data.shape, np.asarray(value).dtype == bool)


def _stack_sequence(values: list[Any] | tuple[Any, ...]) -> TracedArray:
    items = [as_traced(v) for v in values]
    shapes = {item.shape for item in items}
    if len(shapes) != 1:
        raise ShapeError(
            f"a list mixes arrays of shapes {sorted(shapes)}",
            where=describe_where(user_frame()),
            why="only arrays of one shape stack to an array",
            instead="np.concatenate them, or give them one shape",
        )
    boolean = all(item.is_boolean for item in items)
    shape = (len(items), *items[0].shape)
    return _one_after_another([item.node for item in items if item.size], shape, boolean)


def broadcast_node(array: TracedArray, shape: tuple[int, ...]) -> Node:
    """Return the node of ``array`` broadcast to ``shape``; scalar constants stay of size one."""
    if array.shape == shape or (array.size == 1 and isinstance(array.node, Constant)):
        return array.node
    return array.broadcast_to(shape).node


def node_to_write(value: Any, shape: tuple[int, ...], boolean: bool) -> Node:
    """Return the node to write into a place of a shape; one element goes to all places."""
    array = as_traced(value)
    if boolean and not array.is_boolean:
        array = array != 0.0
    if array.size == 1:
        return array.node
    while array.ndim > len(shape) and array.shape[0] == 1:
        array = array[0]
    try:
        return broadcast_node(array, shape)
    except ValueError as error:
        raise ShapeError(
            f"a value of shape {array.shape} is written to a place of shape {shape}",
            where=describe_where(user_frame()),
        ) from error


OPERATIONS.node_to_write = node_to_write
