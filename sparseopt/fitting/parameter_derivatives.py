"""Derivatives of a problem's functions by its parameters: the same program, parameters variable.

Only products with vectors are formed: the derivatives of ∇L and of the constraints by a direction
of the parameters, and the transposes of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.evaluation import Evaluator, compile_program
from sparseopt.fitting.moved_calls import differentiate_calls
from sparseopt.fitting.solved_point import SolvedPoint
from sparseopt.graph.nodes import Constant, Input, Node
from sparseopt.graph.program import Program
from sparseopt.graph.substitution import substitute
from sparseopt.modeling.assembly import check_inputs
from sparseopt.modeling.named_vector import NamedVector

__all__ = ["ParameterDerivatives"]

FloatArray = NDArray[np.float64]


class ParameterDerivatives:
    """Derivatives by chosen parameters at a solution.

    Parameters
    ----------
    point : SolvedPoint
    names : sequence of str
        Parameters; their values follow each other in this order.
    """

    def __init__(self, point: SolvedPoint, names: Sequence[str]) -> None:
        self._point = point
        self._program = point.problem.program
        declared = [point.problem.parameters[name] for name in names]
        self.names = NamedVector((p.name, p.shape, p.where) for p in declared)
        whole = [part.name for part in point.problem.parameters]
        chosen = {name: self._program.parameters[whole.index(name)] for name in names}
        self._moved = {
            node: Input(name, node.size, "variable", node.where) for name, node in chosen.items()
        }
        values = [point.problem.parameters.part(point.parameters, name) for name in names]
        self._at = np.concatenate([point.x, *[np.ravel(v) for v in values]])
        self._n = point.problem.num_variables
        places = [np.arange(p.offset, p.offset + p.size) for p in point.problem.parameters]
        kept = [k for name, k in zip(whole, places, strict=True) if name not in chosen]
        self._kept_values = point.parameters[np.concatenate([np.zeros(0, np.int64), *kept])]

    def evaluator(self, outputs: tuple[Node, ...]) -> Evaluator:
        """Return the evaluator of outputs whose variables are those of the problem, then these."""
        moved: dict[Node, Node] = dict(self._moved.items())
        fixed = tuple(node for node in self._program.parameters if node not in self._moved)
        variables = (*self._program.variables, *self._moved.values())
        varied = differentiate_calls(substitute(outputs, moved), set(moved.values()))
        program = Program(variables, fixed, tuple(varied))
        evaluator = compile_program(program, self._point.problem.evaluator.backend)
        evaluator.parameters[:] = self._kept_values
        return evaluator

    @cached_property
    def _problem(self) -> Evaluator:
        return self.evaluator(self._program.outputs)

    @property
    def num_constraints(self) -> int:
        """Rows of the problem."""
        return self._point.problem.num_constraints

    def lagrangian_slope(self) -> FloatArray:
        """Return ∂L/∂p: the derivative of the optimal value (the envelope theorem)."""
        slope = self._problem.gradient(self._at)
        if self.num_constraints:
            slope = slope + self._problem.pullback(self._at, self._point.multipliers)
        return slope[self._n :]

    def forward(self, direction: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (∂∇L/∂p, ∂c/∂p) times a direction of the parameters."""
        vector = np.concatenate((np.zeros(self._n), direction))
        curved = self._problem.hessian_vector_product(self._at, self._point.multipliers, vector)
        if not self.num_constraints:
            return curved[: self._n], np.zeros(0)
        return curved[: self._n], self._problem.pushforward(self._at, vector)

    def adjoint(self, columns: FloatArray, rows: FloatArray) -> FloatArray:
        """Return (∂∇L/∂p)ᵀ columns + (∂c/∂p)ᵀ rows."""
        vector = np.concatenate((columns, np.zeros(self._at.size - self._n)))
        curved = self._problem.hessian_vector_product(self._at, self._point.multipliers, vector)
        if self.num_constraints:
            curved = curved + self._problem.pullback(self._at, rows)
        return curved[self._n :]

    def expression_jacobian(self, node: Node) -> tuple[Evaluator, FloatArray]:
        """Return the evaluator of an expression as constraints, and the point for it."""
        check_inputs(self._program.with_outputs((node,)), self._point.problem.name)
        return self.evaluator((Constant(np.zeros(1)), node)), self._at
