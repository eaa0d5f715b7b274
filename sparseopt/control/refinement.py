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
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.mesh import Mesh
from sparseopt.control.phase_solution import PhaseSolution
from sparseopt.control.prepared import PreparedProblem
from sparseopt.control.solution import ControlSolution
from sparseopt.control.transcriptions.registry import Transcription
from sparseopt.errors import ProblemError, did_you_mean

__all__ = [
    "MeshRecord",
    "RefinementPlan",
    "checked_kind",
    "checked_most_meshes",
    "checked_tolerance",
    "next_mesh",
    "refined",
]

FloatArray = NDArray[np.float64]
Kind = Literal["h", "p", "hp"]

_KINDS = ("h", "p", "hp")

_MOST_PARTS = 5
_DEGREES = {"p": tuple(range(2, 41, 2)), "hp": (3, 4, 6, 8, 12)}
"""What degrees are raised to: intervals of one degree share their compiled formulas."""
_MOST_POINTS = 200_000
_PATIENCE = 4
_SMOOTH_DECAY = 0.7
"""Of the logarithm of a Legendre coefficient from one degree to the next."""


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


class Remeshable(Protocol):
    """A problem that can be put on other meshes: `sparseopt.control.Problem`."""

    def on_meshes(self, method: Transcription, meshes: Mapping[str, Mesh]) -> PreparedProblem:
        """Return the problem on given meshes."""


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


def refined(
    problem: Remeshable,
    prepared: PreparedProblem,
    guess: Any,
    plan: RefinementPlan,
    parameters: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> ControlSolution:
    """Solve on a mesh, and on finer ones until the error is below the tolerance.

    It stops where the tolerance is met, after `most_meshes`, where a solve fails or finer meshes
    no longer help; ``solution.stop`` says which.  The last solution that succeeded is returned.
    """
    records: list[MeshRecord] = []
    best: ControlSolution | None = None
    aim = plan.tolerance
    while True:
        started = time.perf_counter()
        prepared.set(parameters)
        solution = prepared.solve(guess=guess, **settings)
        if best is not None and not solution.success:
            return _ended(best, records, f"the next mesh was not solved: {solution.message}")
        records.append(_record(solution, time.perf_counter() - started))
        best = solution
        stop = _reason_to_stop(solution, records, plan, aim)
        if stop is None and solution.error <= aim:
            deviation = solution.simulate().deviation
            if deviation <= plan.tolerance:
                return _ended(solution, records, f"a simulation deviates by {deviation:.1e}")
            # The dynamics amplify errors; a simulation that runs away asks for no more than this.
            aim = 0.5 * solution.error * max(plan.tolerance / deviation, 0.1)
        if stop is not None:
            return _ended(solution, records, stop)
        assert plan.kind is not None
        method = prepared.transcription
        meshes = {
            name: next_mesh(phase, method, plan.kind, aim)
            for name, phase in solution.phases.items()
        }
        if all(meshes[name].same_as(phase.mesh) for name, phase in solution.phases.items()):
            return _ended(solution, records, "the highest degree is reached")
        prepared, guess = problem.on_meshes(method, meshes), solution


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
    if errors.drift > tolerance:
        found = np.maximum(found, errors.at_end * phase.mesh.num_intervals / tolerance)
    if errors.quadrature.sum() > tolerance:
        found = np.maximum(found, errors.quadrature * phase.mesh.num_intervals / tolerance)
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


def _reason_to_stop(
    solution: ControlSolution, records: list[MeshRecord], plan: RefinementPlan, aim: float
) -> str | None:
    if plan.kind is None:
        return ""
    last, most_meshes = records[-1], plan.most_meshes
    if not solution.success:
        return "the first mesh was not solved"
    if last.error <= aim and not plan.confirms:
        return f"the error {last.error:.1e} is below the tolerance {plan.tolerance:.1e}"
    if len(records) >= most_meshes:
        return f"{most_meshes} meshes were tried; the error is {last.error:.1e}"
    if last.points > _MOST_POINTS:
        return f"the mesh has {last.points} points; the error is {last.error:.1e}"
    if len(records) > _PATIENCE and last.error > 0.5 * records[-1 - _PATIENCE].error:
        return f"finer meshes no longer help; the error is {last.error:.1e}"
    return None


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


def _ended(solution: ControlSolution, records: list[MeshRecord], stop: str) -> ControlSolution:
    solution.refinement, solution.stop = records, stop
    return solution
