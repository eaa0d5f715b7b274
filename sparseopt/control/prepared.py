"""`PreparedProblem`: a problem on a mesh, traced and compiled once, solved as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.control.calls import called_for_dict
from sparseopt.control.declarations import checked_range, condition_bound
from sparseopt.control.guesses import clipped
from sparseopt.control.linkages import Link
from sparseopt.control.mesh import Mesh
from sparseopt.control.phase import Phase
from sparseopt.control.simulation import simulated_states
from sparseopt.control.solution import ControlSolution
from sparseopt.control.starts import start_from_declarations, start_from_solution
from sparseopt.control.transcribed_phase import Row, TranscribedPhase
from sparseopt.control.transcriptions.registry import Transcription
from sparseopt.errors import ProblemError, did_you_mean
from sparseopt.modeling.model import Model
from sparseopt.modeling.problem import Problem as NonlinearProblem
from sparseopt.modeling.solution import Solution

__all__ = ["Guess", "PreparedProblem"]

FloatArray = NDArray[np.float64]
Guess = ControlSolution | Mapping[str, Mapping[str, Any]] | Literal["simulation"] | None


class PreparedProblem:
    """A transcribed problem; `sparseopt.control.Problem.prepare` makes it.

    Attributes
    ----------
    name : str
    phases : dict of TranscribedPhase
    model : Model
    transcription : Transcription
    """

    def __init__(
        self,
        name: str,
        phases: Sequence[Phase],
        links: Sequence[Link],
        transcription: Transcription,
        meshes: Mapping[str, Mesh],
    ) -> None:
        self.name, self.transcription, self.links = name, transcription, links
        self.model = Model(name)
        self.phases: dict[str, TranscribedPhase] = {}
        for phase in phases:
            mesh = meshes[phase.name]
            discretization = transcription.discretize(mesh)
            self.phases[phase.name] = TranscribedPhase(self.model, phase, mesh, discretization)
        self.link_rows: dict[str, Row] = {}
        for number, made in enumerate(links):
            self._add_link(number, made)
        self._set_objective()

    @property
    def meshes(self) -> dict[str, Mesh]:
        """The mesh of each phase."""
        return {name: phase.mesh for name, phase in self.phases.items()}

    @property
    def rows(self) -> dict[str, Row]:
        """What each array of constraints and of variables means."""
        found = dict(self.link_rows)
        for phase in self.phases.values():
            found |= phase.rows | phase.variable_rows()
        return found

    def problem(self) -> NonlinearProblem:
        """Return the compiled nonlinear program."""
        return self.model.problem()

    def set(self, parameters: Mapping[str, ArrayLike] | None = None, **given: ArrayLike) -> None:
        """Change given parameters, in every phase that has them; nothing is traced again."""
        if parameters is not None and not isinstance(parameters, Mapping):
            raise ProblemError(
                f"parameters are {parameters!r}", instead='parameters={"mass": 3.0}, or mass=3.0'
            )
        for name, value in {**(parameters or {}), **given}.items():
            homes = [p for p in self.phases.values() if name in p.phase.given]
            if not homes:
                known = {k for p in self.phases.values() for k in p.phase.given}
                raise ProblemError(
                    f"no phase of {self.name!r} has a given parameter {name!r}",
                    instead=did_you_mean(name, known) or f"phase.parameter({name!r}, value)",
                )
            for home in homes:
                self.model.set(**{home.named(name): value})

    def solve(
        self,
        *,
        parameters: Mapping[str, ArrayLike] | None = None,
        guess: Guess = None,
        solver: str = "ipopt",
        options: Mapping[str, Any] | None = None,
        time_limit: float | None = None,
        verbose: bool = False,
        callback: Callable[[Any], bool | None] | None = None,
        verify: Literal["final", "start", "off"] = "final",
        **given: ArrayLike,
    ) -> ControlSolution:
        """Solve on this mesh; nothing is traced or compiled after the first time.

        Parameters
        ----------
        parameters : mapping, optional
            Changed values of given parameters; also as keyword arguments.
        guess : optional
            As for `Problem.solve`.  A solution of this very problem starts with its multipliers.
        solver, options, time_limit, verbose, callback, verify : optional
            As for `sparseopt.Model.solve`.

        Returns
        -------
        ControlSolution
        """
        self.set(parameters, **given)
        start: Any
        if isinstance(guess, ControlSolution) and guess.problem is self:
            start = guess.nlp
        else:
            start = self.start(guess)
        found = self.model.solve(
            solver=solver,
            options=options,
            start=start,
            time_limit=time_limit,
            verbose=verbose,
            callback=callback,
            verify=verify,
        )
        return self._solution(found)

    def start(self, guess: Guess = None) -> dict[str, FloatArray]:
        """Return the values of the model's variables that a guess stands for."""
        if not (guess is None or isinstance(guess, (ControlSolution, Mapping))) and (
            guess != "simulation"
        ):
            raise ProblemError(
                f"there is no guess {guess!r}",
                instead='guess="simulation", a solution, or {"phase": {"state": values}}',
            )
        if isinstance(guess, Mapping):
            self._require_names(guess)
        found: dict[str, FloatArray] = {}
        for name, phase in self.phases.items():
            if isinstance(guess, ControlSolution):
                found |= start_from_solution(phase, guess)
            else:
                given = guess.get(name, {}) if isinstance(guess, Mapping) else {}
                found |= start_from_declarations(phase, given)
                if guess == "simulation":
                    found |= self._simulated(phase, found)
        return found

    def __repr__(self) -> str:
        meshes = ", ".join(f"{n}: {m.num_intervals} intervals" for n, m in self.meshes.items())
        return f"PreparedProblem({self.name!r}, {self.transcription.name}, {meshes})"

    # ---- inside
    def _solution(self, found: Solution) -> ControlSolution:
        return ControlSolution(self, found)

    def _simulated(self, phase: TranscribedPhase, values: Mapping[str, Any]) -> dict[str, Any]:
        states = simulated_states(phase, values)
        fractions = phase.discretization.state_fractions
        return {
            phase.named(name): clipped(x, phase.phase.states[name], fractions)
            for name, x in states.items()
        }

    def _require_names(self, guess: Mapping[str, Any]) -> None:
        for name, values in guess.items():
            if name not in self.phases:
                raise ProblemError(
                    f"the guess names {name!r}, which is no phase of {self.name!r}",
                    instead=did_you_mean(name, self.phases),
                )
            if not isinstance(values, Mapping):
                raise ProblemError(
                    f"the guess for phase {name!r} is {values!r}",
                    instead=f'guess={{{name!r}: {{"state": values}}}}',
                )
            phase = self.phases[name].phase
            known = [*phase.states, *phase.controls, *phase.statics, "time"]
            for key in values:
                if key not in known:
                    raise ProblemError(
                        f"the guess names {key!r}, which phase {name!r} does not have",
                        instead=did_you_mean(key, known),
                    )

    def _add_link(self, number: int, made: Link) -> None:
        before, after = self.phases[made.before], self.phases[made.after]
        prefix = f"{made.before}__{made.after}__link{number}"
        states = made.linked_states(before.phase, after.phase)
        found: dict[str, Any] = {}
        for name in (*states, *made.controls):
            jump = made.jumps.get(name, 0.0)
            found[name] = before.last[name] + np.asarray(jump) - after.first[name]
        for name in made.statics:
            found[name] = before.parameters[name] - after.parameters[name]
        if made.is_continuous_in_time:
            found["time"] = before.last.time - after.first.time
        for name, value in found.items():
            if not isinstance(value, (float, np.floating)):
                self._link_row(f"{prefix}__{name}", name, value, 0.0, 0.0, made)
            elif value != 0.0:
                raise ProblemError(
                    f"phase {made.after!r} begins at {after.first.time:g}, and phase "
                    f"{made.before!r} ends at {before.last.time:g}",
                    instead="link(..., time=False), or free times",
                )
        if made.function is not None:
            what = f"the linkage of {made.before!r} to {made.after!r}"
            values = called_for_dict(made.function, what, before.last, after.first)
            for name, value in values.items():
                full = f"{prefix}__{name}__condition"
                self._link_row(full, name, value, made.lower, made.upper, made)

    def _link_row(
        self, full: str, name: str, value: Any, lower: Any, upper: Any, made: Link
    ) -> None:
        self.link_rows[full] = Row("linkage", name, f"{made.before} to {made.after}")
        what = f"{name!r} in the linkage of {made.before!r} to {made.after!r}"
        bounds = checked_range(
            (condition_bound(lower, name), condition_bound(upper, name)),
            np.shape(value),
            what,
            made.where,
        )
        self.model.subject_to(value, bounds.lower, bounds.upper, full)

    def _set_objective(self) -> None:
        parts = [
            (phase.objective, phase.phase.objective.is_maximized)
            for phase in self.phases.values()
            if phase.phase.objective is not None
        ]
        if not parts:
            return
        is_maximized = all(maximized for _, maximized in parts)
        total: Any = 0.0
        for value, maximized in parts:
            total = total + (value if maximized == is_maximized else -value)
        (self.model.maximize if is_maximized else self.model.minimize)(total)
