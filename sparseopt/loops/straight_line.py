"""A schedule of few operations as scalar expressions, without memory in between.

The tasks are carried out on expressions: a place of the workspace is the expression written to it
last.  What remains are the results as formulas of the variables, each distinct value once.
"""

from __future__ import annotations

from collections.abc import Sequence

from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base, Fill, Kernel, Operand, Schedule

__all__ = ["MOST_OPERATIONS", "straight_line"]

MOST_OPERATIONS = 3000
"""More scalar operations than these are left in kernels: vector code, and short to compile."""

Cells = dict[tuple[Base, int], int]


def straight_line(schedule: Schedule) -> list[int] | None:
    """Return the results as expressions, leaf k being variable k; None if that does not pay.

    Parameters
    ----------
    schedule : Schedule
        Of values; its expressions are added to its pool.
    """
    tasks = [t for phase in schedule.phases for t in phase if isinstance(t, (Fill, Kernel))]
    if schedule.num_operations() > MOST_OPERATIONS:
        return None
    if len(tasks) < sum(map(len, schedule.phases)):
        return None  # it calls something that is no formula
    places = sum(t.size if isinstance(t, Fill) else t.count * len(t.targets) for t in tasks)
    if places + schedule.out_size > 4 * MOST_OPERATIONS:
        return None
    cells: Cells = {}
    for task in tasks:
        if isinstance(task, Fill):
            _fill(schedule.pool, task, cells)
        else:
            _run(schedule.pool, task, cells)
    zero = schedule.pool.literal(0.0)
    return [cells.get((Base.OUT, k), zero) for k in range(schedule.out_size)]


def _fill(pool: ExpressionPool, task: Fill, cells: Cells) -> None:
    for k in range(task.size):
        value = 0.0 if task.values is None else float(task.values[k])
        cells[task.base, task.offset + k] = pool.literal(value)


def _run(pool: ExpressionPool, task: Kernel, cells: Cells) -> None:
    read = {k: _read(pool, task.operands[k], task.count, cells) for k in pool.leaves(task.terms)}
    targets = [(t, t.index.materialize()) for t in task.targets]
    for i in range(task.count):
        results = pool.substitute(task.terms, {k: terms[i] for k, terms in read.items()})
        for (target, places), term in zip(targets, results, strict=True):
            cell = target.base, int(places[i])
            old = None if target.store else cells.get(cell)
            cells[cell] = term if old is None else pool.make("add", old, term)


def _read(pool: ExpressionPool, operand: Operand, count: int, cells: Cells) -> Sequence[int]:
    if operand.base is None:
        assert operand.values is not None
        return [pool.literal(float(operand.values[i])) for i in range(count)]
    assert operand.index is not None
    places = operand.index.materialize()
    if operand.base is Base.X:
        return [pool.leaf(int(place)) for place in places]
    return [cells[operand.base, int(place)] for place in places]
