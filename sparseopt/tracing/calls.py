"""Recording a call of a function that is not NumPy."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

from sparseopt.errors import ShapeError, TracingError
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Call, Constant, Gather, Input, Node
from sparseopt.graph.opaque import OpaqueFunction
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["is_fixed", "record_call", "require_function"]


def record_call(
    function: OpaqueFunction, arguments: Sequence[Any], shape: tuple[int, ...]
) -> TracedArray:
    """Return the traced result of a function of arrays, some of them traced.

    Parameters
    ----------
    function : OpaqueFunction
        Of the elements of all arguments in a row.
    arguments : sequence of array-like
    shape : tuple of int
        Shape of the result.

    Raises
    ------
    ShapeError
        If the function has other sizes.
    """
    nodes = [as_traced(argument).node for argument in arguments]
    total = sum(node.size for node in nodes)
    if (total, math.prod(shape)) != (function.size_in, function.size_out):
        raise ShapeError(
            f"{function.name} of {function.size_in} elements to {function.size_out} is called "
            f"with {total} elements for a result of shape {shape}"
        )
    where = user_frame()
    index = StridedIndex.of(0, (total,), (1,))
    argument = nodes[0] if len(nodes) == 1 else Gather(nodes, index, where)
    return traced_from_node(Call(function, argument, where), shape)


def require_function(function: Any, count: int, what: str) -> None:
    """Raise a `TracingError` if something cannot be called with so many arguments."""
    fault = "" if callable(function) else f"it is of type {type(function).__name__}"
    if not fault:
        try:
            inspect.signature(function).bind(*range(count))
        except TypeError as error:
            fault = str(error)
        except ValueError:  # a function written in C says nothing of its arguments
            return
    if fault:
        raise TracingError(
            f"{what} is no function of {count} argument{'s' if count != 1 else ''}",
            where=describe_where(user_frame()),
            why=fault,
        )


def is_fixed(argument: Any) -> bool:
    """Whether an argument is data or a model's parameter: nobody asks for derivatives by it.

    What a function that is traced inside other code is called with may depend on variables there.
    """
    node: Node = as_traced(argument).node
    while isinstance(node, Gather) and len(node.args) == 1:
        node = node.args[0]
    if isinstance(node, Input):
        return node.role == "parameter" and not node.may_vary
    return isinstance(node, Constant)
