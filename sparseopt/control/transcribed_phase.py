"""`TranscribedPhase`: a phase on a mesh, declared in a `Model`.

Names in the model are ``phase__name``, with a suffix for constraints: ``__rate`` for defects,
``__path`` and ``__boundary`` for conditions, ``__bounds``, ``__initial`` and ``__final`` for states
that are no variables.  Times and static parameters are single variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.calls import called_for_dict, called_for_number
from sparseopt.control.declarations import (
    Condition,
    Range,
    Signal,
    bounds_at,
    checked_range,
    condition_bound,
)
from sparseopt.control.flow import Flow, Points
from sparseopt.control.guesses import guessed_values
from sparseopt.control.mesh import Mesh
from sparseopt.control.named_values import NamedValues
from sparseopt.control.phase import Phase
from sparseopt.control.transcriptions.discretization import Discretization, Transcribed
from sparseopt.errors import ProblemError, ShapeError, did_you_mean
from sparseopt.modeling.model import Model
from sparseopt.tracing.source_lines import describe_where

__all__ = ["Row", "TranscribedPhase"]

FloatArray = NDArray[np.float64]

_KINDS = {"path": "path constraint", "boundary": "boundary condition"}


@dataclass(frozen=True)
class Row:
    """What an array of constraints means, for messages: a condition, and where in the phase."""

    kind: str
    name: str
    phase: str
    fractions: FloatArray = field(default_factory=lambda: np.zeros(0))


class TranscribedPhase:
    """A phase on a mesh.

    Attributes
    ----------
    phase : Phase
    mesh : Mesh
    discretization : Discretization
    first, last : NamedValues
        States, controls and the time at both ends, traced.
    parameters : NamedValues
        Given and static parameters, traced.
    integrals : NamedValues
        Traced.
    objective : traced number or None
    rows : dict of Row
        By the name of each constraint in the model.
    """

    def __init__(
        self, model: Model, phase: Phase, mesh: Mesh, discretization: Discretization
    ) -> None:
        self.phase, self.mesh, self.discretization = phase, mesh, discretization
        self.rows: dict[str, Row] = {}
        self._model = model
        self.parameters = self._declare_parameters()
        start, stop = self._declare_times()
        states = self._declare(phase.states, discretization.state_fractions)
        controls = self._declare(phase.controls, discretization.control_fractions)
        flow = Flow(phase, self.parameters, start, stop)
        equations = discretization.transcribe(states, controls, flow)
        self.first = NamedValues("value at the beginning", {**equations.first, "time": start})
        self.last = NamedValues("value at the end", {**equations.last, "time": stop})
        self._add_defects(equations)
        self._bound_expressions(equations)
        self._add_path(Points.joined(flow.constrained), flow)
        self._add_boundary()
        self.integrals = NamedValues("integral", self._add_integrals(flow))
        self.objective = self._objective()

    def named(self, *parts: str) -> str:
        """Return the name in the model of something of this phase."""
        return "__".join((self.phase.name, *parts))

    def signals(self) -> list[tuple[Signal, FloatArray]]:
        """Return states and controls with the fractions where they are variables."""
        states = [(s, self.discretization.state_fractions) for s in self.phase.states.values()]
        return states + [
            (u, self.discretization.control_fractions) for u in self.phase.controls.values()
        ]

    def variable_rows(self) -> dict[str, Row]:
        """Return what the variables mean, and when: of states, controls and whole phases."""
        found = {
            self.named(signal.name): Row("variable", signal.name, self.phase.name, fractions)
            for signal, fractions in self.signals()
        }
        for name in (*self.phase.statics, "initial_time", "final_time"):
            found[self.named(name)] = Row("variable", name, self.phase.name)
        return found

    # ---- variables
    def _declare_parameters(self) -> NamedValues:
        found: dict[str, Any] = {}
        for given in self.phase.given.values():
            found[given.name] = self._model.parameter(self.named(given.name), given.value)
        for static in self.phase.statics.values():
            found[static.name] = self._model.variable(
                self.named(static.name),
                static.shape,
                static.bounds.lower,
                static.bounds.upper,
                static.guess,
                static.scale,
            )
        return NamedValues("parameter", found)

    def _declare_times(self) -> tuple[Any, Any]:
        span = self.phase.span
        assert span is not None
        initial = self._time("initial_time", span.initial, span.guess[0])
        final = self._time("final_time", span.final, span.guess[1])
        if not (span.initial.is_fixed and span.final.is_fixed):
            shortest = float(span.final.lower - span.initial.upper)
            longest = float(span.final.upper - span.initial.lower)
            if shortest < span.duration.lower or longest > span.duration.upper:
                name = self.named("duration")
                self.rows[name] = Row("duration", "", self.phase.name)
                self._subject_to(
                    final - initial, span.duration.lower, span.duration.upper, name, None
                )
        return initial, final

    def _time(self, name: str, bounds: Range, guess: float) -> Any:
        if bounds.is_fixed:
            return float(bounds.lower)
        span = self.phase.span
        assert span is not None
        return self._model.variable(
            self.named(name),
            lower=bounds.lower,
            upper=bounds.upper,
            start=guess,
            scale=span.scale,
        )

    def _declare(self, signals: Mapping[str, Signal], fractions: FloatArray) -> dict[str, Any]:
        span = self.phase.span
        assert span is not None
        found = {}
        for name, signal in signals.items():
            bounds = bounds_at(signal, fractions)
            start = guessed_values(
                signal, signal.guess, fractions, span.guess, self.phase.name, bounds
            )
            shape, scale = (fractions.size, *signal.shape), signal.scale
            found[name] = self._model.variable(
                self.named(name), shape, bounds.lower, bounds.upper, start, scale
            )
        return found

    # ---- constraints
    def _subject_to(self, values: Any, lower: Any, upper: Any, name: str, scale: Any) -> None:
        lower = -np.inf if lower is None else lower
        self._model.subject_to(values, lower, upper, name, scale)

    def _add_defects(self, equations: Transcribed) -> None:
        for name, defect in equations.defects.items():
            full = self.named(name, "rate")
            self.rows[full] = Row("rate", name, self.phase.name, equations.defect_fractions)
            self._subject_to(defect, 0.0, 0.0, full, self.phase.states[name].scale)

    def _bound_expressions(self, equations: Transcribed) -> None:
        """Bound states that are no variables."""
        for name, values in equations.states.items():
            bounds = bounds_at(self.phase.states[name], equations.state_fractions)
            if np.all(np.isinf(bounds.lower) & np.isinf(bounds.upper)):
                continue
            full = self.named(name, "bounds")
            self.rows[full] = Row("state", name, self.phase.name, equations.state_fractions)
            finite = np.isfinite(bounds.lower) | np.isfinite(bounds.upper)
            rows = np.flatnonzero(finite.reshape(finite.shape[0], -1).any(axis=1))
            self.rows[full] = Row("state", name, self.phase.name, equations.state_fractions[rows])
            self._subject_to(
                values[rows],
                bounds.lower[rows],
                bounds.upper[rows],
                full,
                self.phase.states[name].scale,
            )

    def _add_path(self, points: Points, flow: Flow) -> None:
        found = flow.path_values(points)
        for condition, values in zip(self.phase.path_conditions, found, strict=True):
            for name, value in values.items():
                self._add_condition(condition, values, name, value, "path", points.fractions)

    def _add_boundary(self) -> None:
        what = f"the boundary conditions of phase {self.phase.name!r}"
        for condition in self.phase.boundary_conditions:
            values = called_for_dict(
                condition.function, what, self.first, self.last, self.parameters
            )
            for name, value in values.items():
                self._add_condition(condition, values, name, value, "boundary", np.zeros(0))

    def _add_condition(
        self,
        condition: Condition,
        values: Mapping[str, Any],
        name: str,
        value: Any,
        kind: str,
        fractions: FloatArray,
    ) -> None:
        full, what = self.named(name, kind), _KINDS[kind]
        if full in self.rows:
            raise ProblemError(
                f"two {what}s of phase {self.phase.name!r} are called {name!r}",
                where=describe_where(condition.where),
                why="their values and multipliers are looked up by name",
                instead="give one of them another name",
            )
        self.rows[full] = Row(kind, name, self.phase.name, fractions)
        found = [_bound(b, name, values, condition) for b in (condition.lower, condition.upper)]
        shape = np.shape(value)[1:] if kind == "path" else np.shape(value)
        label = f"{what} {name!r} of phase {self.phase.name!r}"
        bounds = checked_range(tuple(found), shape, label, condition.where)
        self._subject_to(value, bounds.lower, bounds.upper, full, None)

    def _add_integrals(self, flow: Flow) -> dict[str, Any]:
        found = flow.integrals()
        for name, integral in self.phase.integrals.items():
            if integral.lower is not None or integral.upper is not None:
                full = self.named(name, "integral")
                self.rows[full] = Row("integral", name, self.phase.name)
                self._subject_to(found[name], integral.lower, integral.upper, full, None)
        return found

    def _objective(self) -> Any:
        objective = self.phase.objective
        if objective is None:
            return None
        what = f"the objective of phase {self.phase.name!r}"
        return called_for_number(
            objective.function, what, self.first, self.last, self.parameters, self.integrals
        )


def _bound(bound: Any, name: str, values: Mapping[str, Any], condition: Condition) -> Any:
    """Return the bound of one of several values, which must all exist."""
    unknown = [key for key in bound if key not in values] if isinstance(bound, Mapping) else []
    if unknown:
        raise ShapeError(
            f"a bound is given for {unknown[0]!r}, which the function does not return",
            where=describe_where(condition.where),
            instead=did_you_mean(str(unknown[0]), values),
        )
    return condition_bound(bound, name)
