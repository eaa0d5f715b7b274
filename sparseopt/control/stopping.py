"""When to stop refining a mesh, in words that name the interval and the time.

Refinement aims at a tolerance. Three things end it before: a limit; errors that no longer fall
although the mesh grows, as on a singular arc whose control oscillates on every mesh; and a finer
mesh that led to a worse optimum.

An objective may become worse because the coarse mesh allowed too much.  To first order the defects
e that a mesh leaves change the objective by Σ p·e with the costates p (Bryson and Ho (1975),
section 2.3), so that its error estimate, which is relative to 1 + |x|, explains no more than

    error × Σ over states of max |p| (1 + max |x|).

What is worse than ten times that belongs to another optimum: the error is an estimate, and path
constraints that are violated between the points are worth their own multipliers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sparseopt.control.phase_solution import PhaseSolution
from sparseopt.control.solution import ControlSolution
from sparseopt.errors import ProblemError

__all__ = [
    "Kind",
    "MeshRecord",
    "RefinementPlan",
    "explained_loss",
    "loss",
    "reason_to_stop",
    "worst_place",
]

Kind = Literal["h", "p", "hp"]

_MOST_POINTS = 200_000
_PATIENCE = 4
"""Meshes after which the error has to be half of what it was."""
_GROWTH = 5.0
"""Of the number of points, after which it has to be, too."""
_LENIENCE = 10.0
"""By which a loss may exceed what the error explains to first order."""
_FEW_POINTS = 200
"""Meshes below cost little, and may be too coarse for any estimate."""


@dataclass(frozen=True)
class MeshRecord:
    """One mesh of a refinement."""

    intervals: int
    points: int
    error: float
    objective: float
    iterations: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.intervals} intervals, {self.points} points: error {self.error:.1e}, "
            f"objective {self.objective:.10g}, {self.iterations} iterations, {self.seconds:.2f} s"
        )


@dataclass(frozen=True)
class RefinementPlan:
    """How to refine, and when to stop.

    Attributes
    ----------
    kind : {"h", "p", "hp"} or None
        None solves on the first mesh only.
    tolerance : float
    most_meshes : int
    confirms : bool
        Whether a simulation has to agree within the tolerance too.
    """

    kind: Kind | None
    tolerance: float
    most_meshes: int
    confirms: bool


def reason_to_stop(
    solution: ControlSolution, records: list[MeshRecord], plan: RefinementPlan, aim: float
) -> str | None:
    """Return why not to refine further; empty without refinement, None to go on."""
    if plan.kind is None:
        return ""
    last = records[-1]
    if not solution.success:
        return "the first mesh was not solved"
    if last.error <= aim and not plan.confirms:
        return f"the error {last.error:.1e} is below the tolerance {plan.tolerance:.1e}"
    what = f"the error is {last.error:.1e}, the largest in {worst_place(solution)}"
    if len(records) >= plan.most_meshes:
        return f"{plan.most_meshes} meshes were tried; {what}"
    if last.points > _MOST_POINTS:
        return f"the mesh has {last.points} points; {what}"
    return f"finer meshes no longer help; {what}" if _is_stuck(records) else None


def worst_place(solution: ControlSolution) -> str:
    """Return the interval with the largest error, in words."""
    phase = max(solution.phases.values(), key=lambda one: one.error)
    errors, mesh = phase.errors, phase.mesh
    k = int(np.argmax(errors.worst))
    start, stop = phase.initial_time + phase.flow.duration * mesh.breaks[k : k + 2]
    return (
        f"interval {k + 1} of {mesh.num_intervals} of phase {phase.name!r}, "
        f"t = {start:.6g} to {stop:.6g}"
    )


def loss(before: ControlSolution, after: ControlSolution) -> float:
    """Return by how much the objective became worse; negative where it became better."""
    change = after.objective - before.objective
    return -change if after.nlp.problem.is_maximized else change


def explained_loss(solution: ControlSolution, tolerance: float) -> float:
    """Return how much worse a finer mesh may be because of the errors of this one."""
    worth = sum(_worth(phase) for phase in solution.phases.values())
    return tolerance * (1.0 + abs(solution.objective)) + _LENIENCE * solution.error * worth


def _worth(phase: PhaseSolution) -> float:
    """Return what an error of one in all states would be worth."""
    worth = 0.0
    for name in phase.phase.states:
        sizes = 1.0 + np.abs(phase.state(name).values).max(axis=0)
        try:
            prices = np.abs(phase.costate(name).values).max(axis=0)
        except ProblemError:  # single shooting has none
            return np.inf
        worth += float(np.sum(prices * sizes))
    return worth


def _is_stuck(records: list[MeshRecord]) -> bool:
    """Return whether the error is more than half of an earlier one, though the mesh grew."""
    last = records[-1]
    if len(records) > _PATIENCE and last.error > 0.5 * records[-1 - _PATIENCE].error:
        return True
    return any(
        last.points >= _GROWTH * one.points and last.error > 0.5 * one.error
        for one in records
        if one.points >= _FEW_POINTS
    )
