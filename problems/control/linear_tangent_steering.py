"""Linear tangent steering: least time to bring a rocket of constant thrust to a height and a speed.

    minimize    t_f
    subject to  x'' = a cos u,   y'' = a sin u,   |u| <= pi/2
                (x, x', y, y') = 0 at 0,   (x', y, y') = (45, 5, 0) at t_f

Transcribed by Hermite–Simpson collocation on equal intervals. The tangent of the optimal angle u is
linear in t, hence the name; the two equations this leaves give t_f = 0.5545708783346. The problem
`steering` of the collection cops is the same one by the trapezoidal rule.

Constants (dimensionless): a = 100, acceleration.

Source: J. T. Betts, Practical Methods for Optimal Control and Estimation Using Nonlinear
Programming, SIAM (2010), section 4.13, doi:10.1137/1.9780898718577; A. E. Bryson, Y.-C. Ho, Applied
Optimal Control (1975), section 2.4, doi:10.1201/9781315137667.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

ACCELERATION = 100.0


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("ascent")
    p.time(initial=0.0, final=(0.1, 5.0), guess=(0.0, 0.6))
    p.state("x", initial=0.0, guess=(0.0, 12.0))
    p.state("vx", initial=0.0, final=45.0)
    p.state("y", initial=0.0, final=5.0)
    p.state("vy", initial=0.0, final=0.0)
    p.control("angle", lower=-np.pi / 2, upper=np.pi / 2, guess=(1.0, -1.0))
    p.dynamics(
        lambda s, u, q, t: {
            "x": s.vx,
            "vx": ACCELERATION * np.cos(u.angle),
            "y": s.vy,
            "vy": ACCELERATION * np.sin(u.angle),
        }
    )
    p.minimize(lambda first, last, q, integral: last.time)
    return control.Problem("linear_tangent_steering", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs (u, u), and those of vx, vy and u with the final time."""
    rates = {"x": ("vx",), "vx": ("u",), "y": ("vy",), "vy": ("u",)}
    return hermite_simpson_counts(intervals, rates, free_times=1, hessian=4)


RECORD = ProblemRecord(
    name="linear_tangent_steering",
    title="linear tangent steering, least time, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 10_000},
    },
    counts=counts,
    known=(own(0.5545708868786, 20),),
    reference="Betts (2010), doi:10.1137/1.9780898718577",
    reduction=Reduction(
        states=("ascent__x[1:]", "ascent__vx[1:]", "ascent__y[1:]", "ascent__vy[1:]"),
        by=("ascent__x__rate", "ascent__vx__rate", "ascent__y__rate", "ascent__vy__rate"),
        state_bounds="impose",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.5545708783346031,
    relative_tolerance=1e-8,
    source="semi-analytic: two equations for the linear tangent, solved to 12 digits",
    tolerance=1e-7,
)
