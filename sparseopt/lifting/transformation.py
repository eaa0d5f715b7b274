"""From a Program to the one in which some of its values are variables with defining equations.

    minimize f(x, s(x))   becomes   minimize f(x, z)   subject to   s(x) - z = 0

The multipliers of what was there before stay what they are, and those of the definitions are the
derivatives of the Lagrangian by the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args

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


def lift_values(program: Program, names: Mapping[Node, str]) -> LiftedProgram:
    """Make values of a program variables of their own.

    Parameters
    ----------
    program : Program
        ``outputs[0]`` is the objective, ``outputs[1]`` the constraints.
    names : mapping of Node to str
        The values, and what the new variables are called.

    Returns
    -------
    LiftedProgram
    """
    new: dict[Node, Node] = {}
    chosen = [node for node in program.nodes() if node in names]
    inputs = {node: Input(names[node], node.size, "variable", node.where) for node in chosen}
    residuals = []
    for node in program.nodes():
        rebuilt = with_args(node, tuple(new.get(a, a) for a in node.args)) if node.args else node
        if node in inputs:
            residuals.append(_definition(rebuilt, inputs[node]))
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


def _definition(value: Node, variable: Input) -> Node:
    """Return the residual of a definition: the value minus the variable."""
    if isinstance(value, Linear) and not isinstance(value.matrix, RowSum):
        recurrence = _recurrence(value.matrix)
        if recurrence is not None:
            read, own = recurrence
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
        if _recurrence(matrix) is None:
            return f"a product with a constant {rows:,} × {columns:,} matrix"
        return f"{rows:,} sums, each from the one before"
    what = value.function.name if isinstance(value, Elementwise) else type(value).__name__.lower()
    return f"{value.size:,} × {what}" if value.size > 1 else what


def num_defining_entries(value: Node) -> int:
    """Return how many entries the definition of a value has at least, without its argument's."""
    if not isinstance(value, Linear) or isinstance(value.matrix, RowSum):
        return value.size
    recurrence = _recurrence(value.matrix)
    return int(value.matrix.nnz if recurrence is None else recurrence[0].nnz)


def _recurrence(matrix: sp.csr_array) -> tuple[sp.csr_array, sp.csr_array] | None:
    """Return (B, S) with B u + S z = A u - z for z = A u, where that has fewer entries.

    Rows that differ little from the one before are the one before plus the difference, as in a
    running sum: z[i] = z[i - 1] + (A[i] - A[i - 1]) u.
    """
    rows = matrix.shape[0]
    if rows < 2 or matrix.nnz <= 2 * rows:
        return None
    before = sp.csr_array(
        (np.ones(rows - 1), np.arange(rows - 1), np.concatenate([[0, 0], np.arange(1, rows)])),
        shape=(rows, rows),
    )
    difference = (matrix - before @ matrix).tocsr()
    difference.eliminate_zeros()
    is_shorter = np.diff(difference.indptr) + 1 < np.diff(matrix.indptr)
    if not is_shorter.any():
        return None
    follows = sp.diags_array(is_shorter.astype(np.float64))
    starts = sp.diags_array((~is_shorter).astype(np.float64))
    read = (follows @ difference + starts @ matrix).tocsr()
    own = (follows @ before - sp.eye_array(rows)).tocsr()
    for found in (read, own):
        found.eliminate_zeros()
        found.sort_indices()
    return read, own
