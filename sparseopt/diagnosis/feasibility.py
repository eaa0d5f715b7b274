"""Why a solve ended without a feasible point: what is violated, and what is in conflict."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sparseopt.diagnosis.conflict import Conflict, find_conflict
from sparseopt.diagnosis.situation import (
    MOST_NAMES,
    Result,
    Situation,
    Skipped,
    admissible,
    listed,
)
from sparseopt.errors import SparseOptError
from sparseopt.modeling.findings import Finding
from sparseopt.modeling.problem_table import count
from sparseopt.modeling.report import largest, outside
from sparseopt.tracing.source_lines import describe_where

__all__ = ["conflicting_constraints", "failed_solve", "is_infeasible", "violated_constraints"]

FloatArray = NDArray[np.float64]

_MOST_ROWS = 5
_MAIN_VARIABLES = 3
_TOLERANCE = 1e-6


def failed_solve(situation: Situation) -> Iterator[Finding]:
    """Find that a solve did not succeed, and name variables that run away."""
    outcome = situation.outcome
    if outcome is None or outcome.status.success:
        return
    yield Finding(
        "failed solve", "error", f"the solve ended as {outcome.status.value}", why=outcome.message
    )
    sizes = np.abs(situation.x)
    runaway = np.flatnonzero(sizes > 1e10)
    if runaway.size:
        worst = runaway[np.argsort(-sizes[runaway], kind="stable")[:MOST_NAMES]]
        names = situation.columns(worst)
        shown = [f"{name} = {situation.x[k]:.3g}" for name, k in zip(names, worst, strict=True)]
        yield Finding(
            "runaway variables",
            "error",
            f"{count(runaway.size, 'variable')} without limit: {listed(shown, runaway.size)}",
            describe_where(situation.problem.variables.at(int(worst[0])).where),
            "along them the objective improves for ever, or a function flattens out",
            "bound these variables, or look for a term with the wrong sign",
            names,
            runaway.size,
        )


def _violations(situation: Situation) -> tuple[FloatArray, FloatArray]:
    """Return by how much constraints and variables lie outside of their bounds, if it counts."""
    problem = situation.problem
    found = []
    for values, lower, upper in (
        (situation.constraints, problem.constraint_lower, problem.constraint_upper),
        (situation.x, problem.variable_lower, problem.variable_upper),
    ):
        gaps = outside(values, lower, upper)
        violated = np.where(values < lower, lower, np.where(values > upper, upper, 0.0))
        gaps[gaps <= _TOLERANCE * np.maximum(1.0, np.abs(violated))] = 0.0
        found.append(gaps)
    return found[0], found[1]


def is_infeasible(situation: Situation) -> bool:
    """Whether a solve failed at a point that violates a constraint or bound."""
    outcome = situation.outcome
    if outcome is None or outcome.status.success:
        return False
    return any(gaps.any() for gaps in _violations(situation))


def violated_constraints(situation: Situation) -> Iterator[Finding]:
    """Find the most violated constraints and bounds, with the variables that move them."""
    rows, columns = _violations(situation)
    total = int(np.count_nonzero(rows) + np.count_nonzero(columns))
    m = rows.size
    both = np.append(rows, columns)
    for k in sorted(largest(both, _MOST_ROWS), key=lambda k: (-both[k], k)):
        if k < m:
            yield _violated_row(situation, k, float(rows[k]), total)
        else:
            yield _violated_bound(situation, k - m, float(columns[k - m]), total)


def _violated_row(situation: Situation, row: int, gap: float, total: int) -> Finding:
    problem = situation.problem
    name = problem.constraint_name(row)
    lower, upper = problem.constraint_lower[row], problem.constraint_upper[row]
    why = f"its value is {situation.constraints[row]:.6g}, and it must {admissible(lower, upper)}"
    main = _main_variables(situation, row)
    return Finding(
        "violated constraint",
        "error",
        f"{name} is violated by {gap:.3g}",
        situation.line(row),
        why + (f"; by slope: {main}" if main else ""),
        names=(name,),
        count=total,
    )


def _main_variables(situation: Situation, row: int) -> str:
    """Return the variables with the largest slopes in a row, with their values."""
    matrix = situation.jacobian
    places = slice(int(matrix.indptr[row]), int(matrix.indptr[row + 1]))
    columns, slopes = matrix.indices[places], matrix.data[places]
    order = np.argsort(-np.abs(slopes), kind="stable")[:_MAIN_VARIABLES]
    return ", ".join(
        f"{situation.problem.variable_name(int(columns[k]))} = {situation.x[columns[k]]:.6g} "
        f"(slope {slopes[k]:.3g})"
        for k in order
        if slopes[k]
    )


def _violated_bound(situation: Situation, column: int, gap: float, total: int) -> Finding:
    problem = situation.problem
    name = problem.variable_name(column)
    needed = admissible(problem.variable_lower[column], problem.variable_upper[column])
    return Finding(
        "violated constraint",
        "error",
        f"the bound of {name} is violated by {gap:.3g}",
        describe_where(problem.variables.at(column).where),
        f"its value is {situation.x[column]:.6g}, and it must {needed}",
        names=(name,),
        count=total,
    )


# ---- conflicts
def conflicting_constraints(
    situation: Situation, solver: str, most_solves: int
) -> Iterator[Result]:
    """Find a small set of constraints that cannot hold together."""
    try:
        conflict = find_conflict(situation, solver, most_solves)
    except SparseOptError as error:
        conflict = f"a relaxed problem could not be solved: {error.what}"
    if isinstance(conflict, str):
        yield Skipped(f"which constraints are in conflict: {conflict}")
        return
    yield _conflict_finding(situation, conflict)


def _conflict_finding(situation: Situation, conflict: Conflict) -> Finding:
    bounds = [_bound_name(situation, int(k), True) for k in conflict.lower[:MOST_NAMES]]
    bounds += [_bound_name(situation, int(k), False) for k in conflict.upper[:MOST_NAMES]]
    with_bounds = ""
    if bounds:
        total = conflict.lower.size + conflict.upper.size
        with_bounds = f", with {listed(bounds[:MOST_NAMES], total)}"
    smallest = (
        "without any one of them the others can hold"
        if conflict.is_irreducible
        else "a smaller set may do"
    )
    return Finding(
        "conflicting constraints",
        "error",
        f"these constraints cannot hold together: {situation.all_rows(conflict.rows)}{with_bounds}",
        situation.lines(conflict.rows),
        f"where they are violated least, relative to their slopes, {conflict.violation:.3g} is "
        f"left in all; {smallest} "
        f"(found with {count(conflict.num_solves, 'relaxed problem')})",
        "correct or drop one of them; a constraint that may be violated at a price belongs into "
        "the objective",
        (*situation.rows(conflict.rows), *bounds[:MOST_NAMES]),
        conflict.rows.size,
    )


def _bound_name(situation: Situation, variable: int, is_lower: bool) -> str:
    """Return a bound in words, under the name of the row that it was declared by."""
    problem, lifted = situation.problem, situation.problem.lifted
    side, bound = (
        ("lower", problem.variable_lower) if is_lower else ("upper", problem.variable_upper)
    )
    name = problem.variable_name(variable)
    relation = f"{name} {'>=' if is_lower else '<='} {bound[variable]:g}"
    owns = lifted.owns_lower if is_lower else lifted.owns_upper
    owner = np.flatnonzero(owns & (lifted.variable == variable))
    if owner.size:
        return f"{problem.constraint_rows.element(int(lifted.removed_rows[owner[0]]))} ({relation})"
    return f"the {side} bound {relation}"
