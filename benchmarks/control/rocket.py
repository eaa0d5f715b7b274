"""The Goddard rocket of COPS with free final time, by the trapezoidal rule as COPS has it."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.control.stopwatch import (
    OPTIONS,
    Stopwatch,
    evaluate_all,
    outcome,
    peak_megabytes,
)
from problems.cops import rocket as cops
from sparseopt import control


def with_sparseopt(intervals: int) -> dict[str, Any]:
    """Solve with `sparseopt.control`."""
    watch = Stopwatch()
    prepared = problem().prepare("trapezoidal", intervals)
    evaluate_all(prepared)
    setup = watch.seconds()
    solution = prepared.solve(options=OPTIONS)
    whole = watch.seconds()
    return {"setup": setup, "whole": whole, "peak": peak_megabytes(), **outcome(solution)}


def problem() -> control.Problem:
    """Return the problem; constants and guesses are those of `problems.cops.rocket`."""
    p = control.Phase("flight")
    p.time(initial=0.0, final=(0.0, None), guess=(0.0, 1.0))
    p.state("h", lower=cops.INITIAL_HEIGHT, initial=cops.INITIAL_HEIGHT, guess=1.0)
    p.state("v", lower=0.0, initial=cops.INITIAL_VELOCITY, guess=lambda t: t * (1 - t))
    p.state(
        "m",
        lower=cops.FINAL_MASS,
        upper=cops.INITIAL_MASS,
        initial=cops.INITIAL_MASS,
        final=cops.FINAL_MASS,
        guess=(cops.INITIAL_MASS, cops.FINAL_MASS),
    )
    p.control("thrust", lower=0.0, upper=cops.MAXIMAL_THRUST, guess=cops.MAXIMAL_THRUST / 2)
    p.dynamics(_rates)
    p.maximize(lambda first, last, q, integral: last.h)
    return control.Problem("goddard", [p])


def _rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
    drag = cops.DRAG * s.v**2 * np.exp(-cops.DRAG_DECAY * (s.h - cops.INITIAL_HEIGHT))
    return {
        "h": s.v,
        "v": (u.thrust - drag) / s.m - cops.GRAVITY * (cops.INITIAL_HEIGHT / s.h) ** 2,
        "m": -u.thrust / cops.EXHAUST_VELOCITY,
    }
