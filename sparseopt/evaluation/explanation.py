"""Why an entry of a derivative matrix is structurally nonzero: which formulas and source lines."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np

from sparseopt.derivatives.matrices import MatrixPlan
from sparseopt.derivatives.slots import Slot
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.form import Stage
from sparseopt.graph.index import Index
from sparseopt.graph.nodes import Where

__all__ = ["explain_entry", "heaviest_lines"]

_LONGEST = 120


def _line(where: Where) -> str:
    if where is None:
        return "no source line"
    path = os.path.relpath(where[0])
    return f"{where[0] if path.startswith('..') else path}:{where[1]}"


def _instances(slot: Slot, row: int, column: int) -> list[int]:
    rows, cols = slot.entry.rows.materialize(), slot.entry.cols.materialize()
    return [int(k) for k in np.flatnonzero((rows == row) & (cols == column))]


def _formula(pool: ExpressionPool, slot: Slot) -> str:
    text = pool.format(slot.term)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _describe(pool: ExpressionPool, stage: Stage, slot: Slot, instance: int) -> str:
    block = stage.blocks[slot.block]
    kind = "constant" if slot.is_constant else _formula(pool, slot)
    return (
        f"  {_line(block.where)}: {stage.name}, block {slot.block}, instance {instance} of "
        f"{block.count}: {kind}"
    )


def _through(
    plan: MatrixPlan, stage: Stage, row: int, num_variables: int
) -> list[tuple[Slot, int]]:
    """Return slots of a stage's row that read earlier stages, with the place they read."""
    found = []
    for owner, slots in plan.slots:
        if owner is not stage:
            continue
        for slot in slots:
            rows, cols = slot.entry.rows.materialize(), slot.entry.cols.materialize()
            hits = np.flatnonzero((rows == row) & (cols >= num_variables))
            found += [(slot, int(cols[k]) - num_variables) for k in hits]
    return found


def explain_entry(
    pool: ExpressionPool, plan: MatrixPlan, row: int, column: int, num_variables: int
) -> str:
    """Return, as text, the local derivatives that make entry (row, column).

    ``v0, v1, …`` in a formula are the leaves of its block.
    """
    if plan.pattern.find(row, column) < 0:
        return f"entry ({row}, {column}) is structurally zero: no formula joins them"
    if plan.pattern.symmetric and column > row:
        row, column = column, row
    targets = [plan.slots[-1][0]] if not plan.pattern.symmetric else [s for s, _ in plan.slots]
    lines = [
        _describe(pool, stage, slot, instance)
        for stage, slots in plan.slots
        if any(stage is t for t in targets)
        for slot in slots
        for instance in _instances(slot, row, column)
    ]
    if plan.is_chained:
        lines += _chained_lines(pool, plan, row, num_variables)
    return "\n".join([f"entry ({row}, {column}) is the sum of", *lines])


def _chained_lines(
    pool: ExpressionPool, plan: MatrixPlan, row: int, num_variables: int
) -> list[str]:
    final = plan.slots[-1][0]
    lines = []
    for slot, place in _through(plan, final, row, num_variables):
        owner = next(
            s for s, _ in plan.slots if s is not final and s.offset <= place < s.offset + s.size
        )
        where = _line(final.blocks[slot.block].where)
        lines.append(
            f"  {where}: {final.name} by intermediate {owner.name}[{place - owner.offset}] "
            f"({_line(owner.where)}), and that by the variable"
        )
    if plan.pattern.symmetric and not lines:
        names = ", ".join(f"{s.name} ({_line(s.where)})" for s, _ in plan.slots[2:])
        lines.append(f"  the chain rule through the intermediates {names}")
    return lines


def heaviest_lines(plan: MatrixPlan) -> list[tuple[str, float]]:
    """Return source lines with their share of the local derivatives, largest first."""
    counts: Counter[str] = Counter()
    for stage, slots in plan.slots:
        for slot in slots:
            rows: Index = slot.entry.rows
            counts[_line(stage.blocks[slot.block].where)] += rows.size
    total = sum(counts.values())
    return [(line, number / total) for line, number in counts.most_common()]
