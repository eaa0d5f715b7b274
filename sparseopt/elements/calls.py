"""Calls of functions that are not NumPy: each reads a vector of its own."""

from __future__ import annotations

from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Call, Gather, Node
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args

__all__ = ["with_own_arguments"]


def with_own_arguments(program: Program) -> Program:
    """Return an equivalent program in which nothing but calls reads the arguments of calls.

    The argument of a call becomes a stage.  If it were a node that formulas read too, such as an
    input, those formulas would read the stage, and their derivatives would go through the chain
    rule; so it is a copy.  Calls of the same argument share one.
    """
    order = program.nodes()
    if not any(isinstance(node, Call) for node in order):
        return program
    new: dict[Node, Node] = {}
    copies: dict[Node, Node] = {}
    for node in order:
        args = tuple(new[a] for a in node.args)
        if isinstance(node, Call):
            args = (copies.setdefault(args[0], _copy(args[0])),)
        new[node] = with_args(node, args) if args else node
    return program.with_outputs([new[o] for o in program.outputs])


def _copy(node: Node) -> Node:
    return Gather((node,), StridedIndex.of(0, (node.size,), (1,)), node.where)
