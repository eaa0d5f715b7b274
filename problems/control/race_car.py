"""Race car: the lap of least time on a closed track.

    minimize    ∫_0^L (1 - n k(s)) / (v cos xi) ds
    subject to  n' = (1 - n k) tan xi
                xi' = (1 - n k) c / cos xi - k
                v' = (1 - n k) a / (v cos xi)
                (a / A)^2 + (c v^2 / B)^2 <= 1,   a v <= P,   |n| <= W
                n, xi and v at the end of the lap as at its beginning

s [m] is the way along the middle of the track, whose curvature is k(s) = (2 pi / L) (1 + b cos(6 pi
s / L)): three bends to the left with bends to the right between them; n [m] distance to the left of
the middle, xi [rad] heading from it, v [m/s] speed; a [m/s^2] acceleration and c [1/m] curvature of
the path, which the tires limit to an ellipse and the engine to a power. The independent variable is
s. Transcribed by Hermite–Simpson collocation on equal intervals.

Constants: L = 1000 m, the lap; b = 2; W = 5 m, half the width for the car's middle; A = B = 10
m/s^2, grip along and across; P = 150 m^2/s^3, power by mass.

With b = 0 the track is a circle and the answer known: round the inner edge at the highest speed,
2 pi sqrt((L / (2 pi) - W) / B).

Source: this project; the equations as in R. Lot, F. Biral, IFAC Proc. 47 (2014) 7559-7565,
doi:10.3182/20140824-6-ZA-1003.00868, of a point with grip.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

LAP, HALF_WIDTH = 1000.0, 5.0
GRIP_ALONG, GRIP_ACROSS, POWER = 10.0, 10.0, 150.0


def problem(bends: float = 2.0) -> control.Problem:
    """Return the problem; the track is a circle without `bends`."""

    def curvature(s: Any) -> Any:
        return 2 * np.pi / LAP * (1 + bends * np.cos(6 * np.pi / LAP * s))

    def pace(s: Any, t: Any) -> Any:  # seconds by meter of the middle
        return (1 - s.n * curvature(t)) / (s.v * np.cos(s.xi))

    def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
        stretch = (1 - s.n * curvature(t)) / np.cos(s.xi)
        return {
            "n": stretch * np.sin(s.xi),
            "xi": stretch * u.c / 100 - curvature(t),
            "v": stretch * u.a / s.v,
        }

    p = control.Phase("lap")
    p.time(initial=0.0, final=LAP)
    p.state("n", lower=-HALF_WIDTH, upper=HALF_WIDTH, guess=0.0)
    p.state("xi", lower=-1.0, upper=1.0, guess=0.0, scale=0.1)
    p.state("v", lower=1.0, upper=100.0, guess=20.0, scale=10.0)
    p.control("a", lower=-GRIP_ALONG, upper=GRIP_ALONG, guess=0.0)
    p.control("c", guess=lambda s: 100 * curvature(s))
    p.dynamics(rates)
    p.path(
        lambda s, u, q, t: {
            "grip": (u.a / GRIP_ALONG) ** 2 + (u.c / 100 * s.v**2 / GRIP_ACROSS) ** 2,
            "power": u.a * s.v / POWER,
        },
        upper=1.0,
    )
    p.boundary(
        lambda first, last, q: {name: last[name] - first[name] for name in ("n", "xi", "v")},
        lower=0.0,
        upper=0.0,
    )
    p.integral("time", lambda s, u, q, t: pace(s, t))
    p.minimize(lambda first, last, q, integral: integral.time)
    return control.Problem("race_car", [p])


def build(
    intervals: int = 100, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 100) -> Counts:
    """Return the counts; the lap is closed by three conditions on two values each."""
    rates = {"n": ("n", "xi"), "xi": ("n", "xi", "c"), "v": ("n", "xi", "v", "a")}
    found = hermite_simpson_counts(intervals, rates, controls=2, path=(3, 2))
    return replace(found, constraints=found.constraints + 3, jacobian=(found.jacobian or 0) + 6)


RECORD = ProblemRecord(
    name="race_car",
    title="race car, lap of least time, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 60},
        "medium": {"intervals": 1000},
        "large": {"intervals": 10000},
    },
    counts=counts,
    known=(own(30.52156302178, 60),),
    reference="this project; Lot and Biral (2014), doi:10.3182/20140824-6-ZA-1003.00868",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=("lap__n[1:]", "lap__xi[1:]", "lap__v[1:]"),
        by=("lap__n__rate", "lap__xi__rate", "lap__v__rate"),
        state_bounds="impose",
        size={"intervals": 10},
        same="derivatives",
        reason="ten intervals are too few for a lap",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=30.52213,
    relative_tolerance=1e-6,
    source="this project, Hermite–Simpson and Radau collocation on several meshes",
    intervals=300,
    tolerance=1e-6,
    confirm=True,
)
