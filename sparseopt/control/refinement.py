"""Mesh refinement: new meshes from the errors of the old one, until they are small enough.

h divides intervals into as many parts as the order of the method asks for; p raises degrees; hp
raises them where the trajectory is smooth, and divides where it is not or the degree would be high.
Smooth is where the Legendre coefficients of the states decay fast.

Betts (2010), section 4.7; Patterson, Hager, Rao (2015), doi:10.1002/oca.2114; Mavriplis (1994),
doi:10.1016/S0045-7825(94)80025-1, for decay as a measure of smoothness.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.mesh import Mesh
from sparseopt.control.phase_solution import PhaseSolution
from sparseopt.control.prepared import PreparedProblem
from sparseopt.control.solution import ControlSolution
from sparseopt.control.stopping import (
    Kind,
    MeshRecord,
    RefinementPlan,
    explained_loss,
    loss,
    reason_to_stop,
    worst_place,
)
from sparseopt.control.transcriptions.registry import Transcription
from sparseopt.errors import ProblemError, SolverError, did_you_mean

__all__ = [
    "checked_kind",
    "checked_most_meshes",
    "checked_tolerance",
    "next_mesh",
    "refined",
]

FloatArray = NDArray[np.float64]
_KINDS = ("h", "p", "hp")

_MOST_PARTS = 5
_DEGREES = {"p": tuple(range(2, 41, 2)), "hp": (3, 4, 6, 8, 12)}
"""What degrees are raised to: intervals of one degree share their compiled formulas."""
_NEAR_THE_START = {
    "mu_init": 1e-5,
    "bound_push": 1e-6,
    "bound_frac": 1e-6,
    "slack_bound_push": 1e-6,
    "slack_bound_frac": 1e-6,
}
"""Options with which IPOPT stays near its start; cold ones push it away from bounds."""
_IPOPT = ("ipopt", "cyipopt")
_SMALL_PART = 0.1
"""Of the tolerance, which the gaps between intervals may add up to."""
_SMOOTH_DECAY = 0.7
"""Of the logarithm of a Legendre coefficient from one degree to the next."""


class Remeshable(Protocol):
    """A problem that can be put on other meshes: `sparseopt.control.Problem`."""

    def on_meshes(self, method: Transcription, meshes: Mapping[str, Mesh]) -> PreparedProblem:
        """Return the problem on given meshes."""


@dataclass
class _Refinement:
    """What happened so far: a record of each mesh, and the solution with the smallest error."""

    records: list[MeshRecord] = field(default_factory=list)
    best: ControlSolution | None = None
    last: ControlSolution | None = None
    deviations: list[float] = field(default_factory=list)

    def add(self, solution: ControlSolution, seconds: float) -> None:
        self.records.append(_record(solution, seconds))
        self.last = solution
        if self.best is None or solution.error <= self.best.error:
            self.best = solution

    def ended(self, solution: ControlSolution, stop: str) -> ControlSolution:
        solution.refinement, solution.stop = self.records, stop
        return solution

    def ended_at_best(self, stop: str) -> ControlSolution:
        """Return the solution with the smallest error, and say so where it is not the last."""
        assert self.best is not None
        if self.best is self.last:
            return self.ended(self.best, stop)
        number = 1 + int(np.argmin([record.error for record in self.records]))
        kept = f"kept is mesh {number} of {len(self.records)} with error {self.best.error:.1e}"
        return self.ended(self.best, f"{stop}; {kept}")


def refined(
    problem: Remeshable,
    prepared: PreparedProblem,
    guess: Any,
    plan: RefinementPlan,
    parameters: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> ControlSolution:
    """Solve on a mesh, and on finer ones until the error is below the tolerance.

    It stops where the tolerance is met, after `most_meshes`, where a solve fails, finer meshes no
    longer help, or one leads to a worse optimum than the mesh before, whose solution is kept then;
    ``solution.stop`` says which.  Otherwise the solution with the smallest error is returned.
    """
    so_far, aim = _Refinement(), plan.tolerance
    while True:
        started = time.perf_counter()
        prepared.set(parameters)
        last = so_far.last
        solution = _solved(prepared, guess, last, plan, settings)
        if plan.kind is not None:
            solution = _closed(solution, aim, settings)
        if last is not None and not solution.success:
            return so_far.ended_at_best(f"the next mesh was not solved: {solution.message}")
        so_far.add(solution, time.perf_counter() - started)
        if last is not None and loss(last, solution) > explained_loss(last, plan.tolerance):
            return so_far.ended(last, _worse(last, solution, len(so_far.records)))
        stop = reason_to_stop(solution, so_far.records, plan, aim)
        if stop is None and solution.error <= aim:
            deviation = _deviation(solution)
            so_far.deviations.append(deviation)
            if deviation <= plan.tolerance:
                return so_far.ended(solution, f"a simulation deviates by {deviation:.1e}")
            stop = _reason_to_trust(so_far.deviations)
            # The dynamics amplify errors; a simulation that runs away asks for no more than this.
            aim = 0.5 * solution.error * max(plan.tolerance / deviation, 0.1)
        if stop is not None:
            met = solution.error <= plan.tolerance
            return so_far.ended(solution, stop) if met else so_far.ended_at_best(stop)
        assert plan.kind is not None
        method = prepared.transcription
        meshes = {
            name: next_mesh(phase, method, plan.kind, aim)
            for name, phase in solution.phases.items()
        }
        if all(meshes[name].same_as(phase.mesh) for name, phase in solution.phases.items()):
            return so_far.ended_at_best(_exhausted(solution, aim))
        prepared, guess = problem.on_meshes(method, meshes), solution


def _solved(
    prepared: PreparedProblem,
    guess: Any,
    last: ControlSolution | None,
    plan: RefinementPlan,
    settings: Mapping[str, Any],
) -> ControlSolution:
    """Solve on a mesh; once more near the last solution where the objective became worse."""
    solution = prepared.solve(guess=guess, **settings)
    if last is None or not solution.success or settings["solver"] not in _IPOPT:
        return solution
    if loss(last, solution) <= (plan.tolerance + last.error) * (1.0 + abs(last.objective)):
        return solution
    near = {**settings, "options": {**_NEAR_THE_START, **(settings["options"] or {})}}
    second = prepared.solve(guess=guess, **near)
    return second if second.success and loss(solution, second) < 0.0 else solution


def _closed(solution: ControlSolution, aim: float, settings: Mapping[str, Any]) -> ControlSolution:
    """Solve more accurately where the gaps that the solver left add up to much of the aim."""
    if not solution.success or settings["solver"] not in _IPOPT:
        return solution
    gaps = max(float(phase.errors.gaps.sum()) for phase in solution.phases.values())
    if gaps <= _SMALL_PART * aim:
        return solution
    options = settings["options"] or {}
    tol = float(options.get("tol", 1e-8)) * _SMALL_PART * aim / gaps
    exact = {
        **_NEAR_THE_START,
        **options,
        "tol": max(tol, 1e-13),
        "constr_viol_tol": max(tol, 1e-13),
    }
    second = solution.problem.solve(guess=solution, **{**settings, "options": exact})
    return second if second.success and second.error < solution.error else solution


def _exhausted(solution: ControlSolution, aim: float) -> str:
    """Return why no interval is to be refined, though the error is too large."""
    phase = max(solution.phases.values(), key=lambda one: float(one.errors.gaps.sum()))
    gaps = float(phase.errors.gaps.sum())
    if gaps <= 0.5 * aim:
        return "the highest degree is reached"
    return (
        f"the solver leaves gaps between the intervals of phase {phase.name!r}: {gaps:.1e} in all"
    )


def _worse(last: ControlSolution, solution: ControlSolution, number: int) -> str:
    return (
        f"mesh {number} led to a worse optimum, {solution.objective:.10g} instead of "
        f"{last.objective:.10g}, and that of mesh {number - 1} is kept; its error is "
        f"{last.error:.1e}, the largest in {worst_place(last)}"
    )


def _deviation(solution: ControlSolution) -> float:
    try:
        return solution.simulate().deviation
    except SolverError:  # the simulation runs away, and the integrator gives up
        return np.inf


def _reason_to_trust(deviations: list[float]) -> str | None:
    """Return why no simulation will confirm the solution, or None."""
    if len(deviations) < 3 or deviations[-1] <= 0.5 * deviations[-3]:
        return None
    return f"a simulation deviates by {deviations[-1]:.1e}, and finer meshes do not change that"


def checked_kind(refine: Any, method: Transcription) -> Kind | None:
    """Return how to refine, or None."""
    if refine is False or refine is None:
        return None
    if refine is True:
        return "hp" if method.degree_is == "collocation points" else "h"
    if not isinstance(refine, str) or refine not in _KINDS:
        raise ProblemError(f"refine is {refine!r}", instead=did_you_mean(str(refine), _KINDS))
    if refine != "h" and method.degree_is != "collocation points":
        raise ProblemError(
            f"the transcription {method.name!r} has no degree to raise",
            instead='refine="h", or transcription="radau"',
        )
    return cast("Kind", refine)


def checked_tolerance(tolerance: Any) -> float:
    """Return the tolerance, a positive number."""
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)):
        raise ProblemError(f"the tolerance is {tolerance!r}", instead="tolerance=1e-6")
    if not 0.0 < tolerance < np.inf:
        raise ProblemError(
            f"the tolerance is {tolerance!r}",
            why="it bounds relative errors: positive and finite",
            instead="tolerance=1e-6",
        )
    return float(tolerance)


def checked_most_meshes(most_meshes: Any) -> int:
    """Return how many meshes are tried, at least one."""
    is_integer = isinstance(most_meshes, (int, np.integer)) and not isinstance(most_meshes, bool)
    if not is_integer or most_meshes < 1:
        raise ProblemError(
            f"most_meshes is {most_meshes!r}",
            why="the first mesh is one of them",
            instead="most_meshes=12; refine=False solves on the first mesh only",
        )
    return int(most_meshes)


def next_mesh(phase: PhaseSolution, method: Transcription, kind: Kind, tolerance: float) -> Mesh:
    """Return the mesh that the errors of a solution ask for; the same one where all are small."""
    mesh = phase.mesh
    excess = _excess(phase, tolerance)
    decay = _decay(phase) if kind == "hp" else np.zeros(mesh.num_intervals)
    breaks, degrees = [np.zeros(1)], []
    for k in range(mesh.num_intervals):
        parts, degree = 1, int(mesh.degrees[k])
        if excess[k] > 1.0:
            parts, degree = _refined_interval(
                float(excess[k]), degree, float(decay[k]), method, kind
            )
        breaks.append(np.linspace(mesh.breaks[k], mesh.breaks[k + 1], parts + 1)[1:])
        degrees += [degree] * parts
    return Mesh(np.concatenate(breaks), np.array(degrees, dtype=np.int64))


def _excess(phase: PhaseSolution, tolerance: float) -> FloatArray:
    """Return by how much the error of each interval is too large; the aim is half the tolerance."""
    errors = phase.errors
    found = errors.largest / tolerance
    room = max(tolerance - float(errors.gaps.sum()), 0.5 * tolerance)
    for parts in errors.summed:
        if parts.sum() > room:
            found = np.maximum(found, parts * phase.mesh.num_intervals / room)
    return np.where(found > 1.0, 2 * found, found)


def _refined_interval(
    excess: float, degree: int, decay: float, method: Transcription, kind: Kind
) -> tuple[int, int]:
    """Return how many parts an interval becomes, and their degree."""
    if kind != "h":
        more = max(1, int(np.ceil(np.log(excess) / np.log(max(degree, 2)))))
        higher = [d for d in _DEGREES[kind] if d >= degree + more]
        if higher and (kind == "p" or decay > _SMOOTH_DECAY):
            return 1, higher[0]
        if kind == "p":
            return 1, max(degree, _DEGREES[kind][-1])
    parts = int(np.ceil(excess ** (1.0 / method.residual_order(degree))))
    return int(np.clip(parts, 2, _MOST_PARTS)), degree


def _decay(phase: PhaseSolution) -> FloatArray:
    """Return how fast the Legendre coefficients of the least smooth state fall on each interval."""
    slowest = np.full(phase.mesh.num_intervals, np.inf)
    for curve in phase.curves.states.values():
        pieces, terms = curve.coefficients.shape[:2]
        sizes = np.abs(curve.coefficients).reshape(pieces, terms, -1)
        top = (sizes > 0.0).sum(axis=1) - 1  # the degree of each piece
        high = np.take_along_axis(sizes, np.maximum(top, 0)[:, None], axis=1)[:, 0]
        low = sizes[:, 1] if terms > 1 else high
        floor = 1e-13 * (1.0 + sizes.max(axis=1))
        fall = np.log((low + floor) / (high + floor)) / np.maximum(top - 1, 1)
        fall = np.where(high <= floor, np.inf, fall)  # nothing is left of the highest degree
        slowest = np.minimum(slowest, fall.min(axis=1))
    return slowest


def _record(solution: ControlSolution, seconds: float) -> MeshRecord:
    phases = solution.phases.values()
    return MeshRecord(
        sum(phase.mesh.num_intervals for phase in phases),
        sum(phase.fractions.size for phase in phases),
        solution.error,
        solution.objective,
        solution.nlp.iterations,
        seconds,
    )
