"""Hypersensitive problem: boundary layers at both ends of a long duration.

    minimize    int_0^T y^2 + u^2 dt
    subject to  y' = -y^3 + u,   y = 1 at 0 and 3/2 at T

Transcribed by Hermite–Simpson collocation on equal intervals. The long middle is at rest, so that
the optimum is the sum of what leaving and arriving cost alone, up to exp(-T): from the Hamiltonian
y^2 + u^2 + p (u - y^3) = 0, with S(y) = (y^2 sqrt(1 + y^4) + asinh y^2) / 2, these are -y^4/2 +
S(y) at 1 and y^4/2 + S(y) at 3/2, in all 6.724113809886.

Constants (dimensionless): T = 10 000.

Source: J. T. Betts, Practical Methods for Optimal Control and Estimation Using Nonlinear
Programming, SIAM (2010), example 10.7, doi:10.1137/1.9780898718577, prints 6.7241; A. V. Rao, K. D.
Mease, Eigenvector approximate dichotomic basis method for solving hyper-sensitive optimal control
problems, Optimal Control Applications and Methods 20 (1999).
"""

from __future__ import annotations

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

DURATION = 10_000.0


def problem(duration: float = DURATION) -> control.Problem:
    """Return the problem of a duration T."""
    p = control.Phase("rest")
    p.time(initial=0.0, final=duration)
    p.state("y", initial=1.0, final=1.5)
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"y": -(s.y**3) + u.u})
    p.integral("cost", lambda s, u, q, t: s.y**2 + u.u**2)
    p.minimize(lambda first, last, q, integral: integral.cost)
    return control.Problem("hypersensitive", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs (y, y) and (u, u)."""
    return hermite_simpson_counts(intervals, {"y": ("y", "u")}, hessian=2)


RECORD = ProblemRecord(
    name="hypersensitive",
    title="hypersensitive problem with boundary layers, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(1281.3091045762844, 20), own(25.939944002831, 1000)),
    reference="Betts (2010), doi:10.1137/1.9780898718577",
    reduction=Reduction(
        states=("rest__y[1:]",),
        by=("rest__y__rate",),
        state_bounds="impose",
        same="derivatives",
        reason="the equation is unstable: the same optimum, after 600 iterations of shooting",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=6.724113809886,
    relative_tolerance=1e-7,
    source="analytic, up to exp(-T); Betts (2010) prints 6.7241",
    transcription="radau",
    intervals=50,
)
