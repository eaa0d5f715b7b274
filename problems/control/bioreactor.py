"""Bioreactor: algae grow by day and feed bacteria that make methane, of which a day gives the most.

    maximize    ∫_0^T mu_2(s) b / (beta + c) dt
    subject to  y' = mu(t) y / (1 + y) - (r + u) y
                s' = -mu_2(s) b + u beta (gamma y - s)
                b' = (mu_2(s) - u beta) b,   mu_2(s) = m s / (K + s)
                mu(t) = max(0, sin(2 pi t / T))^2,   0 <= u <= 1,   b >= 0.001
                y, s, b at T as at 0,   y(0) >= 1,   b(0) >= 1

y algae, s substrate and b bacteria; u the flow of one tank into the other; a day takes T = 10, half
of it light. Without units. The flow is zero, singular, and zero again. Transcribed by Radau
collocation with three points on equal intervals: Hermite–Simpson's controls oscillate where the
optimum is singular.

Constants: beta = gamma = 1, c = 2, volumes and yield; K = 0.05, m = 0.1, growth; r = 0.005, loss.

Source: T. Bayen, F. Mairet, P. Martinon, M. Sebbah, Optim. Control Appl. Methods 36 (2015) 750-770,
doi:10.1002/oca.2127; constants and the optimum of one day, 0.614134, as in Bocop and in the
examples of CTDirect (bioreactor_1day_periodic).
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, model
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction
from sparseopt import control

DAY, LOSS = 10.0, 0.005
GROWTH, HALF_SATURATION = 0.1, 0.05
VOLUME, YIELD, OTHER_VOLUME = 1.0, 1.0, 2.0


def problem() -> control.Problem:
    """Return the problem."""
    names = ("algae", "substrate", "bacteria")
    p = control.Phase("day")
    p.time(initial=0.0, final=DAY)
    p.state("algae", lower=0.0, initial=(1.0, None), guess=1.0)
    p.state("substrate", lower=0.0, guess=1.0)
    p.state("bacteria", lower=0.001, initial=(1.0, None), guess=1.0)
    p.control("flow", lower=0.0, upper=1.0, guess=0.5)
    p.dynamics(rates)
    p.boundary(
        lambda first, last, q: {name: last[name] - first[name] for name in names},
        lower=0.0,
        upper=0.0,
    )
    p.integral("methane", lambda s, u, q, t: growth(s) * s.bacteria / (VOLUME + OTHER_VOLUME))
    p.maximize(lambda first, last, q, integral: integral.methane)
    return control.Problem("bioreactor", [p])


def growth(s: Any) -> Any:
    """Return the growth of the bacteria on their substrate, by Monod."""
    return GROWTH * s.substrate / (s.substrate + HALF_SATURATION)


def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
    """Return the rates of the states."""
    light = np.maximum(0.0, np.sin(2 * np.pi * t / DAY)) ** 2
    return {
        "algae": light * s.algae / (1 + s.algae) - (LOSS + u.flow) * s.algae,
        "substrate": -growth(s) * s.bacteria + u.flow * VOLUME * (YIELD * s.algae - s.substrate),
        "bacteria": (growth(s) - u.flow * VOLUME) * s.bacteria,
    }


def build(intervals: int = 20, transcription: str = "radau", degree: int | None = 3) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 20) -> Counts:
    """Return the counts with three points on each interval; nonzeros are not claimed."""
    points = 3 * intervals
    return Counts(variables=3 * (points + 1) + points, constraints=3 * points + 3)


RECORD = ProblemRecord(
    name="bioreactor",
    title="bioreactor of algae and bacteria, most methane of a day, Radau",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 400},
        "large": {"intervals": 8000},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"intervals": 20},
            value=0.614134,
            relative_tolerance=1.5e-6,
            source="printed by Bocop and by the examples of CTDirect.jl",
        ),
    ),
    reference="Bayen, Mairet, Martinon, Sebbah (2015), doi:10.1002/oca.2127",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=("day__algae[1:]", "day__substrate[1:]", "day__bacteria[1:]"),
        by=("day__algae__rate", "day__substrate__rate", "day__bacteria__rate"),
        state_bounds="impose",
        size={"intervals": 8},
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.614134,
    relative_tolerance=1.5e-6,
    source="Bocop, CTDirect: 0.614134; here 0.6141346 by Radau collocation and by shooting",
    transcription="radau",
    intervals=20,
    degree=3,
    tolerance=1e-6,
)
