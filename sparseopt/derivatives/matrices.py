"""The Jacobian and the Hessian of the Lagrangian as schedules with a pattern.

The plan here is ``direct``: local derivatives times constant index maps.  With one stage the
kernels' outputs are the values; with several, static sparse products follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparseopt.derivatives.chain_rule import (
    Entries,
    LocalJacobian,
    eliminate,
    local_jacobian,
    total_derivatives,
)
from sparseopt.derivatives.layout import Workspace
from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.derivatives.slots import Slot, hessian_slots, jacobian_slots, slot_matrix
from sparseopt.elements.form import Stage
from sparseopt.elements.tasks import Base, Fill, Product, Schedule, Task
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["MatrixPlan", "hessian_plan", "jacobian_plan"]


@dataclass(frozen=True, eq=False)
class MatrixPlan:
    """How a sparse derivative matrix is evaluated.

    Parameters
    ----------
    pattern : SparsityPattern
        In the order of the values.
    schedule : Schedule
    slots : list of (stage, list of Slot)
        The local derivatives, for explanations and constancy.
    """

    pattern: SparsityPattern
    schedule: Schedule
    slots: list[tuple[Stage, list[Slot]]]
    is_chained: bool


def jacobian_plan(scheduler: Scheduler, stage: Stage, name: str = "jacobian") -> MatrixPlan:
    """Return the plan of a stage's Jacobian by the variables."""
    form = scheduler.form
    stages = scheduler.needed([stage])
    shape = (stage.size, form.num_variables)
    if not stages:
        slots = jacobian_slots(scheduler, stage)
        matrix = slot_matrix(scheduler, [(stage, None, slots)], shape, Place(Base.OUT))
        assembly = matrix.assembly
        pattern = SparsityPattern(assembly.rows, assembly.cols, shape, check=False)
        schedule = Schedule(name, scheduler.pool, matrix.phases, pattern.nnz, 0)
        return MatrixPlan(pattern, schedule, [(stage, slots)], is_chained=False)
    return _chained_jacobian(scheduler, stage, stages, name)


def _chained_jacobian(
    scheduler: Scheduler, stage: Stage, stages: list[Stage], name: str
) -> MatrixPlan:
    space = Workspace()
    space.reserve(scheduler.form.num_intermediates)
    phases = scheduler.forward([stage])
    locals_ = [local_jacobian(scheduler, s, space) for s in (*stages, stage)]
    for local in locals_:
        phases += local.matrix.phases
    totals, products = total_derivatives(scheduler, locals_, space)
    phases += products
    final = totals[-1]
    phases += _copy_out(final)
    shape = (stage.size, scheduler.form.num_variables)
    pattern = SparsityPattern(final.rows, final.cols, shape, check=False)
    schedule = Schedule(name, scheduler.pool, phases, pattern.nnz, space.size)
    slots = [(local.stage, local.matrix.slots) for local in locals_]
    return MatrixPlan(pattern, schedule, slots, is_chained=True)


def _copy_out(entries: Entries) -> list[list[Task]]:
    size = entries.rows.size
    places = np.arange(size, dtype=np.int32)
    copy = Product(((Base.WORK, entries.places.astype(np.int32)),), Base.OUT, places)
    return [[Fill(Base.OUT, 0, size)], [copy]]


def hessian_plan(
    scheduler: Scheduler, targets: list[tuple[Stage, Place]], name: str = "hessian"
) -> MatrixPlan:
    """Return the plan of the Hessian of a weighted sum of stages, lower triangle.

    Parameters
    ----------
    targets : list of (stage, place of its weights)
        The objective with its weight and the constraints with their multipliers.
    """
    form = scheduler.form
    stages = scheduler.needed([s for s, _ in targets])
    n = form.num_variables
    if not stages:
        parts = [(s, w, hessian_slots(scheduler, s)) for s, w in targets]
        matrix = slot_matrix(scheduler, parts, (n, n), Place(Base.OUT))
        assembly = matrix.assembly
        pattern = SparsityPattern(assembly.rows, assembly.cols, (n, n), symmetric=True, check=False)
        schedule = Schedule(name, scheduler.pool, matrix.phases, pattern.nnz, 0)
        slots = [(s, own) for s, _, own in parts]
        return MatrixPlan(pattern, schedule, slots, is_chained=False)
    return _chained_hessian(scheduler, targets, stages, name)


def _chained_hessian(
    scheduler: Scheduler, targets: list[tuple[Stage, Place]], stages: list[Stage], name: str
) -> MatrixPlan:
    form = scheduler.form
    n, size = form.num_variables, form.num_intermediates
    space = Workspace()
    space.reserve(size)
    adjoints = space.reserve(size)
    phases = scheduler.forward([s for s, _ in targets])
    phases += scheduler.backward(targets, adjoints, None)
    parts = [(s, w, hessian_slots(scheduler, s)) for s, w in targets]
    parts += [
        (s, Place(Base.WORK, adjoints + s.offset), hessian_slots(scheduler, s)) for s in stages
    ]
    start = space.size
    shape = (n + size, n + size)
    matrix = slot_matrix(scheduler, parts, shape, Place(Base.WORK, start))
    space.reserve(matrix.assembly.size)
    phases += matrix.phases
    locals_: list[LocalJacobian] = [local_jacobian(scheduler, s, space) for s in stages]
    for local in locals_:
        phases += local.matrix.phases
    second = Entries.of(matrix.assembly, start)
    rows, cols, products = eliminate(scheduler, second, locals_, space)
    phases += products
    pattern = SparsityPattern(rows, cols, (n, n), symmetric=True, check=False)
    schedule = Schedule(name, scheduler.pool, phases, pattern.nnz, space.size)
    slots = [(s, own) for s, _, own in parts]
    return MatrixPlan(pattern, schedule, slots, is_chained=True)
