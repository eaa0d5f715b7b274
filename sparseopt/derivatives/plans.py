"""`MatrixPlan`: one way to evaluate a sparse derivative matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sparseopt.derivatives.schedules import Place
from sparseopt.derivatives.slots import Slot
from sparseopt.elements.form import Stage
from sparseopt.elements.tasks import Schedule
from sparseopt.patterns.sparsity_pattern import SparsityPattern

if TYPE_CHECKING:
    from sparseopt.coloring.coloring import Coloring

__all__ = ["HESSIAN_PLANS", "JACOBIAN_PLANS", "MatrixPlan", "PlanName", "Targets"]

PlanName = Literal["direct", "forward", "reverse", "bidirectional", "star", "acyclic"]
JACOBIAN_PLANS: tuple[PlanName, ...] = ("direct", "forward", "reverse", "bidirectional")
HESSIAN_PLANS: tuple[PlanName, ...] = ("direct", "star", "acyclic")

Targets = list[tuple[Stage, Place]]
"""The objective and the constraints with the places of their weights."""


@dataclass(frozen=True, eq=False)
class MatrixPlan:
    """How a sparse derivative matrix is evaluated.

    Parameters
    ----------
    name : str
        The plan's name: how the chain rule is multiplied out.
    pattern : SparsityPattern
        In the order of the values.
    schedule : Schedule
    slots : list of (stage, list of Slot)
        The local derivatives, for explanations and constancy.
    is_chained : bool
        Whether there are intermediates between the variables and the result.
    coloring : Coloring or None
        Of the pattern, if the matrix is evaluated compressed.
    """

    name: PlanName
    pattern: SparsityPattern
    schedule: Schedule
    slots: list[tuple[Stage, list[Slot]]]
    is_chained: bool
    coloring: Coloring | None = None
