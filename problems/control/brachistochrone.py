"""Brachistochrone: the wire on which a bead slides from one point to another in least time.

    minimize    t_f
    subject to  x' = v sin theta,   y' = v cos theta,   v' = g cos theta
                (x, y, v) = (0, 0, 0) at 0,   (x, y) = (X, Y) at t_f

x [m] to the right, y [m] downward, v [m/s] the speed, theta [rad] the wire's angle from the
downward vertical. Transcribed by Hermite–Simpson collocation on equal intervals.

Constants: g = 9.8 m/s^2, gravity; X = Y = 2 m, the end. The optimum is a cycloid: with r (phi - sin
phi) = X and r (1 - cos phi) = Y it takes t_f = phi sqrt(r / g) = 0.8247591431566 s.

Source: A. E. Bryson, Y.-C. Ho, Applied Optimal Control, Hemisphere (1975), section 2.7,
doi:10.1201/9781315137667; data of the example brac1 of PSOPT.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

GRAVITY = 9.8


def problem(x: float = 2.0, y: float = 2.0) -> control.Problem:
    """Return the problem with the end at (`x`, `y`)."""
    p = control.Phase("slide")
    p.time(initial=0.0, final=(0.1, 10.0), guess=(0.0, 1.0))
    p.state("x", initial=0.0, final=x)
    p.state("y", initial=0.0, final=y)
    p.state("v", lower=0.0, initial=0.0, guess=(0.0, 6.0))
    p.control("theta", lower=0.0, upper=np.pi, guess=0.8)
    p.parameter("g", GRAVITY)
    p.dynamics(
        lambda s, u, q, t: {
            "x": s.v * np.sin(u.theta),
            "y": s.v * np.cos(u.theta),
            "v": q.g * np.cos(u.theta),
        }
    )
    p.minimize(lambda first, last, q, integral: last.time)
    return control.Problem("brachistochrone", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs (v, theta), (theta, theta), and both with the final time."""
    rates = {"x": ("v", "theta"), "y": ("v", "theta"), "v": ("theta",)}
    return hermite_simpson_counts(intervals, rates, free_times=1, hessian=4)


RECORD = ProblemRecord(
    name="brachistochrone",
    title="brachistochrone, least time, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 500},
        "large": {"intervals": 12_500},
    },
    counts=counts,
    known=(own(0.824759149621, 20), own(0.824759143203, 500)),
    reference="Bryson and Ho (1975), doi:10.1201/9781315137667",
    reduction=Reduction(
        states=("slide__x[1:]", "slide__y[1:]", "slide__v[1:]"),
        by=("slide__x__rate", "slide__y__rate", "slide__v__rate"),
        state_bounds="impose",
        same="objective",
        reason="a first angle that moves the bead hardly matters",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.8247591431566,
    relative_tolerance=1e-8,
    source="analytic, a cycloid",
    tolerance=1e-7,
)
