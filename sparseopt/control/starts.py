"""Where a solve starts: the values of the model's variables that a guess stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.declarations import bounds_at, checked_static_guess
from sparseopt.control.guesses import clipped, guessed_values
from sparseopt.control.solution import ControlSolution
from sparseopt.control.time_spans import guessed_times
from sparseopt.control.transcribed_phase import TranscribedPhase
from sparseopt.errors import ShapeError
from sparseopt.tracing.source_lines import describe_where

__all__ = ["start_from_declarations", "start_from_solution"]

FloatArray = NDArray[np.float64]


def start_from_declarations(
    phase: TranscribedPhase, given: Mapping[str, Any]
) -> dict[str, FloatArray]:
    """Return the start that the declared guesses, or others given instead, stand for."""
    span = phase.phase.span
    assert span is not None
    first, last = span.guess
    if "time" in given:
        first, last = guessed_times(
            phase.phase.name, span.initial, span.final, span.duration, given["time"], span.where
        )
    found: dict[str, Any] = _times(phase, first, last)
    for signal, fractions in phase.signals():
        guess = given.get(signal.name, signal.guess)
        found[phase.named(signal.name)] = guessed_values(
            signal,
            guess,
            fractions,
            (first, last),
            phase.phase.name,
            bounds_at(signal, fractions),
        )
    for name, static in phase.phase.statics.items():
        found[phase.named(name)] = static.guess
        if name in given:
            found[phase.named(name)] = checked_static_guess(static, given[name])
    return found


def start_from_solution(
    phase: TranscribedPhase, solution: ControlSolution
) -> dict[str, FloatArray]:
    """Return the start that another solution's trajectories stand for."""
    name = phase.phase.name
    if name not in solution.phases:
        return start_from_declarations(phase, {})
    earlier = solution[name]
    found: dict[str, Any] = _times(phase, earlier.initial_time, earlier.final_time)
    curves = earlier.curves
    for kind, known in (
        (phase.phase.states, curves.states),
        (phase.phase.controls, curves.controls),
    ):
        for signal, fractions in phase.signals():
            if signal.name in kind and signal.name in known:
                values = known[signal.name](fractions)
                if values.shape[1:] != signal.shape:
                    raise ShapeError(
                        f"the solution given as a guess has {signal.name!r} of phase {name!r} with "
                        f"shape {values.shape[1:]}, and here it has {signal.shape}",
                        where=describe_where(signal.where),
                        instead="guess its values by name: guess={phase: {name: values}}",
                    )
                found[phase.named(signal.name)] = clipped(values, signal, fractions)
    for static in phase.phase.statics:
        if static in earlier.transcribed.phase.statics:
            value = np.asarray(earlier.static(static))
            bounds = phase.phase.statics[static].bounds
            found[phase.named(static)] = np.clip(value, bounds.lower, bounds.upper)
    return found


def _times(phase: TranscribedPhase, first: float, last: float) -> dict[str, FloatArray]:
    span = phase.phase.span
    assert span is not None
    found = {}
    for name, value, bounds in (
        ("initial_time", first, span.initial),
        ("final_time", last, span.final),
    ):
        if not bounds.is_fixed:
            found[phase.named(name)] = np.clip(value, bounds.lower, bounds.upper)
    return found
