"""Fuller problem: the optimal control switches infinitely often in finite time (chattering).

    minimize    int_0^3.5 x^2 dt
    subject to  x' = v,   v' = u,   |u| <= 1,   (x, v) = (0, 1) at 0 and 0 at 3.5

Transcribed by Hermite–Simpson collocation on equal intervals. There are no constants.

Source: A. T. Fuller, Study of an optimum non-linear control system, Journal of Electronics and
Control 15 (1963), doi:10.1080/00207216308937555; Bonnans, Martinon, Grélard (2012), INRIA RR-8053,
which prints 0.2683944.
"""

from __future__ import annotations

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("chatter")
    p.time(initial=0.0, final=3.5)
    p.state("x", initial=0.0, final=0.0)
    p.state("v", initial=1.0, final=0.0)
    p.control("u", lower=-1.0, upper=1.0)
    p.dynamics(lambda s, u, q, t: {"x": s.v, "v": u.u})
    p.integral("cost", lambda s, u, q, t: s.x**2)
    p.minimize(lambda first, last, q, integral: integral.cost)
    return control.Problem("fuller", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: only the position is squared."""
    return hermite_simpson_counts(intervals, {"x": ("v",), "v": ("u",)}, hessian=1)


RECORD = ProblemRecord(
    name="fuller",
    title="Fuller problem with chattering control, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(0.26828151389, 20),),
    reference="Fuller (1963), doi:10.1080/00207216308937555",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=("chatter__x[1:]", "chatter__v[1:]"),
        by=("chatter__x__rate", "chatter__v__rate"),
        state_bounds="impose",
        same="objective",
        reason="the control chatters toward the end",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.2683938,
    relative_tolerance=2e-6,
    source="this project, Radau collocation on 800 intervals",
    transcription="radau",
    intervals=100,
    degree=2,
)
