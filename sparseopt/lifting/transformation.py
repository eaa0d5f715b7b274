"""From a Program to the one in which some of its values are variables with defining equations.

    minimize f(x, s(x))   becomes   minimize f(x, z)   subject to   s(x) - z = 0

The multipliers of what was there before stay what they are, and those of the definitions are the
derivatives of the Lagrangian by the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args
from sparseopt.lifting.matrix_forms import MatrixForms, recurrence

__all__ = [
    "LiftedProgram",
    "LiftedValue",
    "describe_value",
    "lift_values",
    "num_defining_entries",
]


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
            residuals.append(_definition(rebuilt, inputs[node], forms))
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


def _definition(value: Node, variable: Input, forms: MatrixForms) -> Node:
    """Return the residual of a definition: the value minus the variable."""
    if isinstance(value, Linear) and not isinstance(value.matrix, RowSum):
        found = forms.recurrence(value.matrix)
        if found is not None:
            read, own = found
            terms = (
                Linear(read, value.args[0], value.where),
                Linear(own, variable, value.where),
            )
            return Elementwise(FUNCTIONS["add"], terms, value.size, value.where)
    return Elementwise(FUNCTIONS["subtract"], (value, variable), value.size, value.where)


def describe_value(value: Node) -> str:
    """Return in a few words what a value is.

    Examples
    --------
    >>> describe_value(Linear(RowSum(1, 20), Input("x", 20)))
    'a sum of 20 terms'
    """
    matrix = value.matrix if isinstance(value, Linear) else None
    if isinstance(matrix, RowSum):
        count, width = matrix.num_rows, matrix.width
        return f"a sum of {width:,} terms" if count == 1 else f"{count:,} sums of {width:,} terms"
    if matrix is not None:
        rows, columns = matrix.shape
        if recurrence(matrix) is None:
            return f"a product with a constant {rows:,} × {columns:,} matrix"
        return f"{rows:,} sums, each from the one before"
    what = value.function.name if isinstance(value, Elementwise) else type(value).__name__.lower()
    return f"{value.size:,} × {what}" if value.size > 1 else what


def num_defining_entries(value: Node, forms: MatrixForms) -> int:
    """Return how many entries the definition of a value has at least, without its argument's."""
    if not isinstance(value, Linear) or isinstance(value.matrix, RowSum):
        return value.size
    found = forms.recurrence(value.matrix)
    return int(value.matrix.nnz if found is None else found[0].nnz)
