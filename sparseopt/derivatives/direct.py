"""The direct plan: local derivatives times constant index maps.

With one stage the kernels' outputs are the values; with several, static sparse products follow:
sparse-matrix propagation with the symbolic work done once.
"""

from __future__ import annotations

import numpy as np

from sparseopt.derivatives.bundles import Stored
from sparseopt.derivatives.calls import call_hessian, second_entries
from sparseopt.derivatives.chain_rule import (
    Entries,
    LocalJacobian,
    ProductBudget,
    eliminate,
    local_jacobian,
    total_derivatives,
)
from sparseopt.derivatives.layout import Workspace
from sparseopt.derivatives.plans import MatrixPlan, Targets
from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.derivatives.slots import hessian_slots, jacobian_slots, slot_matrix
from sparseopt.derivatives.sweeps import adjoints_of
from sparseopt.elements.form import Stage
from sparseopt.elements.tasks import Base, Copy, Schedule, Task
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["direct_hessian", "direct_jacobian"]


def direct_jacobian(
    scheduler: Scheduler, stage: Stage, limit: int | None = None, name: str = "jacobian"
) -> MatrixPlan:
    """Return the plan of a stage's Jacobian by the variables.

    Raises
    ------
    TooManyProductsError
        If the chain rule takes more than ``limit`` products.
    """
    form = scheduler.form
    stages = scheduler.needed([stage])
    shape = (stage.size, form.num_variables)
    if not stages:
        slots = jacobian_slots(scheduler, stage)
        matrix = slot_matrix(scheduler, [(stage, None, slots)], shape, Place(Base.OUT))
        assembly = matrix.assembly
        pattern = SparsityPattern(assembly.rows, assembly.cols, shape, check=False)
        schedule = Schedule(name, scheduler.pool, matrix.phases, pattern.nnz, 0)
        return MatrixPlan("direct", pattern, schedule, [(stage, slots)], is_chained=False)
    return _chained_jacobian(scheduler, stage, stages, ProductBudget(limit), name)


def _chained_jacobian(
    scheduler: Scheduler, stage: Stage, stages: list[Stage], budget: ProductBudget, name: str
) -> MatrixPlan:
    space = Workspace()
    space.reserve(scheduler.num_values)
    phases: list[list[Task]] = []
    locals_ = [local_jacobian(scheduler, s, space) for s in (*stages, stage)]
    for local in locals_:
        phases += local.matrix.phases
    totals, products = total_derivatives(scheduler, locals_, space, budget)
    phases += products
    final = totals[-1]
    phases.append([Copy(Base.WORK, final.places.astype(np.int32), Base.OUT, 0)])
    phases = scheduler.after_values(phases, [stage])
    shape = (stage.size, scheduler.form.num_variables)
    pattern = SparsityPattern(final.rows, final.cols, shape, check=False)
    schedule = Schedule(name, scheduler.pool, phases, pattern.nnz, space.size)
    slots = [(local.stage, local.matrix.slots) for local in locals_]
    return MatrixPlan("direct", pattern, schedule, slots, is_chained=True)


def direct_hessian(
    scheduler: Scheduler, targets: Targets, limit: int | None = None, name: str = "hessian"
) -> MatrixPlan:
    """Return the plan of the Hessian of a weighted sum of stages, lower triangle.

    Parameters
    ----------
    targets : list of (stage, place of its weights)
        The objective with its weight and the constraints with their multipliers.

    Raises
    ------
    TooManyProductsError
        If the chain rule takes more than ``limit`` products.
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
        return MatrixPlan("direct", pattern, schedule, slots, is_chained=False)
    return _chained_hessian(scheduler, targets, stages, ProductBudget(limit), name)


def _chained_hessian(
    scheduler: Scheduler, targets: Targets, stages: list[Stage], budget: ProductBudget, name: str
) -> MatrixPlan:
    form = scheduler.form
    n, size = form.num_variables, form.num_intermediates
    space = Workspace()
    space.reserve(scheduler.num_values)
    adjoints, phases = adjoints_of(scheduler, [(s, Stored(w)) for s, w in targets], space)
    parts = [(s, w, hessian_slots(scheduler, s)) for s, w in targets]
    parts += [(s, adjoints.part(s.offset).place, hessian_slots(scheduler, s)) for s in stages]
    start = space.size
    shape = (n + size, n + size)
    matrix = slot_matrix(scheduler, parts, shape, Place(Base.WORK, start))
    space.reserve(matrix.assembly.size)
    phases += matrix.phases
    locals_: list[LocalJacobian] = [local_jacobian(scheduler, s, space) for s in stages]
    for local in locals_:
        phases += local.matrix.phases
    second = Entries.of(matrix.assembly).at(start)
    for stage in (s for s in stages if s.call is not None):
        own = second_entries(scheduler, stage)
        offset = space.reserve(own[0].size)
        phases += call_hessian(stage, adjoints.part(stage.offset).place, offset)
        second = second.and_others(*own, offset)
    rows, cols, products = eliminate(scheduler, second, locals_, space, budget)
    phases = scheduler.after_values(phases + products, [s for s, _ in targets])
    pattern = SparsityPattern(rows, cols, (n, n), symmetric=True, check=False)
    schedule = Schedule(name, scheduler.pool, phases, pattern.nnz, space.size)
    slots = [(s, own) for s, _, own in parts]
    return MatrixPlan("direct", pattern, schedule, slots, is_chained=True)
