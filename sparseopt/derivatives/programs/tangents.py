"""Forward sweeps: directional derivatives of nodes, as nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sparseopt.derivatives.programs.nodes import ProgramNodes, is_zero
from sparseopt.derivatives.programs.opaque_products import OpaquePushforward
from sparseopt.graph.nodes import Call, Elementwise, Gather, Linear, Node
from sparseopt.graph.program import topological_order

__all__ = ["tangents"]


def tangents(
    nodes: ProgramNodes, outputs: Sequence[Node], seeds: Mapping[Node, Node]
) -> list[Node]:
    """Return the directional derivatives of outputs.

    Parameters
    ----------
    nodes : ProgramNodes
        Which outputs and seeds belong to.
    outputs : sequence of Node
    seeds : mapping of Node to Node
        The direction: tangents of inputs; those of other inputs are zero.

    Returns
    -------
    list of Node
        One for each output, of its size.
    """
    sweep = _ForwardSweep(nodes, seeds)
    for node in topological_order(outputs):
        sweep.visit(node)
    return [nodes.sized(sweep.tangent(o), o.size) for o in outputs]


class _ForwardSweep:
    def __init__(self, nodes: ProgramNodes, seeds: Mapping[Node, Node]) -> None:
        self.nodes = nodes
        self.known: dict[Node, Node] = dict(seeds)

    def tangent(self, node: Node) -> Node:
        return self.known.get(node) or self.nodes.literal(0.0)

    def visit(self, node: Node) -> None:
        if node in self.known or not any(a in self.known for a in node.args):
            return
        self.nodes.at(node)
        result = self._rule(node)
        if not is_zero(result):
            self.known[node] = result

    def _rule(self, node: Node) -> Node:
        nodes = self.nodes
        if isinstance(node, Elementwise):
            return self._elementwise(node)
        inner = [self.tangent(a) for a in node.args]
        if isinstance(node, Gather):
            if len(inner) > 1:
                inner = [nodes.sized(t, a.size) for t, a in zip(inner, node.args, strict=True)]
            return nodes.copies(inner, node.index)
        if isinstance(node, Call):
            return nodes.call_product(OpaquePushforward, node, inner[0])
        assert isinstance(node, Linear)
        return nodes.rebuild(node, tuple(inner))

    def _elementwise(self, node: Elementwise) -> Node:
        nodes = self.nodes
        branches = nodes.select(node)
        if branches is not None:
            condition, first, second = branches
            return nodes.make("where", condition, self.tangent(first), self.tangent(second))
        terms = [
            nodes.make("multiply", partial, self.known[argument])
            for argument, partial in zip(node.args, nodes.partials(node), strict=True)
            if argument in self.known
        ]
        return nodes.total(terms)
