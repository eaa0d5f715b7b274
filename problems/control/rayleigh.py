"""Rayleigh problem: an electric oscillator with a bound that joins state and control.

    minimize    int_0^4.5 u^2 + x^2 dt
    subject to  x' = y,   y' = -x + y (1.4 - 0.14 y^2) + 4 u,   u + x/6 <= 0
                (x, y) = (-5, -5) at 0

Transcribed by Hermite–Simpson collocation on equal intervals. All constants are in the formulas.

Source: H. Maurer, D. Augustin, Sensitivity analysis and real-time control of parametric optimal
control problems using boundary value methods, in: Online Optimization of Large Scale Systems
(2001), doi:10.1007/978-3-662-04331-8_2; J. T. Betts (2010), doi:10.1137/1.9780898718577. PSOPT
prints 44.77625 with an error of 2e-3 in its example rayleigh; the optimum is 44.80444479.
"""

from __future__ import annotations

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("oscillate")
    p.time(initial=0.0, final=4.5)
    p.state("x", initial=-5.0, guess=(-5.0, 0.0))
    p.state("y", initial=-5.0, guess=(-5.0, 0.0))
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"x": s.y, "y": -s.x + s.y * (1.4 - 0.14 * s.y**2) + 4 * u.u})
    p.path(lambda s, u, q, t: {"joint": u.u + s.x / 6}, upper=0.0)
    p.integral("cost", lambda s, u, q, t: u.u**2 + s.x**2)
    p.minimize(lambda first, last, q, integral: integral.cost)
    return control.Problem("rayleigh", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs (x, x), (y, y) and (u, u); a path constraint of (x, u)."""
    rates = {"x": ("y",), "y": ("x", "y", "u")}
    return hermite_simpson_counts(intervals, rates, hessian=3, path=(2,))


RECORD = ProblemRecord(
    name="rayleigh",
    title="Rayleigh problem with a mixed constraint, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(44.72643645, 20),),
    reference="Maurer and Augustin (2001), doi:10.1007/978-3-662-04331-8_2",
    reduction=Reduction(
        states=("oscillate__x", "oscillate__y"), by=("oscillate__x__rate", "oscillate__y__rate")
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=44.80444479,
    relative_tolerance=1e-7,
    source="this project, Radau collocation on 47 to 800 intervals",
    confirm=True,
)
