"""Taylor series of nodes along a line, by the recurrences of Taylor arithmetic.

For v = φ(u, …) with partials p, the coefficients follow from v' = Σ p u':

    k v_k = Σ_args Σ_{j=1..k} j u_j p_{k-j}

The partials are nodes of the same kind, and only their lower coefficients are needed; so one rule
serves every function of the table, and sine and cosine find each other.  Products and quotients
have the same rule without a division by k.  Griewank and Walther 2008, *Evaluating Derivatives*,
chapter 13, doi:10.1137/1.9780898717761.
"""

from __future__ import annotations

from collections.abc import Sequence

from sparseopt.derivatives.programs.nodes import ProgramNodes, is_zero
from sparseopt.errors import TracingError
from sparseopt.graph.nodes import Call, Elementwise, Gather, Linear, Node
from sparseopt.graph.program import topological_order

__all__ = ["taylor_coefficients"]


def taylor_coefficients(
    nodes: ProgramNodes, outputs: Sequence[Node], point: Node, direction: Node, order: int
) -> list[list[Node]]:
    """Return the coefficients of ``t -> outputs(point + t direction)``.

    Parameters
    ----------
    nodes : ProgramNodes
    outputs : sequence of Node
    point, direction : Node
        Of equal size.
    order : int
        The highest power of t.

    Returns
    -------
    list of lists of Node
        For each power the coefficient of every output.
    """
    series = _Series(nodes, point, direction)
    needed = topological_order(outputs)
    rows = []
    for power in range(order + 1):
        for node in needed:  # in order, so that no formula is descended into
            series.coefficient(node, power)
        rows.append([nodes.sized(series.coefficient(o, power), o.size) for o in outputs])
    return rows


class _Series:
    def __init__(self, nodes: ProgramNodes, point: Node, direction: Node) -> None:
        self.nodes = nodes
        self.zero = nodes.literal(0.0)
        self.known: dict[Node, list[Node]] = {point: [point, direction]}
        self.point = point

    def coefficient(self, node: Node, power: int) -> Node:
        """Return a coefficient of a node's series."""
        if node is self.point and power > 1:
            return self.zero
        known = self.known.setdefault(node, [node])
        while len(known) <= power:
            known.append(self._next(node, len(known)))
        return known[power]

    def _next(self, node: Node, power: int) -> Node:
        inner = [self.coefficient(a, power) for a in node.args]
        if not node.args:
            return self.zero
        self.nodes.at(node)
        if isinstance(node, Elementwise):
            return self._elementwise(node, inner, power)
        if all(is_zero(c) for c in inner):
            return self.zero
        nodes = self.nodes
        if isinstance(node, Gather):
            if len(inner) > 1:
                inner = [nodes.sized(c, a.size) for c, a in zip(inner, node.args, strict=True)]
            return nodes.copies(inner, node.index)
        if isinstance(node, Call):
            raise TracingError(
                f"a Taylor series goes through {node.function.name}",
                why="it is a function that is not NumPy: its derivatives are numbers, not formulas",
                instead="the function written with NumPy",
            )
        assert isinstance(node, Linear)
        return nodes.product(node.matrix, inner[0], node.args[0].size)

    def _elementwise(self, node: Elementwise, inner: list[Node], power: int) -> Node:
        nodes = self.nodes
        branches = nodes.select(node)
        if branches is not None:
            condition, *sides = branches
            chosen = [self.coefficient(side, power) for side in sides]
            nodes.at(node)
            return nodes.make("where", condition, *chosen)
        if node.function.name == "multiply":
            return self._product(node, power)
        if node.function.name == "divide":
            return self._quotient(node, inner[0], power)
        return self._by_partials(node, power)

    def _product(self, node: Elementwise, power: int) -> Node:
        first, second = node.args
        pairs = [(first, j, second, power - j) for j in range(power + 1)]
        return self._convolution(node, [(1.0, *pair) for pair in pairs])

    def _quotient(self, node: Elementwise, numerator: Node, power: int) -> Node:
        """v_k = (u_k - Σ_{j=1..k} w_j v_{k-j}) / w_0."""
        nodes, divisor = self.nodes, node.args[1]
        lower = self._convolution(
            node, [(1.0, divisor, j, node, power - j) for j in range(1, power + 1)]
        )
        return nodes.make("divide", nodes.make("subtract", numerator, lower), divisor)

    def _by_partials(self, node: Elementwise, power: int) -> Node:
        terms = [
            (j / power, argument, j, partial, power - j)
            for argument, partial in zip(node.args, self.nodes.partials(node), strict=True)
            for j in range(1, power + 1)
            if not is_zero(self.coefficient(argument, j))
        ]
        return self._convolution(node, terms)

    def _convolution(self, node: Node, terms: Sequence[tuple[float, Node, int, Node, int]]) -> Node:
        """Return the sum of products of coefficients, each with a factor."""
        nodes = self.nodes
        found = []
        for factor, one, i, other, j in terms:
            first, second = self.coefficient(one, i), self.coefficient(other, j)
            nodes.at(node)
            scaled = nodes.make("multiply", nodes.literal(factor), first)
            found.append(nodes.make("multiply", scaled, second))
        return nodes.total(found)
