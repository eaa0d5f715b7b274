"""Which variables are states, which rows determine them, and which variables remain.

What is fixed, by equal bounds or by a row of one variable that became bounds, is neither a state
nor a parameter: it keeps its value.  A state whose fixed value is imposed is a state with a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import ProblemError, ShapeError, SingularMatrixError, did_you_mean
from sparseopt.factorizations import require_structural_rank
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Gather
from sparseopt.modeling.problem import Problem
from sparseopt.modeling.reduced_space import States
from sparseopt.reduction.named_parts import positions_of_part
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["Partition", "in_words", "partition", "singular_states"]

IntArray = NDArray[np.int64]

_MOST_NAMED = 5


@dataclass(frozen=True)
class Partition:
    """The columns and rows of a problem, by what a reduction does with them.

    Attributes
    ----------
    states : int array
        Variables that are solved for.
    parameters : int array
        Variables that a solver moves.
    state_rows : int array
        Constraints that determine the states, as many.
    other_rows : int array
        The other constraints.
    """

    states: IntArray
    parameters: IntArray
    state_rows: IntArray
    other_rows: IntArray


def partition(
    problem: Problem, states: States, by: str | Sequence[str] | None, *, imposed: bool = False
) -> Partition:
    """Return the partition that names ask for, after checking that it makes sense.

    With ``imposed`` bounds, states may have a fixed value beside their equations, such as the end
    of a trajectory: then this value is a row.

    Raises
    ------
    ProblemError
        For a name that is unknown, rows that are no equalities, a state that is named twice, and
        when nothing remains to be optimized.
    ShapeError
        For another number of rows than of states.
    SingularMatrixError
        If some rows cannot determine any states, whatever the values are.
    """
    is_state = _chosen_variables(problem, states)
    rows = _chosen_rows(problem, by)
    is_fixed = problem.variable_lower == problem.variable_upper
    u = np.flatnonzero(is_state & ~is_fixed)
    p = np.flatnonzero(~is_state & ~is_fixed)
    if imposed and u.size < rows.size == is_state.sum():
        u = np.flatnonzero(is_state)
    if u.size != rows.size:
        raise _wrong_count(problem, u.size, int((is_state & is_fixed).sum()), rows.size)
    if not u.size:
        raise ProblemError("no states are left to be solved for: all of them are fixed")
    if not p.size:
        raise ProblemError(
            f"nothing remains to be optimized in {problem.name!r}",
            why="every variable is a state or fixed",
            instead="leave out of states= what is to be found",
        )
    others = np.setdiff1d(np.arange(problem.num_constraints), rows)
    found = Partition(u, p, rows, others)
    _require_structure(problem, found)
    return found


def _chosen_variables(problem: Problem, states: States) -> NDArray[np.bool_]:
    listed: Iterable[str | TracedArray] = (
        [states] if isinstance(states, (str, TracedArray)) else states
    )
    chosen = np.zeros(problem.num_variables, np.int64)
    for entry in listed:
        np.add.at(chosen, _positions(problem, entry), 1)
    if not chosen.any():
        raise ProblemError("no states are given", instead='m.reduce(states="u", by="pde")')
    twice = np.flatnonzero(chosen > 1)
    if twice.size:
        raise ProblemError(f"{in_words(problem.variable_name, twice)} is given twice as a state")
    return chosen > 0


def _positions(problem: Problem, entry: str | TracedArray) -> IntArray:
    """Return the places of a named variable, or of a part of variables such as ``x[1:]``."""
    if not isinstance(entry, TracedArray):
        return positions_of_part(problem.variables, entry)
    program = problem.program.with_outputs((entry.node,))
    inputs = {id(node) for node in program.variables}
    if any(id(node) not in inputs and not isinstance(node, Gather) for node in program.nodes()):
        raise ProblemError(
            "a state is computed, and not a variable or a part of one",
            instead="the variable, its name, or a part of it such as x[1:]",
        )
    unread = np.zeros(program.num_parameters)
    numbers = interpret(program, np.arange(float(problem.num_variables)), unread)[0]
    return numbers.astype(np.int64)


def _chosen_rows(problem: Problem, by: str | Sequence[str] | None) -> IntArray:
    """Return the constraints of the given names; rows that became bounds are none of them."""
    is_equality = problem.constraint_lower == problem.constraint_upper
    if by is None:
        return np.flatnonzero(is_equality)
    chosen = np.zeros(problem.constraint_rows.size, bool)
    known = [array.name for array in problem.constraint_rows]
    for name in [by] if isinstance(by, str) else by:
        if name not in known:
            raise ProblemError(
                f"there is no constraint {name!r} to determine states",
                instead=did_you_mean(name, known),
            )
        array = problem.constraint_rows[name]
        chosen[array.offset : array.offset + array.size] = True
    rows = np.flatnonzero(chosen[problem.lifted.kept_rows])
    wrong = rows[~is_equality[rows]]
    if wrong.size:
        raise ProblemError(
            f"{in_words(problem.constraint_name, wrong)} is no equality",
            where=problem.constraint_source(int(wrong[0])),
            why="an inequality does not determine states",
            instead="name equality constraints in by=",
        )
    return rows


def _wrong_count(problem: Problem, states: int, fixed: int, rows: int) -> ShapeError:
    without = f", without {fixed:,} that are fixed" if fixed else ""
    instead = "name all constraints of the equation in by=, and in states= only what they "
    instead += "determine: states=[x[1:]] if x[0] is given or to be found"
    if fixed and states + fixed == rows:
        instead = 'state_bounds="impose", which makes constraints of fixed values'
    return ShapeError(
        f"{rows:,} rows are to determine {states:,} states of {problem.name!r}{without}",
        why="equations determine as many unknowns as there are equations",
        instead=instead,
    )


def _require_structure(problem: Problem, found: Partition) -> None:
    pattern = problem.jacobian_pattern
    matrix = sp.csr_array(pattern.to_scipy()[found.state_rows][:, found.states])
    try:
        require_structural_rank(matrix)
    except SingularMatrixError as error:
        raise singular_states(problem, found, error) from None


def singular_states(
    problem: Problem, found: Partition, error: SingularMatrixError
) -> SingularMatrixError:
    """Return an error about the matrix of states with the names of its rows and columns."""
    rows = found.state_rows[np.asarray(error.rows, np.int64)]
    columns = found.states[np.asarray(error.columns, np.int64)]
    named = in_words(problem.constraint_name, rows)
    why = f"{named} are dependent in the states, at this point"
    if columns.size:
        lost = in_words(problem.variable_name, columns)
        why = f"{named} are too many for the states in them, and too few rows determine {lost}"
    return SingularMatrixError(
        f"the equations do not determine the states of {problem.name!r}",
        rows=rows,
        columns=columns,
        where=problem.constraint_source(int(rows[0])) if rows.size else "",
        why=why,
        instead="an equation for every state: boundary conditions, or a value that is fixed",
    )


def in_words(name: object, numbers: NDArray[np.integer]) -> str:
    """Return the names of the first elements, and how many there are beside them.

    Examples
    --------
    >>> in_words("x[{}]".format, np.arange(7))
    'x[0], x[1], x[2], x[3], x[4] and 2 more'
    """
    assert callable(name)
    listed = ", ".join(name(int(k)) for k in numbers[:_MOST_NAMED])
    more = f" and {numbers.size - _MOST_NAMED} more" if numbers.size > _MOST_NAMED else ""
    return f"{listed}{more}"
