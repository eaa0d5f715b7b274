"""A Program: the inputs and outputs of a traced function, and the nodes between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node

__all__ = ["Program", "depth", "format_program", "topological_order"]


def topological_order(outputs: Iterable[Node]) -> list[Node]:
    """Return the nodes that the outputs depend on, every node after its arguments."""
    stack = list(outputs)
    seen = set(stack)
    order = list(seen)
    while stack:
        for arg in stack.pop().args:
            if arg not in seen:
                seen.add(arg)
                order.append(arg)
                stack.append(arg)
    order.sort(key=attrgetter("number"))
    return order


@dataclass(frozen=True)
class Program:
    """A function of variables and parameters as single-assignment nodes.

    Parameters
    ----------
    variables, parameters : sequence of Input
        Their values follow each other in the flat vectors ``x`` and ``p``.
    outputs : sequence of Node
        For a nonlinear program: the objective (size 1) and the constraints.
    """

    variables: tuple[Input, ...]
    parameters: tuple[Input, ...]
    outputs: tuple[Node, ...]
    offsets: dict[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        offsets: dict[int, int] = {}
        for group in (self.variables, self.parameters):
            total = 0
            for node in group:
                offsets[id(node)] = total
                total += node.size
        object.__setattr__(self, "offsets", offsets)

    @property
    def num_variables(self) -> int:
        """Length of ``x``."""
        return sum(node.size for node in self.variables)

    @property
    def num_parameters(self) -> int:
        """Length of ``p``."""
        return sum(node.size for node in self.parameters)

    @cached_property
    def _order(self) -> list[Node]:
        return topological_order(self.outputs)

    def nodes(self) -> list[Node]:
        """Return the live nodes, every node after its arguments."""
        return self._order

    def with_outputs(self, outputs: Sequence[Node]) -> Program:
        """Return a program with the same inputs and other outputs."""
        return Program(self.variables, self.parameters, tuple(outputs))


def depth(program: Program) -> int:
    """Return the length of the longest chain of scalar functions."""
    levels: dict[Node, int] = {}
    for node in program.nodes():
        below = max((levels[a] for a in node.args), default=0)
        levels[node] = below + isinstance(node, Elementwise)
    return max(levels.values(), default=0)


def _describe(node: Node) -> str:
    if isinstance(node, Input):
        return f"{node.role} {node.name}"
    if isinstance(node, Constant):
        return f"constant {node.values[0]:g}" if node.size == 1 else "constant"
    if isinstance(node, Elementwise):
        return node.function.name
    if isinstance(node, Gather):
        return "gather"
    if isinstance(node, Call):
        return f"call {node.function.name}"
    return "linear" if isinstance(node, Linear) else type(node).__name__.lower()


def format_program(program: Program) -> str:
    """Return the program as text, one node a line: number, size, what, arguments, source line."""
    order = program.nodes()
    number = {id(node): k for k, node in enumerate(order)}
    lines = []
    for node in order:
        args = " ".join(f"%{number[id(a)]}" for a in node.args)
        where = f"   # {node.where[0]}:{node.where[1]}" if node.where else ""
        lines.append(
            f"%{number[id(node)]}[{node.size}] = {_describe(node)} {args}".rstrip() + where
        )
    lines.append("return " + " ".join(f"%{number[id(o)]}" for o in program.outputs))
    return "\n".join(lines)
