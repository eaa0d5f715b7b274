"""`PhaseSolution`: the trajectories of one phase as functions of time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.control.costates import costates_of, integral_prices
from sparseopt.control.error_estimate import MeshErrors, mesh_errors
from sparseopt.control.flow import Flow, Points
from sparseopt.control.named_values import NamedValues
from sparseopt.control.piecewise import PiecewisePolynomial
from sparseopt.control.transcribed_phase import TranscribedPhase
from sparseopt.control.transcriptions.discretization import Curves
from sparseopt.errors import ProblemError, UnknownNameError, did_you_mean
from sparseopt.modeling.solution import Solution

__all__ = ["PhaseSolution", "Trajectory"]

FloatArray = NDArray[np.float64]


class Trajectory:
    """A function of time: a state, a control or a costate between the phase's ends.

    Attributes
    ----------
    name : str
    times : ndarray, shape (points,)
        The points of the mesh.
    values : ndarray, shape (points, *shape)
        There.
    """

    def __init__(
        self, name: str, curve: PiecewisePolynomial, ends: tuple[float, float], at: FloatArray
    ) -> None:
        self.name, self._curve, self._ends = name, curve, ends
        self.times = ends[0] + (ends[1] - ends[0]) * at
        self._at = at

    @cached_property
    def values(self) -> FloatArray:
        """Values at `times`."""
        return self._curve(self._at)

    def __call__(self, t: ArrayLike) -> Any:
        """Return values at times, in the shape of the times followed by that of one value."""
        moments = np.asarray(t, dtype=np.float64)
        values = self._curve(_fractions_of(moments, self._ends, repr(self.name)))
        return values.reshape(moments.shape + values.shape[1:])[()]

    def __repr__(self) -> str:
        return f"Trajectory({self.name!r}, {self._ends[0]:.6g} <= t <= {self._ends[1]:.6g})"


def _fractions_of(moments: FloatArray, ends: tuple[float, float], what: str) -> FloatArray:
    """Return the fractions of the duration of times, which must be within the phase."""
    first, last = ends
    slack = 1e-9 * (last - first) + 1e-12 * max(abs(first), abs(last))
    if moments.size and not (moments.min() >= first - slack and moments.max() <= last + slack):
        raise ProblemError(
            f"{what} is asked for at a time outside [{first:.9g}, {last:.9g}]",
            instead="ask between the phase's initial_time and final_time",
        )
    return np.clip((moments.ravel() - first) / (last - first), 0.0, 1.0)


class PhaseSolution:
    """One phase of a solution.

    Attributes
    ----------
    name : str
    initial_time, final_time : float
    mesh : Mesh
    """

    def __init__(self, transcribed: TranscribedPhase, nlp: Solution) -> None:
        self.transcribed, self.nlp = transcribed, nlp
        self.phase, self.mesh = transcribed.phase, transcribed.mesh
        self.name = self.phase.name
        span = self.phase.span
        assert span is not None
        self.initial_time = self._number("initial_time", span.initial.lower)
        self.final_time = self._number("final_time", span.final.lower)

    # ---- trajectories
    @property
    def time(self) -> FloatArray:
        """The times of the points of the mesh."""
        return self.initial_time + (self.final_time - self.initial_time) * self.fractions

    def state(self, name: str) -> Trajectory:
        """Return a state as a function of time: the transcription's own polynomial."""
        return self._trajectory(name, self.curves.states, "state")

    def control(self, name: str) -> Trajectory:
        """Return a control as a function of time."""
        return self._trajectory(name, self.curves.controls, "control")

    def costate(self, name: str) -> Trajectory:
        """Return the costate of a state: the sensitivity of the optimal objective to it.

        It is the derivative of the optimal objective, as the user wrote it, by a change of the
        state at that time: p = ∂J*/∂x(t), so that p' = -∂H/∂x with H = g + p·f.
        """
        return self._trajectory(name, self._costate_curves, "costate")

    def static(self, name: str) -> Any:
        """Return the value found for a static parameter."""
        if name not in self.phase.statics:
            raise self._unknown(name, "static parameter", self.phase.statics)
        return self.parameters[name]

    def parameter(self, name: str) -> Any:
        """Return the value of a given parameter in this solve."""
        if name not in self.phase.given:
            raise self._unknown(name, "given parameter", self.phase.given)
        return self.parameters[name]

    def integral(self, name: str) -> float:
        """Return an integral, by the transcription's quadrature."""
        if name not in self.phase.integrals:
            raise self._unknown(name, "integral", self.phase.integrals)
        return float(self._integrals[name])

    def path(self, name: str) -> Any:
        """Return the values of a path constraint at `time`."""
        points = self.points_at(self.fractions)
        for values in self.flow.path_values(points):
            if name in values:
                return values[name]
        raise self._unknown(name, "path constraint", self.path_names())

    def hamiltonian(self, t: ArrayLike | None = None) -> Any:
        """Return the Hamiltonian g + p·f at times; by default at `time`.

        g is what the integrals integrate, each times the derivative of the objective by it.  It is
        constant where nothing depends on time, and zero there for a free final time that costs
        nothing itself.
        """
        moments = self.time if t is None else np.asarray(t, dtype=np.float64)
        ends = (self.initial_time, self.final_time)
        points = self.points_at(_fractions_of(moments, ends, "the Hamiltonian"))
        rates = self.flow.rates(points.states, points.controls, points.fractions)
        total = np.zeros(moments.size)
        for name, values in self.flow.integrands(points).items():
            total += self.prices[name] * values
        for name, rate in rates.items():
            product = self._costate_curves[name](points.fractions) * rate
            total += product.reshape(moments.size, -1).sum(axis=1)
        return total.reshape(np.shape(moments))[()]

    # ---- quality
    @cached_property
    def errors(self) -> MeshErrors:
        """The estimated relative errors that the mesh makes; see `error_estimate`."""
        return mesh_errors(self.flow, self.curves, self.mesh, self._integrals)

    @property
    def error(self) -> float:
        """The largest of `errors`: of an interval, of what all carry on, of the integrals."""
        return self.errors.overall

    # ---- for the parts of this package
    @cached_property
    def parameters(self) -> NamedValues:
        """Given and static parameters as numbers."""
        names = (*self.phase.given, *self.phase.statics)
        return NamedValues("parameter", {k: self.nlp[self.transcribed.named(k)] for k in names})

    @cached_property
    def flow(self) -> Flow:
        """The phase's functions at the found times and parameters."""
        return Flow(self.phase, self.parameters, self.initial_time, self.final_time)

    @cached_property
    def states(self) -> dict[str, FloatArray]:
        """The values of the state variables."""
        return {name: self.nlp[self.transcribed.named(name)] for name in self.phase.states}

    @cached_property
    def controls(self) -> dict[str, FloatArray]:
        """The values of the control variables."""
        return {name: self.nlp[self.transcribed.named(name)] for name in self.phase.controls}

    @cached_property
    def curves(self) -> Curves:
        """States and controls as functions of the fraction of the duration."""
        return self.transcribed.discretization.curves(self.states, self.controls, self.flow)

    @cached_property
    def breaks(self) -> FloatArray:
        """The fractions where trajectories change from one polynomial to the next."""
        return next(iter(self.curves.states.values())).breaks

    @cached_property
    def fractions(self) -> FloatArray:
        """The fractions of the points of the mesh."""
        method = self.transcribed.discretization
        return np.unique(np.concatenate([method.state_fractions, method.control_fractions]))

    def points_at(self, fractions: FloatArray) -> Points:
        """Return states and controls at fractions."""
        states = {name: curve(fractions) for name, curve in self.curves.states.items()}
        controls = {name: curve(fractions) for name, curve in self.curves.controls.items()}
        return Points(states, controls, fractions, np.zeros(fractions.size))

    @cached_property
    def prices(self) -> dict[str, float]:
        """The derivative of the objective, as the user wrote it, by each integral."""
        ends, parameters = self.ends, self.parameters
        return integral_prices(self.transcribed, self.nlp, ends, parameters, self._integrals)

    @cached_property
    def ends(self) -> tuple[NamedValues, NamedValues]:
        """The values at both ends."""
        first, last = (self.points_at(np.array([end])) for end in (0.0, 1.0))
        return (
            NamedValues("value at the beginning", self._end(first, self.initial_time)),
            NamedValues("value at the end", self._end(last, self.final_time)),
        )

    @cached_property
    def _integrals(self) -> dict[str, Any]:
        flow = Flow(self.phase, self.parameters, self.initial_time, self.final_time)
        self.transcribed.discretization.transcribe(self.states, self.controls, flow)
        return flow.integrals()

    @cached_property
    def _costate_curves(self) -> dict[str, PiecewisePolynomial]:
        return costates_of(
            self.transcribed, self.nlp, self.states, self.controls, self.flow, self.prices
        )

    def _end(self, points: Points, time: float) -> dict[str, Any]:
        both: Mapping[str, Any] = {**points.states, **points.controls}
        return {**{name: value[0] for name, value in both.items()}, "time": time}

    def _number(self, name: str, fixed: Any) -> float:
        full = self.transcribed.named(name)
        return float(self.nlp[full] if full in self.nlp.problem.variables else fixed)

    def _trajectory(
        self, name: str, curves: Mapping[str, PiecewisePolynomial], kind: str
    ) -> Trajectory:
        if name not in curves:
            raise self._unknown(name, kind, curves)
        ends = (self.initial_time, self.final_time)
        return Trajectory(name, curves[name], ends, self.fractions)

    def path_names(self) -> list[str]:
        """Return the names of the path constraints."""
        return [row.name for row in self.transcribed.rows.values() if row.kind == "path"]

    def _unknown(self, name: str, kind: str, known: Any) -> UnknownNameError:
        return UnknownNameError(
            f"phase {self.name!r} has no {kind} {name!r}", instead=did_you_mean(name, known)
        )

    def __repr__(self) -> str:
        return (
            f"PhaseSolution({self.name!r}, {self.initial_time:.6g} <= t <= {self.final_time:.6g}, "
            f"{self.mesh.num_intervals} intervals)"
        )
