"""Calls of functions that are not NumPy, where parameters have become variables.

Such a function leaves out derivatives by arguments that were data or parameters when it was called.
Where one of these varies now, it is asked for a version of itself that has them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DerivativeError
from sparseopt.graph.nodes import Call, Gather, Node
from sparseopt.graph.opaque import OpaqueFunction
from sparseopt.graph.program import topological_order
from sparseopt.graph.transform import with_args
from sparseopt.tracing.source_lines import describe_where

__all__ = ["differentiate_calls"]

BoolArray = NDArray[np.bool_]


def differentiate_calls(outputs: Sequence[Node], moved: Collection[Node]) -> list[Node]:
    """Return outputs whose calls have derivatives by everything that depends on moved inputs.

    Raises
    ------
    DerivativeError
        For a function that cannot have them, naming its line.
    """
    depends: set[Node] = set(moved)
    new: dict[Node, Node] = {}
    for node in topological_order(outputs):
        if not any(a in depends for a in node.args):
            continue
        depends.add(node)
        made = with_args(node, tuple(new.get(a, a) for a in node.args))
        if isinstance(node, Call):
            made = _with_derivatives(node, made.args[0], _elements(node.args[0], depends))
        if made is not node:
            new[node] = made
    return [new.get(output, output) for output in outputs]


def _elements(argument: Node, depends: Collection[Node]) -> BoolArray:
    """Return which elements of a call's argument depend on what has moved."""
    if not isinstance(argument, Gather):
        return np.full(argument.size, argument in depends)
    parts = [np.full(source.size, source in depends) for source in argument.args]
    return np.asarray(np.concatenate(parts)[argument.index.materialize()])


def _with_derivatives(call: Call, argument: Node, elements: BoolArray) -> Node:
    function: Any = call.function
    active: BoolArray | None = getattr(function, "active", None)
    if active is None or not np.any(elements & ~active):
        return Call(function, argument, call.where)
    if not hasattr(function, "differentiated_by"):
        raise DerivativeError(
            f"{function.name} has no derivatives by the parameters that it is called with",
            where=describe_where(call.where),
            instead="make the parameter a variable that a constraint sets equal to it",
        )
    widened: OpaqueFunction = function.differentiated_by(active | elements)
    return Call(widened, argument, call.where)
