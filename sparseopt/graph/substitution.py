"""Putting nodes in the place of others: inlining Programs, and closing them over what they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

from sparseopt.errors import TracingError
from sparseopt.graph.nodes import Input, Node
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args

__all__ = ["close_over", "substitute"]


def _made_since(outputs: Sequence[Node], first: int) -> list[Node]:
    """Return the nodes below outputs that are not older than number ``first``, in order.

    What a node depends on is older than itself, so nothing of interest lies below an older one.
    The history of a long program is therefore not walked for every function called in it.
    """
    stack = [o for o in outputs if o.number >= first]
    seen = set(stack)
    while stack:
        for arg in stack.pop().args:
            if arg.number >= first and arg not in seen:
                seen.add(arg)
                stack.append(arg)
    return sorted(seen, key=attrgetter("number"))


def _has_input(node: Node) -> bool:
    """Whether a node depends on any input; inputs are old, so old arguments are tried first."""
    stack, seen = [node], {node}
    while stack:
        item = stack.pop()
        if isinstance(item, Input):
            return True
        below = [arg for arg in item.args if arg.args or isinstance(arg, Input)]
        stack += sorted(set(below) - seen, key=attrgetter("number"), reverse=True)
        seen.update(below)
    return False


def substitute(outputs: Sequence[Node], replacements: Mapping[Node, Node]) -> list[Node]:
    """Return outputs computed from other nodes of the same sizes.

    What does not depend on a replaced node is kept as it is.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = Input("x", 2), Input("y", 2)
    >>> copy = substitute([x], {x: y})
    >>> copy[0] is y
    True
    """
    if not replacements:
        return list(outputs)
    new: dict[Node, Node] = dict(replacements)
    for node in _made_since(outputs, min(node.number for node in replacements)):
        if node not in new and node.args:
            new[node] = with_args(node, tuple(new.get(a, a) for a in node.args))
    return [new.get(output, output) for output in outputs]


def close_over(program: Program) -> tuple[Program, dict[Input, Node]]:
    """Return a program with a parameter for every value that it captures, and those values.

    A function traced inside another one may use the outer one's values.  They are older than its
    own inputs: nothing else is, but constants and what is computed from them.

    Parameters
    ----------
    program : Program
        Just traced: its variables are the oldest of its own nodes.

    Returns
    -------
    program : Program
        The new parameters follow the others.
    captured : dict of Input to Node

    Raises
    ------
    TracingError
        For values of a function that was traced meanwhile, and is over.
    """
    first = min(node.number for node in program.variables)
    inside = _made_since(program.outputs, first)
    for node in inside:
        if isinstance(node, Input) and id(node) not in program.offsets:
            raise TracingError(
                f"the function uses {node.name!r} of another function that is traced inside it",
                why="those values exist only while that function runs",
                instead="return them from the inner function",
            )
    older = [arg for node in inside for arg in node.args] + list(program.outputs)
    captured: dict[Node, Input] = {}
    for node in older:
        if node.number < first and node not in captured and _has_input(node):
            name = node.name if isinstance(node, Input) else f"captured[{len(captured)}]"
            captured[node] = Input(name, node.size, "parameter", node.where)
    if not captured:
        return program, {}
    # Only the direct users change, and what depends on them.
    new: dict[Node, Node] = dict(captured)
    for node in inside:
        if node.args:
            new[node] = with_args(node, tuple(new.get(a, a) for a in node.args))
    outputs = tuple(new.get(output, output) for output in program.outputs)
    parameters = (*program.parameters, *captured.values())
    closed = Program(program.variables, parameters, outputs)
    return closed, {parameter: node for node, parameter in captured.items()}
