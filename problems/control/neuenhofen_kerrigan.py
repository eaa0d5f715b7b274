"""Neuenhofen–Kerrigan problem: a quadratic rate, a control whose price oscillates.

    minimize    int_0^{pi/2} y^2 + u cos t dt
    subject to  y' = y^2 / 2 + u,   |y| <= 10,   -3/2 <= u <= 1,   y = 0 at 0

Transcribed by Hermite–Simpson collocation on equal intervals. The solution is y = -sin t / (2 - cos
t), u = 1/2 - (3/2) / (2 - cos t)^2, and the optimum -0.256996962561. All constants are in the
formulas.

Source: M. P. Neuenhofen, E. C. Kerrigan, Dynamic optimization with convergence guarantees,
arXiv:1810.04059 (2018), doi:10.48550/arXiv.1810.04059; example x1 of PSOPT.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("steer")
    p.time(initial=0.0, final=np.pi / 2)
    p.state("y", lower=-10.0, upper=10.0, initial=0.0)
    p.control("u", lower=-1.5, upper=1.0)
    p.dynamics(lambda s, u, q, t: {"y": s.y**2 / 2 + u.u})
    p.integral("cost", lambda s, u, q, t: s.y**2 + u.u * np.cos(t))
    p.minimize(lambda first, last, q, integral: integral.cost)
    return control.Problem("neuenhofen_kerrigan", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: the state is squared."""
    return hermite_simpson_counts(intervals, {"y": ("y", "u")}, hessian=1)


RECORD = ProblemRecord(
    name="neuenhofen_kerrigan",
    title="Neuenhofen–Kerrigan problem with explicit time, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(-0.2573277315836, 20), own(-0.2569969709041, 1000)),
    reference="Neuenhofen and Kerrigan (2018), doi:10.48550/arXiv.1810.04059",
    reduction=Reduction(
        states=("steer__y",),
        by=("steer__y__rate",),
        size={"intervals": 10},
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=-0.256996962561,
    relative_tolerance=1e-9,
    source="analytic: the integral of the solution, to 12 digits",
    transcription="radau",
    intervals=20,
    degree=4,
    tolerance=1e-8,
)
