"""Van der Pol oscillator, brought to rest with little effort.

    minimize    1/2 int_0^2 x^2 + y^2 + u^2 dt
    subject to  x' = y,   y' = (1 - x^2) y - x + u,   (x, y) = (1, 0) at 0

Transcribed by Hermite–Simpson collocation on equal intervals. There are no constants.

Source: F. Bonnans, P. Martinon, V. Grélard, Bocop: a collection of examples, INRIA RR-8053 (2012),
whose 1.047921 is that of a coarse mesh; the optimum of the continuous problem is 1.0478069079.
"""

from __future__ import annotations

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("damp")
    p.time(initial=0.0, final=2.0)
    p.state("x", initial=1.0, guess=(1.0, 0.0))
    p.state("y", initial=0.0)
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"x": s.y, "y": (1 - s.x**2) * s.y - s.x + u.u})
    p.integral("cost", lambda s, u, q, t: (s.x**2 + s.y**2 + u.u**2) / 2)
    p.minimize(lambda first, last, q, integral: integral.cost)
    return control.Problem("van_der_pol", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs (x, x), (x, y), (y, y) and (u, u)."""
    return hermite_simpson_counts(intervals, {"x": ("y",), "y": ("x", "y", "u")}, hessian=4)


RECORD = ProblemRecord(
    name="van_der_pol",
    title="damping of the Van der Pol oscillator, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(1.0478078447348, 20), own(1.0478069045655, 1000)),
    reference="Bonnans, Martinon, Grélard (2012), INRIA RR-8053",
    reduction=Reduction(states=("damp__x", "damp__y"), by=("damp__x__rate", "damp__y__rate")),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=1.0478069079,
    relative_tolerance=1e-9,
    source="this project, Radau collocation on 100 to 800 intervals",
    transcription="radau",
    intervals=10,
    degree=3,
    tolerance=1e-8,
)
