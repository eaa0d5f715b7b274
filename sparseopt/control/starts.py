"""Where a solve starts: the values of the model's variables that a guess stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.declarations import checked_array
from sparseopt.control.guesses import clipped, guessed_values
from sparseopt.control.phase import Phase
from sparseopt.control.solution import ControlSolution
from sparseopt.control.transcribed_phase import TranscribedPhase
from sparseopt.errors import ProblemError

__all__ = ["start_from_declarations", "start_from_solution"]

FloatArray = NDArray[np.float64]


def start_from_declarations(
    phase: TranscribedPhase, given: Mapping[str, Any]
) -> dict[str, FloatArray]:
    """Return the start that the declared guesses, or others given instead, stand for."""
    span = phase.phase.span
    assert span is not None
    first, last = _guessed_times(phase.phase, given.get("time", span.guess))
    found: dict[str, Any] = _times(phase, first, last)
    for signal, fractions in phase.signals():
        guess = given.get(signal.name, signal.guess)
        found[phase.named(signal.name)] = guessed_values(
            signal, guess, fractions, (first, last), phase.phase.name
        )
    for name, static in phase.phase.statics.items():
        found[phase.named(name)] = np.asarray(given.get(name, static.guess))
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
                found[phase.named(signal.name)] = clipped(values, signal, fractions)
    for static in phase.phase.statics:
        if static in earlier.transcribed.phase.statics:
            found[phase.named(static)] = np.asarray(earlier.static(static))
    return found


def _guessed_times(phase: Phase, guess: Any) -> tuple[float, float]:
    what = f"the guess of the times of phase {phase.name!r}"
    first, last = (float(value) for value in checked_array(guess, (2,), what, phase.where))
    if first >= last:
        raise ProblemError(f"{what} is {guess!r}", instead="give a pair of times that ascends")
    return first, last


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
