"""Turning what users mix with traced arrays into traced arrays: numbers, lists, object arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ArrayConversionError, ShapeError
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Gather, Node
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.storage import Storage
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["as_traced", "broadcast_node", "constant_array", "is_traced", "stack_objects"]


def is_traced(value: Any) -> bool:
    """Whether a value is, or holds, traced elements."""
    if isinstance(value, TracedArray):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype == object and any(isinstance(v, TracedArray) for v in value.flat)
    if isinstance(value, (list, tuple)):
        return any(is_traced(v) for v in value)
    return False


def constant_array(value: Any) -> NDArray[np.float64]:
    """Return plain data as a float64 array; complex data is refused."""
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise ArrayConversionError(
            "complex data meets a traced array",
            where=describe_where(user_frame()),
            why="traced programs are real: every value is a float64",
            instead="write the real and imaginary parts as two real arrays",
        )
    if array.dtype.kind not in "biuf":
        raise ArrayConversionError(
            f"data of type {array.dtype} meets a traced array",
            where=describe_where(user_frame()),
            why="only numbers can be part of a formula",
            instead="convert it to an array of floats first",
        )
    return array.astype(np.float64, copy=False)


def stack_objects(values: NDArray[Any]) -> TracedArray:
    """Return the traced array of an object array of traced scalars and numbers."""
    nodes: list[Node] = []
    where = user_frame()
    for value in values.flat:
        if isinstance(value, TracedArray):
            if value.size != 1:
                raise ShapeError(
                    f"an object array holds a traced array of shape {value.shape}",
                    where=describe_where(where),
                    why="its elements must be scalars to be stacked",
                    instead="np.stack or np.concatenate the arrays",
                )
            nodes.append(value.node)
        else:
            nodes.append(Constant(constant_array(value).reshape(1), where))
    index = StridedIndex.of(0, (len(nodes),), (1,))
    return traced_from_node(Gather(nodes, index, where), values.shape)


def as_traced(value: Any) -> TracedArray:
    """Return ``value`` as a traced array; plain data becomes a constant."""
    if isinstance(value, TracedArray):
        return value
    if isinstance(value, (list, tuple)) and is_traced(value):
        return _stack_sequence(value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return stack_objects(value)
    data = constant_array(value)
    node = Constant(np.ascontiguousarray(data).reshape(-1), user_frame())
    return traced_from_node(node, data.shape)


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
    size = items[0].size
    index = StridedIndex.of(0, (len(items) * size,), (1,))
    node = Gather([item.node for item in items], index, user_frame())
    return traced_from_node(node, (len(items), *items[0].shape))


def broadcast_node(array: TracedArray, shape: tuple[int, ...]) -> Node:
    """Return the node of ``array`` broadcast to ``shape``; scalar constants stay of size one."""
    node = array.node
    if array.shape == shape or (node.size == 1 and isinstance(node, Constant)):
        return node
    return array.broadcast_to(shape).node


def new_storage(node: Node) -> Storage:
    """Return writable storage holding a node."""
    return Storage(node)
