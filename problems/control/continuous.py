"""Shared by the optimal control problems: transcription at a size, and what is known without one.

A file here has `problem(...)`, which returns a `control.Problem`; `RECORD`, for the registry, whose
`build` is the model on a mesh; and `CONTINUOUS`, with the optimum of the problem itself.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import sparseopt as so
from problems.record import Counts, KnownObjective
from sparseopt import control


@dataclass(frozen=True)
class ControlRecord:
    """The optimum of an optimal control problem, whatever the mesh.

    Attributes
    ----------
    problem : callable
        `problem(**parameters)` returns a new `control.Problem`.
    optimum : float
        In the problem's own sense (not negated for a maximization).
    relative_tolerance : float
        The digits that are known of it: half a unit of the last one, or more.
    source : str
        Who published it; "analytic" with the formula; "this project" with the meshes.
    doi : str
        Digital object identifier of the source, empty where there is none.
    transcription : str
    intervals : int or mapping
        The first mesh.
    degree : int or mapping, optional
    tolerance : float
        To which the mesh is refined, and by which a simulation may deviate.
    refine : bool or {"h", "p", "hp"}
    confirm : bool
        Whether to refine until a simulation agrees, too: for dynamics that amplify errors.
    restart : {"phase", "interval"}
        Of the simulation: "interval" where the dynamics are so unstable that any trajectory departs
        from another one.
    options : mapping
        Options of IPOPT that the problem needs.
    parameters : mapping
        Arguments of `problem` for this optimum.
    """

    problem: Callable[..., control.Problem]
    optimum: float
    relative_tolerance: float
    source: str
    doi: str = ""
    transcription: str = "hermite_simpson"
    intervals: int | Mapping[str, int] = 20
    degree: int | Mapping[str, int] | None = None
    tolerance: float = 1e-6
    refine: bool | Literal["h", "p", "hp"] = True
    confirm: bool = False
    restart: Literal["phase", "interval"] = "phase"
    options: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def solve(self, **settings: Any) -> control.ControlSolution:
        """Solve with mesh refinement; `settings` replace those of the record."""
        chosen: dict[str, Any] = {
            "transcription": self.transcription,
            "intervals": self.intervals,
            "degree": self.degree,
            "tolerance": self.tolerance,
            "refine": self.refine,
            "confirm": self.confirm,
            "options": dict(self.options),
        }
        return self.problem(**self.parameters).solve(**{**chosen, **settings})


def model(
    problem: control.Problem,
    transcription: str,
    intervals: int | Mapping[str, int],
    degree: int | None,
) -> so.Model:
    """Return the model of a problem on a mesh of equal intervals; it starts at the guesses."""
    return problem.prepare(transcription, intervals, degree).model


def own(value: float, intervals: int, tolerance: float = 1e-6, **size: Any) -> KnownObjective:
    """Return our own objective on a mesh: it differs from the optimum by the mesh's error."""
    return KnownObjective(
        size={"intervals": intervals, **size},
        value=value,
        relative_tolerance=tolerance,
        source="this project, IPOPT 3.14.19; of the discretized problem, not published",
    )


def hermite_simpson_counts(
    intervals: int,
    rates: Mapping[str, Collection[str]],
    controls: int = 1,
    free_times: int = 0,
    hessian: int | None = None,
    path: Collection[int] = (),
) -> Counts:
    """Return the counts of one phase by separated Hermite–Simpson collocation.

    Each state has two defects an interval. One relates its values at the midpoint and both ends to
    the rates at the ends, the other its values at the ends to the rates at all three points.

    Parameters
    ----------
    intervals : int
    rates : mapping
        For each state, which states and controls its rate depends on.
    controls, free_times : int
    hessian : int, optional
        Lower Hessian entries of each point: pairs of its states and controls, and for each of them
        one with each free time where the pair with the duration is nonzero.
    path : collection of int
        How many states and controls each path constraint depends on; it holds at all points.
    """
    points = 2 * intervals + 1
    entries = 0
    for state, arguments in rates.items():
        others = len(set(arguments) - {state})
        entries += 3 + 2 * others + 2 + 3 * others + (state in arguments) + 2 * free_times
    return Counts(
        variables=(len(rates) + controls) * points + free_times,
        constraints=2 * len(rates) * intervals + len(path) * points,
        jacobian=entries * intervals + sum(path) * points,
        hessian=None if hessian is None else hessian * points,
    )


@functools.cache
def control_records() -> dict[str, ControlRecord]:
    """Return the optima of all continuous problems by name, in alphabetical order."""
    return {name: importlib.import_module(module).CONTINUOUS for name, module in _modules().items()}


def _modules() -> dict[str, str]:
    """Return the module of each problem: a file here that assigns CONTINUOUS."""
    return {
        path.stem: f"problems.control.{path.stem}"
        for path in sorted(Path(__file__).parent.glob("*.py"))
        if "\nCONTINUOUS = " in path.read_text(encoding="utf-8")
    }
