"""What a step captures: all that is the same in every step is computed once, outside of it."""

from __future__ import annotations

from collections.abc import Mapping

from sparseopt.graph.nodes import Constant, Gather, Input, Node
from sparseopt.graph.program import Program
from sparseopt.graph.substitution import substitute
from sparseopt.graph.value_numbering import share_equal_values

__all__ = ["invariants_outside"]


def invariants_outside(
    program: Program, captured: Mapping[Input, Node]
) -> tuple[Program, list[Node]]:
    """Return a program of variables only, and the values of the last ones in the code around it.

    These values are the largest expressions of captured ones alone, so that they do not depend on
    which of them were computed before the step and which inside.  Only copies that repeat elements
    stay inside: they would make what is captured longer.

    Parameters
    ----------
    program : Program
        Its parameters are the inputs of one step, then what is captured.
    captured : mapping of Input to Node
        Values of the latter.
    """
    shared = share_equal_values(program)
    own = [p for p in program.parameters if p not in captured]
    varying: set[Node] = {*program.variables, *own}
    found: dict[Node, Input] = {}
    for node in shared.nodes():
        if any(arg in varying for arg in node.args):
            varying.add(node)
            for arg in node.args:
                _find(arg, varying, found)
    for output in shared.outputs:
        _find(output, varying, found)
    inputs: dict[Node, Node] = {p: Input(p.name, p.size, where=p.where) for p in own}
    outputs = substitute(shared.outputs, {**inputs, **found})
    values = substitute(list(found), dict(captured.items()))
    variables = (*program.variables, *(i for i in inputs.values() if isinstance(i, Input)))
    return Program((*variables, *found.values()), (), tuple(outputs)), values


def _find(node: Node, varying: set[Node], found: dict[Node, Input]) -> None:
    """Note what of an argument of something that varies does not vary itself."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node in varying or node in found or not _depends(node):
            continue
        if isinstance(node, Gather) and node.size > sum(arg.size for arg in node.args):
            waiting += reversed(node.args)
        else:
            found[node] = Input(f"captured[{len(found)}]", node.size, where=node.where)


def _depends(node: Node) -> bool:
    """Whether a value depends on anything but data."""
    waiting, seen = [node], {node}
    while waiting:
        item = waiting.pop()
        if isinstance(item, Input):
            return True
        waiting += [arg for arg in item.args if not (arg in seen or isinstance(arg, Constant))]
        seen.update(item.args)
    return False
