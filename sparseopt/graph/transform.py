"""Rebuilding nodes with other arguments."""

from __future__ import annotations

from sparseopt.graph.nodes import Call, Elementwise, Gather, Linear, Node

__all__ = ["with_args"]


def with_args(node: Node, args: tuple[Node, ...]) -> Node:
    """Return ``node`` applied to other arguments of the same sizes; itself if they are its own."""
    if all(a is b for a, b in zip(args, node.args, strict=True)):
        return node
    if isinstance(node, Elementwise):
        return Elementwise(node.function, args, node.size, node.where)
    if isinstance(node, Gather):
        return Gather(args, node.index, node.where)
    if isinstance(node, Call):
        return Call(node.function, args[0], node.where)
    assert isinstance(node, Linear)
    return Linear(node.matrix, args[0], node.where)
