"""From a Program to the one in which some of its values are variables with defining equations.

    minimize f(x, s(x))   becomes   minimize f(x, z)   subject to   s(x) - z = 0

The multipliers of what was there before stay what they are, and those of the definitions are the
derivatives of the Lagrangian by the values (of a recurrence: by all later values together).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Gather, Input, Node
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args
from sparseopt.lifting.definitions import defining_residual
from sparseopt.lifting.matrix_forms import MatrixForms

__all__ = ["LiftedProgram", "LiftedValue", "lift_values"]


@dataclass(frozen=True)
class LiftedValue:
    """One value that became a variable.

    Attributes
    ----------
    name : str
    value : Node
        What it is in terms of the program's own variables.
    variable : Input
    """

    name: str
    value: Node
    variable: Input


@dataclass(frozen=True)
class LiftedProgram:
    """A program, and the one with some of its values as further variables.

    Attributes
    ----------
    original : Program
    program : Program
        The further variables follow the others, in order of evaluation; so do the definitions,
        which are zero, follow the constraints.
    lifted : tuple of LiftedValue
    """

    original: Program
    program: Program
    lifted: tuple[LiftedValue, ...]

    @property
    def num_lifted(self) -> int:
        """Number of further variables, and of definitions."""
        return sum(item.value.size for item in self.lifted)

    def values(self) -> Program:
        """Return the program that computes the further variables from the others."""
        return self.original.with_outputs([item.value for item in self.lifted])


def lift_values(
    program: Program, names: Mapping[Node, str], forms: MatrixForms | None = None
) -> LiftedProgram:
    """Make values of a program variables of their own.

    Parameters
    ----------
    program : Program
        ``outputs[0]`` is the objective, ``outputs[1]`` the constraints.
    names : mapping of Node to str
        The values, and what the new variables are called.
    forms : MatrixForms, optional
        Shared by several calls.

    Returns
    -------
    LiftedProgram
    """
    forms = forms or MatrixForms()
    new: dict[Node, Node] = {}
    chosen = [node for node in program.nodes() if node in names]
    inputs = {node: Input(names[node], node.size, "variable", node.where) for node in chosen}
    residuals = []
    for node in program.nodes():
        rebuilt = with_args(node, tuple(new.get(a, a) for a in node.args)) if node.args else node
        if node in inputs:
            residuals.append(defining_residual(rebuilt, inputs[node], forms))
            rebuilt = inputs[node]
        new[node] = rebuilt
    objective, constraints = (new[output] for output in program.outputs[:2])
    lifted = tuple(LiftedValue(names[node], node, inputs[node]) for node in chosen)
    variables = (*program.variables, *(item.variable for item in lifted))
    rows = _joined([constraints, *residuals]) if residuals else constraints
    return LiftedProgram(program, Program(variables, program.parameters, (objective, rows)), lifted)


def _joined(parts: list[Node]) -> Node:
    parts = [part for part in parts if part.size]
    if len(parts) == 1:
        return parts[0]
    return Gather(parts, StridedIndex.of(0, (sum(p.size for p in parts),), (1,)), parts[-1].where)
