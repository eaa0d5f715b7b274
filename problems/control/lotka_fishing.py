"""Fishing of predators and prey: keep both populations near their equilibrium.

    minimize    int_0^12 (x - 1)^2 + (y - 1)^2 dt
    subject to  x' = x - x y - 0.4 x w,   y' = -y + x y - 0.2 y w,   0 <= w <= 1
                (x, y) = (0.5, 0.7) at 0

x prey, y predators, w the fishing effort, which the original wants to be 0 or 1; here it is
relaxed, and partly singular. Transcribed by Hermite–Simpson collocation on equal intervals.

Constants (dimensionless): 0.4 and 0.2, what the fishing takes of prey and predators.

Source: S. Sager, Numerical methods for mixed-integer optimal control problems, Heidelberg (2005);
S. Sager, A benchmark library of mixed-integer optimal control problems, IMA Volumes 154 (2012),
doi:10.1007/978-1-4614-1927-3_22: 1.34408.
"""

from __future__ import annotations

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("fish")
    p.time(initial=0.0, final=12.0)
    p.state("x", lower=0.0, initial=0.5, guess=(0.5, 1.0))
    p.state("y", lower=0.0, initial=0.7, guess=(0.7, 1.0))
    p.control("w", lower=0.0, upper=1.0)
    p.dynamics(
        lambda s, u, q, t: {
            "x": s.x - s.x * s.y - 0.4 * s.x * u.w,
            "y": -s.y + s.x * s.y - 0.2 * s.y * u.w,
        }
    )
    p.integral("distance", lambda s, u, q, t: (s.x - 1) ** 2 + (s.y - 1) ** 2)
    p.minimize(lambda first, last, q, integral: integral.distance)
    return control.Problem("lotka_fishing", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs of x and y, and (x, w) and (y, w)."""
    rates = {"x": ("x", "y", "w"), "y": ("x", "y", "w")}
    return hermite_simpson_counts(intervals, rates, hessian=5)


RECORD = ProblemRecord(
    name="lotka_fishing",
    title="Lotka–Volterra fishing, relaxed, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(1.3434043, 20),),
    reference="Sager (2012), doi:10.1007/978-1-4614-1927-3_22",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=("fish__x", "fish__y"),
        by=("fish__x__rate", "fish__y__rate"),
        size={"intervals": 10},
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=1.34408,
    relative_tolerance=3.8e-6,
    source="Sager (2012), 1.34408",
)
