"""`Problem`: phases and linkages; `solve` transcribes, solves, and refines the mesh."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from numpy.typing import ArrayLike

from sparseopt.control.linkages import Link, require_linked
from sparseopt.control.mesh import Mesh
from sparseopt.control.phase import Phase
from sparseopt.control.prepared import Guess, PreparedProblem
from sparseopt.control.refinement import (
    checked_kind,
    checked_most_meshes,
    checked_tolerance,
    refined,
)
from sparseopt.control.solution import ControlSolution
from sparseopt.control.stopping import RefinementPlan
from sparseopt.control.transcriptions.registry import Transcription, transcription_named
from sparseopt.errors import ProblemError, did_you_mean
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["Problem"]

Refine = bool | Literal["h", "p", "hp"]


class Problem:
    """An optimal control problem: phases, and what links them.

    The objective is the sum of those of the phases.

    Parameters
    ----------
    name : str
    phases : sequence of Phase
    links : sequence of Link
        See `sparseopt.control.link`.

    Examples
    --------
    >>> from sparseopt import control
    >>> p = control.Phase("slew")
    >>> p.time(initial=0.0, final=1.0)
    >>> p.state("x", initial=0.0, final=1.0)
    >>> p.state("v", initial=0.0, final=0.0)
    >>> p.control("u")
    >>> p.dynamics(lambda s, u, q, t: {"x": s.v, "v": u.u})
    >>> p.integral("effort", lambda s, u, q, t: u.u**2 / 2)
    >>> p.minimize(lambda first, last, q, integral: integral.effort)
    >>> s = control.Problem("least effort", [p]).solve(intervals=5)
    >>> round(s.objective, 6), s["slew"].control("u")([0.0, 0.5]).round(6).tolist()
    (6.0, [6.0, 0.0])
    """

    def __init__(self, name: str, phases: Sequence[Phase], links: Sequence[Link] = ()) -> None:
        self.name, self.where = name, user_frame()
        self.phases = [phases] if isinstance(phases, Phase) else list(phases)
        self.links = list(links)
        self._require_phases()
        require_linked(self.links, {phase.name: phase for phase in self.phases})

    def prepare(
        self,
        transcription: str = "hermite_simpson",
        intervals: int | ArrayLike | Mapping[str, Any] = 50,
        degree: int | Mapping[str, Any] | None = None,
    ) -> PreparedProblem:
        """Return the problem on a mesh, traced; it compiles at the first solve.

        Parameters
        ----------
        transcription : str
            See `sparseopt.control.transcription_names`.
        intervals : int, or fractions from 0 to 1, or a mapping of phases to these
        degree : int, or a mapping of phases to integers, optional
            Collocation points, or Runge–Kutta steps, on each interval.
        """
        method = transcription_named(transcription)
        meshes = {
            phase.name: Mesh.of(
                self._for_phase(intervals, phase.name, "intervals"),
                self._degree(degree, phase.name, method),
            )
            for phase in self.phases
        }
        return self.on_meshes(method, meshes)

    def on_meshes(self, method: Transcription, meshes: Mapping[str, Mesh]) -> PreparedProblem:
        """Return the problem on given meshes, traced."""
        return PreparedProblem(self.name, self.phases, self.links, method, meshes)

    def solve(
        self,
        transcription: str = "hermite_simpson",
        intervals: int | ArrayLike | Mapping[str, Any] = 50,
        degree: int | Mapping[str, Any] | None = None,
        refine: Refine = True,
        tolerance: float = 1e-6,
        solver: str = "ipopt",
        options: Mapping[str, Any] | None = None,
        guess: Guess = None,
        *,
        parameters: Mapping[str, ArrayLike] | None = None,
        most_meshes: int = 12,
        confirm: bool = False,
        time_limit: float | None = None,
        verbose: bool = False,
        callback: Callable[[Any], bool | None] | None = None,
        verify: Literal["final", "start", "off"] = "final",
    ) -> ControlSolution:
        """Solve, and refine the mesh until the trajectory is accurate.

        Parameters
        ----------
        transcription, intervals, degree
            As for `prepare`; the first mesh.
        refine : bool or {"h", "p", "hp"}
            Divide intervals, raise degrees, or both; True takes what suits the transcription.
        tolerance : float
            Of the relative error of the states that the mesh makes: see
            `sparseopt.control.ControlSolution.error`.
        solver, options
            As for `sparseopt.Model.solve`.
        guess : ControlSolution, mapping, or "simulation", optional
            An earlier solution; other guesses by phase and name, ``{"slide": {"v": 2.0}}``; or the
            dynamics integrated under the guessed control.  By default the declared guesses.
        parameters : mapping, optional
            Values of given parameters that differ from the declared ones.
        most_meshes : int
            How many meshes are tried.
        confirm : bool
            Refine until a simulation deviates by less than the tolerance, too: dynamics that
            amplify errors ask for more than `error` does.
        time_limit, verbose, callback, verify
            As for `sparseopt.Model.solve`, on each mesh.

        Returns
        -------
        ControlSolution
        """
        prepared = self.prepare(transcription, intervals, degree)
        kind = checked_kind(refine, prepared.transcription)
        accurate = checked_tolerance(tolerance)
        plan = RefinementPlan(kind, accurate, checked_most_meshes(most_meshes), confirm)
        settings = {
            "solver": solver,
            "options": _accurate(options, solver, accurate),
            "time_limit": time_limit,
            "verbose": verbose,
            "callback": callback,
            "verify": verify,
        }
        return refined(self, prepared, guess, plan, parameters or {}, settings)

    def __repr__(self) -> str:
        names = ", ".join(phase.name for phase in self.phases)
        return f"Problem({self.name!r}, phases: {names})"

    # ---- checks
    def _require_phases(self) -> None:
        if not self.phases:
            raise ProblemError(
                f"the problem {self.name!r} has no phases", where=describe_where(self.where)
            )
        for phase in self.phases:
            if not isinstance(phase, Phase):
                raise ProblemError(
                    f"{phase!r} is no phase",
                    where=describe_where(self.where),
                    instead='p = control.Phase("flight"); control.Problem("name", [p])',
                )
        names = [phase.name for phase in self.phases]
        for name in names:
            if names.count(name) > 1:
                raise ProblemError(
                    f"two phases of {self.name!r} are called {name!r}",
                    where=describe_where(self.where),
                    instead="give each phase its own name",
                )
        for phase in self.phases:
            for present, what, instead in (
                (phase.span is not None, "time", "phase.time(initial=0.0, final=1.0)"),
                (phase.states, "states", 'phase.state("x")'),
                (phase.rates, "dynamics", "phase.dynamics(lambda s, u, q, t: {...})"),
            ):
                if not present:
                    raise ProblemError(
                        f"phase {phase.name!r} has no {what}",
                        where=describe_where(phase.where),
                        instead=instead,
                    )

    def _for_phase(self, value: Any, phase: str, what: str) -> Any:
        if not isinstance(value, Mapping):
            return value
        unknown = [name for name in value if name not in {p.name for p in self.phases}]
        if unknown or phase not in value:
            raise ProblemError(
                f"{what} are given for {', '.join(map(repr, value))}, "
                + (f"and there is no phase {unknown[0]!r}" if unknown else f"not for {phase!r}"),
                instead=did_you_mean(
                    str(unknown[0]) if unknown else phase, [p.name for p in self.phases]
                ),
            )
        return value[phase]

    def _degree(self, degree: Any, phase: str, method: Transcription) -> Any:
        chosen = None if degree is None else self._for_phase(degree, phase, "degrees")
        if chosen is None:
            return method.default_degree
        if method.degree_is == "fixed":
            raise ProblemError(
                f"the transcription {method.name!r} takes no degree",
                instead='use transcription="radau" or "lobatto" with a degree',
            )
        return chosen


def _accurate(
    options: Mapping[str, Any] | None, solver: str, tolerance: float
) -> dict[str, Any] | None:
    """Return options with which IPOPT solves more accurately than the mesh is."""
    if not isinstance(options, Mapping | None):
        raise ProblemError(f"options are {options!r}", instead='options={"max_iter": 100}')
    if solver not in ("ipopt", "cyipopt"):
        return None if options is None else dict(options)
    return {"tol": min(1e-8, tolerance / 100), **(options or {})}
