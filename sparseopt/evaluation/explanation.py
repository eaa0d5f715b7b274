"""Why an entry of a derivative matrix is structurally nonzero: which formulas and source lines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.plans import MatrixPlan
from sparseopt.derivatives.schedules import Scheduler
from sparseopt.derivatives.slots import Slot, hessian_slots
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.form import Block, ElementForm, Stage
from sparseopt.graph.nodes import Where
from sparseopt.tracing.source_lines import describe_where

__all__ = ["curved_sums", "dense_lines", "explain_entry", "reads_of_long_rows"]

_LONGEST = 120
_MOST_LEAVES = 8

NameOf = Callable[[int], str]
"""A variable's name by its index."""


def _line(where: Where) -> str:
    return describe_where(where) or "no source line"


def _instances(slot: Slot, row: int, column: int) -> list[int]:
    rows, cols = slot.entry.rows.materialize(), slot.entry.cols.materialize()
    return [int(k) for k in np.flatnonzero((rows == row) & (cols == column))]


def _formula(pool: ExpressionPool, slot: Slot) -> str:
    text = pool.format(slot.term)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _leaf_name(block: Block, number: int, instance: int, variable_name: NameOf) -> str:
    """Return what a leaf is in one instance: a variable by name, data by value."""
    if number >= len(block.leaves):
        return "weight"
    leaf = block.leaves[number]
    if leaf.index is None:
        assert leaf.values is not None
        return f"{leaf.values[instance]:g}"
    place = int(leaf.index.materialize()[instance])
    if leaf.source == "x":
        return variable_name(place)
    return f"{'parameter' if leaf.source == 'p' else 'intermediate'} {place}"


def _describe(
    pool: ExpressionPool, stage: Stage, slot: Slot, instance: int, variable_name: NameOf
) -> str:
    block = stage.blocks[slot.block]
    title = (
        f"  {_line(block.where)}: {stage.name}, block {slot.block}, instance {instance} of "
        f"{block.count}: "
    )
    if slot.is_constant:
        return title + "constant"
    leaves = pool.leaves([slot.term])[:_MOST_LEAVES]
    names = (f"v{k} = {_leaf_name(block, k, instance, variable_name)}" for k in leaves)
    return f"{title}{_formula(pool, slot)}  with {', '.join(names)}"


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
    pool: ExpressionPool,
    plan: MatrixPlan,
    row: int,
    column: int,
    num_variables: int,
    variable_name: NameOf = "x[{}]".format,
) -> str:
    """Return, as text, the local derivatives that make entry (row, column).

    ``v0, v1, …`` in a formula are the leaves of its block, named behind it.
    """
    if plan.pattern.find(row, column) < 0:
        return f"entry ({row}, {column}) is structurally zero: no formula joins them"
    if plan.pattern.symmetric and column > row:
        row, column = column, row
    targets = [plan.slots[-1][0]] if not plan.pattern.symmetric else [s for s, _ in plan.slots]
    lines = [
        _describe(pool, stage, slot, instance, variable_name)
        for stage, slots in plan.slots
        if any(stage is t for t in targets)
        for slot in slots
        for instance in _instances(slot, row, column)
    ]
    if plan.is_chained:
        lines += _chained_lines(pool, plan, row, num_variables)
    return "\n".join([f"entry ({row}, {column}) is the sum of", *lines])


def _stage_name(stage: Stage) -> str:
    if stage.call is None:
        return f"intermediate {stage.name}"
    return f"the external function {stage.call.function.name}"


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
            f"  {where}: {final.name} by {_stage_name(owner)}[{place - owner.offset}] "
            f"({_line(owner.where)}), and that by the variable"
        )
    if plan.pattern.symmetric and not lines:
        names = ", ".join(f"{_stage_name(s)} ({_line(s.where)})" for s, _ in plan.slots[2:])
        lines.append(f"  the chain rule through {names}")
    return lines


def _mean_reads(stage: Stage) -> float:
    """Return how many variables or intermediates an element of a stage reads, on average."""
    entries = sum(b.count * len(b.variable_leaves) for b in stage.blocks)
    return entries / max(1, stage.size)


def curved_sums(scheduler: Scheduler, form: ElementForm, most: int) -> list[tuple[str, int]]:
    """Return the source lines of sums that alone make more than ``most`` second derivatives.

    Nothing of that size is formed: a sum over k variables inside of a function whose second
    derivative by the sum does not vanish makes k (k + 1) / 2 entries.

    Returns
    -------
    list of (line, entries)
        The largest first.
    """
    sizes = {stage: int(_mean_reads(stage)) for stage in form.intermediates}
    sizes = {stage: k * (k + 1) // 2 for stage, k in sizes.items()}
    suspects = {stage: entries for stage, entries in sizes.items() if entries > most}
    if not suspects:
        return []
    curved = _curved_places(scheduler, form)
    found = [
        (_line(stage.where), entries)
        for stage, entries in suspects.items()
        if curved[stage.offset : stage.offset + stage.size].any()
    ]
    return sorted(found, key=lambda item: -item[1])


def _curved_places(scheduler: Scheduler, form: ElementForm) -> NDArray[np.bool_]:
    """Return by which intermediates some stage has a second derivative."""
    curved = np.zeros(max((s.offset + s.size for s in form.intermediates), default=0), bool)
    for stage in form.stages:
        for slot in [] if stage.call is not None else hessian_slots(scheduler, stage):
            for places in (slot.entry.rows.materialize(), slot.entry.cols.materialize()):
                curved[places[places >= form.num_variables] - form.num_variables] = True
    return curved


def dense_lines(form: ElementForm, nonzeros: int) -> list[tuple[str, float]]:
    """Return the source lines of sums that couple many variables in a Hessian.

    A nonlinear function of a sum over k entries makes a block of k (k + 1) / 2 second derivatives.

    Parameters
    ----------
    form : ElementForm
    nonzeros : int
        Of the Hessian's lower triangle.

    Returns
    -------
    list of (line, share)
        Lines whose block alone would fill at least half of the nonzeros, largest share first.
    """
    found: dict[str, float] = {}
    for stage in form.intermediates:
        longest = _mean_reads(stage)
        share = stage.size * longest * (longest + 1) / 2 / max(1, nonzeros)
        if share >= 0.5:
            line = _line(stage.where)
            found[line] = min(1.0, found.get(line, 0.0) + share)
    return sorted(found.items(), key=lambda item: -item[1])


def reads_of_long_rows(form: ElementForm, length: int) -> int:
    """Return about how many variables are read by the constraints that read more than ``length``.

    What is read through intermediates counts as often as theirs read on average, and twice if it is
    read twice: too much rather than too little, without any pattern.
    """
    each = 1.0
    for stage in form.intermediates:
        total = sum(block.count * _reads(block, each) for block in stage.blocks)
        if stage.call is not None:
            total = each * stage.call.function.size_in * stage.size
        each = min(max(each, total / max(1, stage.size)), float(form.num_variables))
    return int(_row_reads(form, each, length))


def _reads(block: Block, each: float) -> float:
    """Return how many variables an instance reads, an intermediate being worth so many."""
    sources = [block.leaves[k].source for k in block.variable_leaves]
    return sources.count("x") + each * sources.count("z")


def _row_reads(form: ElementForm, each: float, length: int) -> float:
    stage = form.constraints
    if sum(b.count * len(b.rows) * _reads(b, each) for b in stage.blocks) <= length:
        return 0.0
    reads = np.zeros(stage.size)
    for block in stage.blocks:
        for rows in block.rows:
            reads += np.bincount(rows.materialize(), minlength=stage.size) * _reads(block, each)
    reads = np.minimum(reads, form.num_variables)
    return float(reads[reads > length].sum())
