"""Simulation: the dynamics integrated by SciPy with a control that was found, or guessed.

An integrator with error control knows nothing of the transcription, so that its trajectory is an
independent check.  It restarts at the ends of mesh intervals, where the control has its corners.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from sparseopt.control.flow import Flow
from sparseopt.control.guesses import sampled_guess
from sparseopt.control.linearization import flat_states, split_states
from sparseopt.control.named_values import NamedValues
from sparseopt.control.phase_solution import PhaseSolution
from sparseopt.control.transcribed_phase import TranscribedPhase
from sparseopt.errors import ProblemError, SolverError, UnknownNameError, did_you_mean

__all__ = ["PhaseSimulation", "Simulation", "simulated", "simulated_states"]

FloatArray = NDArray[np.float64]
Restart = Literal["phase", "interval"]

_RESTARTS = ("phase", "interval")
_METHODS = ("RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA")


@dataclass(frozen=True)
class PhaseSimulation:
    """A simulated phase.

    Attributes
    ----------
    time : ndarray, shape (points,)
    states : dict of ndarray, shape (points, *shape)
    deviations : dict of float
        The largest difference from the solution, relative to 1 + the state's largest size.
    """

    time: FloatArray
    states: dict[str, FloatArray]
    deviations: dict[str, float]


@dataclass(frozen=True)
class Simulation:
    """Simulated phases, and how far they are from the solution.

    Attributes
    ----------
    phases : dict of PhaseSimulation
    """

    phases: dict[str, PhaseSimulation]

    @property
    def deviation(self) -> float:
        """The largest relative difference of any state at any time."""
        return max(d for phase in self.phases.values() for d in phase.deviations.values())

    def __getitem__(self, name: str) -> PhaseSimulation:
        if name not in self.phases:
            raise UnknownNameError(
                f"the simulation has no phase {name!r}", instead=did_you_mean(name, self.phases)
            )
        return self.phases[name]

    def __str__(self) -> str:
        lines = [f"simulated states deviate by at most {self.deviation:.2e}"]
        for name, phase in self.phases.items():
            lines += [f"  {name}.{state:<12} {d:.2e}" for state, d in phase.deviations.items()]
        return "\n".join(lines)


def simulated(
    phase: PhaseSolution,
    restart: Restart,
    method: str,
    tolerance: float,
) -> PhaseSimulation:
    """Integrate the dynamics of a solved phase from its initial state."""
    _require_choices(restart, method, tolerance)
    breaks = phase.breaks
    curves = phase.curves
    shapes = {name: state.shape for name, state in phase.flow.phase.states.items()}

    def controls(fractions: FloatArray, piece: int) -> dict[str, Any]:
        pieces = np.full(fractions.size, piece)
        return {name: u.on_pieces(pieces, fractions) for name, u in curves.controls.items()}

    def found(fractions: FloatArray) -> FloatArray:
        states = {name: x(fractions) for name, x in curves.states.items()}
        return np.asarray(flat_states(states, shapes))

    fractions, values = [np.zeros(1)], [found(np.zeros(1))]
    for piece in range(breaks.size - 1):
        ends = breaks[piece : piece + 2]
        start = values[-1][-1] if restart == "phase" else found(ends[:1])[0]
        inner = np.linspace(ends[0], ends[1], 4)[1:]
        part = _integrated(phase.flow, controls, piece, ends, start, inner, method, tolerance)
        fractions.append(inner)
        values.append(part)
    at, flat = np.concatenate(fractions), np.concatenate(values)
    return _compared(phase, at, flat, found(at), shapes)


def _compared(
    phase: PhaseSolution, at: FloatArray, flat: FloatArray, found: FloatArray, shapes: Any
) -> PhaseSimulation:
    states, expected = split_states(flat, shapes), split_states(found, shapes)
    deviations = {
        name: float(np.max(np.abs(states[name] - x)) / (1.0 + np.max(np.abs(x))))
        for name, x in expected.items()
    }
    return PhaseSimulation(np.asarray(phase.flow.times(at)), states, deviations)


def _require_choices(restart: Any, method: Any, tolerance: Any) -> None:
    for value, what, known in ((restart, "restart", _RESTARTS), (method, "method", _METHODS)):
        if value not in known:
            raise ProblemError(
                f"{what} of a simulation is {value!r}", instead=did_you_mean(str(value), known)
            )
    if not isinstance(tolerance, (int, float)) or not 0.0 < tolerance < 1.0:
        raise ProblemError(
            f"the tolerance of a simulation is {tolerance!r}", instead="simulate(tolerance=1e-10)"
        )


def _integrated(
    flow: Flow,
    controls: Callable[[FloatArray, int], dict[str, Any]],
    piece: int,
    ends: FloatArray,
    start: FloatArray,
    at: FloatArray,
    method: str,
    tolerance: float,
) -> FloatArray:
    """Return the states at fractions within a piece, integrated from its beginning."""
    shapes = {name: state.shape for name, state in flow.phase.states.items()}

    def slope(fraction: float, y: FloatArray) -> FloatArray:
        fractions = np.array([fraction])
        states = split_states(y[None], shapes)
        rates = flow.rates(states, controls(fractions, piece), fractions)
        return np.asarray(float(flow.duration) * flat_states(rates, shapes)[0])

    with np.errstate(all="ignore"):  # what is infinite ends the integration
        run: Any = solve_ivp(  # type: ignore[call-overload]
            slope,
            (float(ends[0]), float(ends[1])),
            start,
            method=method,
            t_eval=at,
            rtol=tolerance,
            atol=tolerance,
        )
    if not run.success:
        moment = float(np.asarray(flow.times(np.array([run.t[-1] if run.t.size else ends[0]])))[0])
        raise SolverError(
            f"the simulation of phase {flow.phase.name!r} stopped at t = {moment:.6g}",
            why=str(run.message),
            instead='simulate(method="Radau") for stiff dynamics, or restart="interval"',
        )
    return np.asarray(run.y.T)


def simulated_states(
    transcribed: TranscribedPhase, values: Mapping[str, Any]
) -> dict[str, FloatArray]:
    """Return the states at their variables' places under the guessed controls.

    Parameters
    ----------
    transcribed : TranscribedPhase
    values : mapping
        Guessed values of the model's variables.
    """
    phase, at = transcribed.phase, transcribed.discretization.state_fractions
    span = phase.span
    assert span is not None
    times = (
        float(values.get(transcribed.named("initial_time"), span.initial.lower)),
        float(values.get(transcribed.named("final_time"), span.final.lower)),
    )
    constants: dict[str, Any] = {g.name: g.value[()] for g in phase.given.values()}
    constants |= {s: np.asarray(values[transcribed.named(s)])[()] for s in phase.statics}
    flow = Flow(phase, NamedValues("parameter", constants), *times)
    points = transcribed.discretization.control_fractions

    def controls(fractions: FloatArray, piece: int) -> dict[str, Any]:
        del piece
        moments = np.asarray(flow.times(fractions))
        found = {}
        for name, signal in phase.controls.items():
            known = (np.asarray(flow.times(points)), values[transcribed.named(name)])
            what = f"the guess of {name!r}"
            found[name] = sampled_guess(known, moments, times, signal.shape, what, signal.where)
        return found

    shapes = {name: state.shape for name, state in phase.states.items()}
    start = {name: values[transcribed.named(name)][:1] for name in phase.states}
    ends = np.array([0.0, 1.0])
    first = np.asarray(flat_states(start, shapes))[0]
    flat = (
        np.concatenate(
            [first[None], _integrated(flow, controls, 0, ends, first, at[1:], "BDF", 1e-6)]
        )
        if at.size > 1
        else first[None]
    )
    return split_states(flat, shapes)
