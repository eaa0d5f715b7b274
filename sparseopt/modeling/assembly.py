"""From a model's declarations to one Program: the objective, and the rows that stay constraints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sparseopt.errors import ProblemError
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex, index_of
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Node, Where
from sparseopt.graph.program import Program
from sparseopt.modeling.declarations import Constraint, Parameter, Variable
from sparseopt.modeling.fit_declarations import Fit
from sparseopt.modeling.lifted_bounds import LiftedBounds, lift_bounds, no_lifted_bounds
from sparseopt.modeling.named_vector import NamedVector
from sparseopt.tracing.source_lines import describe_where

__all__ = ["Declarations", "assemble", "check_inputs"]


@dataclass(frozen=True)
class Declarations:
    """Everything a model says, at one moment.

    Attributes
    ----------
    objective : Node or None
        As the user wrote it; None for a feasibility problem.
    is_maximized : bool
        The program holds the negated objective, which is minimized.
    fit : Fit or None
        What the objective was made of, if it is a fit.
    """

    name: str
    variables: Sequence[Variable]
    parameters: Sequence[Parameter]
    constraints: Sequence[Constraint]
    objective: Node | None
    objective_where: Where
    is_maximized: bool
    fit: Fit | None = None


def assemble(declared: Declarations, lift: bool) -> tuple[Program, LiftedBounds]:
    """Return the program of a model and what became of its rows.

    The outputs of the program are the minimized objective and the constraints that remain.

    Raises
    ------
    ProblemError
        When there are no variables, a bound cannot be met, or an expression uses another model's
        variables.
    """
    names = NamedVector((v.name, v.shape, v.where) for v in declared.variables)
    if not names.size:
        raise ProblemError(
            f"the model {declared.name!r} has no variables",
            why="there is nothing to choose",
            instead='x = m.variable("x", shape=10)',
        )
    variables = tuple(v.node for v in declared.variables)
    parameters = tuple(p.node for p in declared.parameters)
    empty = Program(variables, parameters, ())
    lower = np.concatenate([v.lower for v in declared.variables])
    upper = np.concatenate([v.upper for v in declared.variables])
    if lift:
        offsets = {id(node): empty.offsets[id(node)] for node in variables}
        lifted = lift_bounds(declared.constraints, names, offsets, lower, upper)
    else:
        num_rows = sum(c.node.size for c in declared.constraints)
        lifted = no_lifted_bounds(num_rows, lower, upper)
    program = empty.with_outputs((_objective(declared), _rows(declared.constraints, lifted)))
    check_inputs(program, declared.name)
    return program, lifted


def _objective(declared: Declarations) -> Node:
    if declared.objective is None:
        return Constant(np.zeros(1))
    if declared.is_maximized:
        negated = FUNCTIONS["negative"]
        return Elementwise(negated, (declared.objective,), 1, declared.objective_where)
    return declared.objective


def _rows(constraints: Sequence[Constraint], lifted: LiftedBounds) -> Node:
    nodes, first = [], 0
    for constraint in constraints:
        size = constraint.node.size
        if lifted.removed_rows.size:
            node = _kept(constraint.node, first, lifted)
        else:
            node = constraint.node
        first += size
        if node is not None and node.size:
            nodes.append(node)
    if not nodes:
        return Constant(np.zeros(0))
    if len(nodes) == 1:
        return nodes[0]
    return Gather(nodes, StridedIndex.of(0, (sum(n.size for n in nodes),), (1,)))


def _kept(node: Node, first: int, lifted: LiftedBounds) -> Node | None:
    """Return the rows of a constraint that remain; it starts at declared row ``first``."""
    start, stop = np.searchsorted(lifted.kept_rows, (first, first + node.size))
    if stop - start == node.size:
        return node
    if stop == start:
        return None
    return Gather((node,), index_of(lifted.kept_rows[start:stop] - first), node.where)


def check_inputs(program: Program, name: str) -> None:
    """Raise a `ProblemError` for a variable or parameter of another model."""
    for node in program.nodes():
        if isinstance(node, Input) and id(node) not in program.offsets:
            user = next((n for n in program.nodes() if node in n.args), node)
            raise ProblemError(
                f"the model {name!r} uses {node.name!r}, which it did not declare",
                where=describe_where(user.where),
                why="a variable or parameter belongs to the model that made it",
                instead=f'declare it here: m.{node.role}("{node.name}", ...)',
            )
