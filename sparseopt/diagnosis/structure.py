"""What the pattern alone says: constant rows, unused variables, overdetermined blocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sparseopt.diagnosis.situation import Checked, Result, Situation, admissible
from sparseopt.modeling.findings import Finding
from sparseopt.modeling.problem_table import count
from sparseopt.patterns.activity import Activity
from sparseopt.patterns.liveness import live_elements
from sparseopt.patterns.matching import Decomposition, Part, connected_parts, dulmage_mendelsohn
from sparseopt.tracing.source_lines import describe_where

__all__ = ["constant_rows", "overdetermined_blocks", "unused_variables"]

_MOST_BLOCKS = 5
_ROUNDING = 1e-9


# ---- rows and columns without entries
def constant_rows(situation: Situation) -> Iterator[Finding]:
    """Find constraints that no variable can change."""
    problem = situation.problem
    empty = np.flatnonzero(np.diff(situation.pattern.indptr) == 0)
    values = situation.constraints[empty]
    lower, upper = problem.constraint_lower[empty], problem.constraint_upper[empty]
    slack = _ROUNDING * np.maximum(1.0, np.abs(values))
    holds = (values >= lower - slack) & (values <= upper + slack)
    for k in np.flatnonzero(~holds)[:1]:
        broken = empty[~holds]
        yield Finding(
            "constant rows",
            "error",
            f"{count(broken.size, 'constraint')} without variables can never hold: "
            f"{situation.all_rows(broken)}",
            situation.line(broken[0]),
            f"the value is {values[k]:g} whatever the variables are, and it must "
            f"{admissible(lower[k], upper[k])}",
            "correct the formula or the parameter that it reads",
            situation.rows(broken),
            broken.size,
        )
    if holds.any():
        kept = empty[holds]
        yield Finding(
            "constant rows",
            "warning",
            f"{count(kept.size, 'constraint')} without variables: {situation.all_rows(kept)}",
            situation.line(kept[0]),
            "a zero row makes the Jacobian singular, and no variable can change the constraint",
            "leave it out, or correct an index that was meant to reach a variable",
            situation.rows(kept),
            kept.size,
        )


def unused_variables(situation: Situation) -> Iterator[Finding]:
    """Find variables that neither the objective nor a constraint depends on."""
    unused = np.flatnonzero(~_used(situation) & ~situation.is_fixed)
    if unused.size:
        first = int(unused[0])
        yield Finding(
            "unused variables",
            "warning",
            f"{count(unused.size, 'variable')} in neither the objective nor a constraint: "
            f"{situation.all_columns(unused)}",
            describe_where(situation.problem.variables.at(first).where),
            "their values mean nothing, and the Hessian is singular in them",
            "leave them out, fix them (lower=v, upper=v), or correct an index that was meant to "
            "reach them",
            situation.columns(unused),
            unused.size,
        )


def _used(situation: Situation) -> NDArray[np.bool_]:
    program = situation.problem.program
    nodes = program.nodes()
    live = live_elements(nodes, program.outputs, Activity(nodes).first)
    parts = [np.broadcast_to(live.get(v, False), (v.size,)) for v in program.variables]
    used: NDArray[np.bool_] = np.concatenate(parts)
    return used


# ---- equalities that cannot all be independent
def overdetermined_blocks(situation: Situation) -> Iterator[Result]:
    """Find equalities with fewer free variables than equalities; say what was counted."""
    rows, columns = (np.flatnonzero(m) for m in (situation.is_equality, ~situation.is_fixed))
    pattern = situation.pattern[rows][:, columns]
    found = dulmage_mendelsohn(pattern)
    over = found.overdetermined
    yield Checked(
        f"structure: {count(rows.size, 'equality', 'equalities')} in "
        f"{count(columns.size, 'free variable')} ({int(situation.is_fixed.sum()):,} fixed), "
        f"structural rank {found.structural_rank:,}, "
        f"{count(columns.size - found.structural_rank, 'degree')} of freedom"
    )
    if rows.size > columns.size:
        yield _too_many_equalities(situation, rows.size, columns.size)
    if not over.rows.size:
        return
    pieces = connected_parts(pattern, over)
    free = _determined_by_too_few(situation, found, columns)
    for piece in pieces[:_MOST_BLOCKS]:
        block = Part(rows[piece.rows], columns[piece.columns])
        yield _overdetermined(situation, block, len(pieces), free)


def _too_many_equalities(situation: Situation, rows: int, columns: int) -> Finding:
    return Finding(
        "too many equalities",
        "error",
        f"there are {count(rows, 'equality', 'equalities')} and only "
        f"{count(columns, 'free variable')}",
        why="they hold together only by chance, and solvers refuse such a problem",
        instead="remove equalities that follow from others, or free variables that are fixed",
    )


def _determined_by_too_few(
    situation: Situation, found: Decomposition, columns: NDArray[np.integer]
) -> str:
    """Name the free variables that too few equalities determine, where none should be left."""
    under = found.underdetermined
    if not under.columns.size or columns.size > situation.is_equality.sum():
        return ""
    return f"; too few equalities determine {situation.all_columns(columns[under.columns])}"


def _overdetermined(situation: Situation, block: Part, pieces: int, free: str) -> Finding:
    constraints = count(block.rows.size, "equality", "equalities")
    if block.columns.size:
        variables = count(block.columns.size, "free variable")
        what = (
            f"{constraints} in only {variables}: {situation.all_rows(block.rows)} "
            f"determine {situation.all_columns(block.columns)}"
        )
    else:
        what = f"{constraints} without any free variable: {situation.all_rows(block.rows)}"
    return Finding(
        "overdetermined equalities",
        "error",
        what,
        situation.lines(block.rows),
        "whatever the values are, these rows of the Jacobian are dependent (Dulmage-Mendelsohn "
        f"decomposition){free}",
        "remove an equality that follows from the others, make one an inequality, or let it depend "
        "on another variable",
        (*situation.rows(block.rows), *situation.columns(block.columns)),
        pieces,
    )
