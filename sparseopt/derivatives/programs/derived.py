"""The derivatives of one traced function as Programs, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sparseopt.coloring.color import color
from sparseopt.derivatives.programs.adjoints import adjoints
from sparseopt.derivatives.programs.compression import compressed_values, fewest_colors
from sparseopt.derivatives.programs.nodes import ProgramNodes
from sparseopt.derivatives.programs.tangents import tangents
from sparseopt.derivatives.programs.taylor import taylor_coefficients
from sparseopt.graph.nodes import Input, Node
from sparseopt.graph.program import Program
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["DerivedPrograms"]


class DerivedPrograms:
    """Derivatives of a program with one variable x and one output f(x).

    The programs have the same parameters; the variables of each are x, then what it says.

    Attributes
    ----------
    program : Program
        The function itself.

    Examples
    --------
    >>> import numpy as np
    >>> from sparseopt.graph.interpret import interpret
    >>> from sparseopt.tracing.trace import trace
    >>> program, _ = trace(lambda x: np.sum(x**3), (2,))
    >>> derived = DerivedPrograms(program)
    >>> interpret(derived.gradient, np.array([1.0, 2.0]))
    [array([ 3., 12.])]
    >>> interpret(derived.hessian_product, np.array([1.0, 2.0, 1.0, 0.0]))
    [array([6., 0.])]
    """

    def __init__(self, program: Program) -> None:
        (self._x,) = program.variables
        (self._result,) = program.outputs
        self.program = program
        self._series: dict[int, Program] = {}
        self._matrices: dict[tuple[str, int], tuple[Program, SparsityPattern]] = {}

    def _made(self, outputs: Sequence[Node], *extra: Input) -> Program:
        return Program((self._x, *extra), self.program.parameters, tuple(outputs))

    @cached_property
    def _nodes(self) -> ProgramNodes:
        return ProgramNodes(self.program)

    @cached_property
    def _gradient(self) -> Node:
        nodes = self._nodes
        return adjoints(nodes, [(nodes.outputs[0], nodes.literal(1.0))], [self._x])[0]

    @cached_property
    def gradient(self) -> Program:
        """The gradient of a scalar function."""
        return self._made([self._gradient])

    @cached_property
    def pushforward(self) -> Program:
        """The Jacobian times a direction, the second variable."""
        direction = Input("direction", self._x.size)
        return self._made(self._along(self._nodes.outputs, direction), direction)

    @cached_property
    def pullback(self) -> Program:
        """The transposed Jacobian times weights, the second variable."""
        nodes = self._nodes
        weights = Input("weights", self._result.size)
        return self._made(adjoints(nodes, [(nodes.outputs[0], weights)], [self._x]), weights)

    @cached_property
    def hessian_product(self) -> Program:
        """The Hessian of a scalar function times a direction, the second variable."""
        direction = Input("direction", self._x.size)
        return self._made(self._along([self._gradient], direction), direction)

    def jacobian(self, pattern: SparsityPattern) -> Program:
        """Return the values of the Jacobian in the order of a pattern that holds its entries."""
        return self._matrix("jacobian", pattern)

    def hessian(self, pattern: SparsityPattern) -> Program:
        """Return the values of the Hessian's lower triangle in the order of a pattern."""
        return self._matrix("hessian", pattern)

    def taylor(self, order: int) -> Program:
        """Return the Taylor coefficients along a direction, the second variable, one by one."""
        if order not in self._series:
            self._series[order] = self._taylor(order)
        return self._series[order]

    def _taylor(self, order: int) -> Program:
        nodes = self._nodes
        direction = Input("direction", self._x.size)
        rows = taylor_coefficients(nodes, nodes.outputs, self._x, direction, order)
        return self._made([row[0] for row in rows], direction)

    def _along(self, outputs: Sequence[Node], direction: Node) -> list[Node]:
        return tangents(self._nodes, outputs, {self._x: direction})

    def _matrix(self, kind: str, pattern: SparsityPattern) -> Program:
        key = (kind, id(pattern))
        if key not in self._matrices:
            make = self._jacobian_values if kind == "jacobian" else self._hessian_values
            values = self._nodes.sized(make(pattern), pattern.nnz)
            self._matrices[key] = (self._made([values]), pattern)  # which keeps its id alive
        return self._matrices[key][0]

    def _jacobian_values(self, pattern: SparsityPattern) -> Node:
        nodes, x = self._nodes, self._x
        output = nodes.outputs[0]
        coloring = fewest_colors(pattern)
        if coloring.partition == "column":
            return compressed_values(nodes, coloring, lambda seed: self._along([output], seed)[0])
        return compressed_values(
            nodes, coloring, lambda seed: adjoints(nodes, [(output, seed)], [x])[0]
        )

    def _hessian_values(self, pattern: SparsityPattern) -> Node:
        coloring = color(pattern, "symmetric")
        return compressed_values(
            self._nodes, coloring, lambda seed: self._along([self._gradient], seed)[0]
        )
