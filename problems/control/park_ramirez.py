"""Park–Ramirez bioreactor: most protein secreted by yeast that is fed with glucose.

    maximize    p_m(T) V(T),   T = 15 h
    subject to  p_m' = g_1 (p_t - p_m) - u p_m / V
                p_t' = g_2 x - u p_t / V
                x'   = g_3 x - u x / V
                s'   = -7.3 g_3 x + u (20 - s) / V
                V'   = u,   0 <= u <= 2
                g_1 = 4.75 g_3 / (0.12 + g_3),   g_2 = s exp(-5 s) / (0.1 + s)
                g_3 = 21.87 s / ((s + 0.4) (s + 62.5))
                (p_m, p_t, x, s, V) = (0, 0, 1, 5, 1) at 0

p_m secreted and p_t total protein (arbitrary units per l), x cells and s glucose (g/l), V volume
(l), u feed (l/h). The optimal feed is singular, where it holds s = 5 at which g_3 is largest, then
2, 0, singular, and 2. Collocation with a free control oscillates on the singular arcs; a control
that is held on each interval does not. Transcribed by multiple shooting with an implicit
Runge–Kutta method for the fast glucose, on equal intervals.

Constants: 21.87 and 4.75 per hour, 0.4, 62.5, 0.12 and 0.1, rates; 7.3 g of glucose for a g of
cells; 20 g/l in the feed.

Source: S. Park, W. F. Ramirez, AIChE J. 34 (1988) 1550-1558, doi:10.1002/aic.690340917, as stated
by E. Balsa-Canto, J. R. Banga, A. A. Alonso, V. S. Vassiliadis (2001), case study I.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, model, own
from problems.record import Counts, ProblemRecord
from sparseopt import control

HOURS = 15.0
MOST_FEED = 2.0
GLUCOSE_IN_FEED = 20.0
GLUCOSE_FOR_CELLS = 7.3
MOST_GROWTH, GROWTH_LOW, GROWTH_HIGH = 21.87, 0.4, 62.5
MOST_SECRETION, HALF_SECRETION = 4.75, 0.12
HALF_EXPRESSION, REPRESSION = 0.1, 5.0
STATES = (
    ("secreted", 0.0, 0.0),
    ("total", 0.0, 0.0),
    ("cells", 0.0, 1.0),
    ("glucose", 0.0, 5.0),
    ("volume", 0.5, 1.0),
)
# Guesses: cells grow at their largest rate while the volume allows it, then they make protein.
TIMES = (0.0, 8.3, 10.0, 10.7, 15.0)
GUESSES = {
    "secreted": (0.0, 0.0, 0.0, 0.1, 2.5),
    "total": (0.0, 0.0, 0.0, 0.3, 2.5),
    "cells": (1.0, 2.4, 2.4, 2.6, 2.5),
    "glucose": (5.0, 5.0, 3.0, 0.2, 0.2),
    "volume": (1.0, 6.0, 9.0, 9.0, 13.0),
    "feed": (0.15, 1.7, 1.0, 0.8, 0.9),
}


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("batch")
    p.time(initial=0.0, final=HOURS)
    for name, lower, initial in STATES:
        p.state(name, lower=lower, initial=initial, guess=(TIMES, GUESSES[name]))
    p.control("feed", lower=0.0, upper=MOST_FEED, guess=(TIMES, GUESSES["feed"]))
    p.dynamics(rates)
    p.maximize(lambda first, last, q, integral: last.secreted * last.volume)
    return control.Problem("park_ramirez", [p])


def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
    """Return the rates of the states."""
    growth = MOST_GROWTH * s.glucose / ((s.glucose + GROWTH_LOW) * (s.glucose + GROWTH_HIGH))
    expression = s.glucose / (HALF_EXPRESSION + s.glucose) * np.exp(-REPRESSION * s.glucose)
    secretion = MOST_SECRETION * growth / (HALF_SECRETION + growth)
    dilution = u.feed / s.volume
    return {
        "secreted": secretion * (s.total - s.secreted) - dilution * s.secreted,
        "total": expression * s.cells - dilution * s.total,
        "cells": (growth - dilution) * s.cells,
        "glucose": -GLUCOSE_FOR_CELLS * growth * s.cells + dilution * (GLUCOSE_IN_FEED - s.glucose),
        "volume": u.feed,
    }


def build(
    intervals: int = 150,
    transcription: str = "multiple_shooting_radau",
    degree: int | None = 2,
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 150) -> Counts:
    """Return the counts: states at both stages of each interval; nonzeros are not claimed."""
    return Counts(variables=5 * (2 * intervals + 1) + intervals, constraints=10 * intervals)


RECORD = ProblemRecord(
    name="park_ramirez",
    title="Park–Ramirez bioreactor, most secreted protein, implicit multiple shooting",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 40},
        "medium": {"intervals": 300},
        "large": {"intervals": 10_000},
    },
    counts=counts,
    known=(own(31.5367034622, 40), own(32.6937303592, 300)),
    reference="Park, Ramirez (1988), doi:10.1002/aic.690340917",
    solved_sizes=("small", "medium"),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=32.69,
    relative_tolerance=2e-4,
    source="published with piecewise constant feeds: 32.68 to 32.69; here 32.6952",
    doi="10.1002/aic.690340917",
    transcription="multiple_shooting_radau",
    intervals=150,
    degree=2,
    tolerance=1e-6,
    options={"mu_strategy": "adaptive"},
)
