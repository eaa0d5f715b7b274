"""What is proven constant: linear rows, and Hessians that do not depend on the variables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.plans import MatrixPlan
from sparseopt.derivatives.slots import Slot
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.form import Stage
from sparseopt.elements.tasks import Base, Kernel, Operand, Schedule, Target
from sparseopt.graph.index import StridedIndex

__all__ = [
    "linear_rows",
    "reads_parameters",
    "second_derivatives_are_constant",
    "weighted_constants",
]


def linear_rows(plan: MatrixPlan, num_variables: int) -> NDArray[np.bool_]:
    """Return, for every row of a Jacobian plan's last stage, whether it is linear in x."""
    *inner, (final, own) = plan.slots
    # The plan holds the stages that are needed; columns count all of them.
    intermediate = np.zeros(max((s.offset + s.size for s, _ in inner), default=0), bool)
    for stage, slots in inner:
        linear = _linear_rows(stage, slots, num_variables, intermediate)
        intermediate[stage.offset : stage.offset + stage.size] = linear
    return _linear_rows(final, own, num_variables, intermediate)


def _linear_rows(
    stage: Stage, slots: list[Slot], num_variables: int, intermediate: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    if stage.call is not None:
        return np.zeros(stage.size, bool)
    linear = np.ones(stage.size, bool)
    for slot in slots:
        rows = slot.entry.rows
        if not slot.is_fixed:
            linear[rows.materialize()] = False
        elif intermediate.size:
            cols = slot.entry.cols.materialize().astype(np.int64) - num_variables
            through = cols >= 0
            curved = np.flatnonzero(through & ~intermediate[np.where(through, cols, 0)])
            linear[rows.materialize()[curved]] = False
    return linear


def second_derivatives_are_constant(plan: MatrixPlan, objective: Stage) -> bool:
    """Whether only the objective curves, and its second derivatives are constant."""
    return all(
        stage.call is None
        and all(stage is objective and slot.is_constant_up_to_weight for slot in slots)
        for stage, slots in plan.slots
    )


def reads_parameters(schedule: Schedule) -> bool:
    """Whether a schedule's results change with the parameters."""
    return any(o.base == Base.PARAMETERS for k in schedule.kernels() for o in k.operands.values())


def weighted_constants(name: str, values: NDArray[np.float64]) -> Schedule:
    """Return the schedule that gives constants times the objective's weight."""
    pool, size = ExpressionPool(), values.size
    term = pool.make("multiply", pool.leaf(0), pool.leaf(1))
    weight = Operand(Base.WEIGHT, StridedIndex.of(0, (size,), (0,)))
    target = Target(Base.OUT, StridedIndex.of(0, (size,), (1,)), True)
    kernel = Kernel((term,), {0: Operand(None, None, values), 1: weight}, (target,), size)
    return Schedule(name, pool, [[kernel]], size, 0)
