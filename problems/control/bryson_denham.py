"""Bryson–Denham problem: the least effort to turn a mass around within a given distance.

    minimize    1/2 int_0^1 u^2 dt
    subject to  x' = v,   v' = u,   x <= l
                (x, v) = (0, 1) at 0 and (0, -1) at 1

Transcribed by Hermite–Simpson collocation on equal intervals. The wall is met at t = 3 l and left
at 1 - 3 l; in between the control is 0. For l <= 1/6 the optimum is 4 / (9 l).

Constants (dimensionless): l = 1/9, the wall; the optimum is 4.

Source: A. E. Bryson, Y.-C. Ho, Applied Optimal Control, Hemisphere (1975), section 3.11,
doi:10.1201/9781315137667.
"""

from __future__ import annotations

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

WALL = 1 / 9


def problem(wall: float = WALL) -> control.Problem:
    """Return the problem with x below `wall`."""
    p = control.Phase("arc")
    p.time(initial=0.0, final=1.0)
    p.state("x", initial=0.0, final=0.0, upper=wall)
    p.state("v", initial=1.0, final=-1.0)
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"x": s.v, "v": u.u})
    p.integral("effort", lambda s, u, q, t: u.u**2 / 2)
    p.minimize(lambda first, last, q, integral: integral.effort)
    return control.Problem("bryson_denham", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: only the control is squared."""
    return hermite_simpson_counts(intervals, {"x": ("v",), "v": ("u",)}, hessian=1)


RECORD = ProblemRecord(
    name="bryson_denham",
    title="Bryson–Denham problem with a bound of a state, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 30},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(3.999999643735, 30),),
    reference="Bryson and Ho (1975), doi:10.1201/9781315137667",
    reduction=Reduction(
        states=("arc__x[1:]", "arc__v[1:]"),
        by=("arc__x__rate", "arc__v__rate"),
        state_bounds="impose",
        options={"tol": 1e-13},
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=4.0,
    relative_tolerance=3e-7,
    source="analytic, 4 / (9 l)",
    intervals=30,
    tolerance=1e-7,
)
