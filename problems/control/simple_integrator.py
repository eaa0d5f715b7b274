"""Simple integrator: two one-sided controls, of which only the difference moves the state.

    minimize    int_0^1 (u1 + u2)^2 dt
    subject to  x' = -x - u1 + u2,   u1, u2 >= 0,   x = -1 at 0 and 0 at 1

Transcribed by Hermite–Simpson collocation on equal intervals. The optimum is 2 / (e^2 - 1) =
0.313035285499, with u1 = 0 and u2 = 2 e^t / (e^2 - 1). There are no constants.

Source: test problem simple_integrator of control-toolbox, CTDirect.jl, which prints 0.313.
"""

from __future__ import annotations

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("move")
    p.time(initial=0.0, final=1.0)
    p.state("x", initial=-1.0, final=0.0)
    p.control("u1", lower=0.0, guess=0.5)
    p.control("u2", lower=0.0, guess=0.5)
    p.dynamics(lambda s, u, q, t: {"x": -s.x - u.u1 + u.u2})
    p.integral("effort", lambda s, u, q, t: (u.u1 + u.u2) ** 2)
    p.minimize(lambda first, last, q, integral: integral.effort)
    return control.Problem("simple_integrator", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: pairs of the two controls."""
    return hermite_simpson_counts(intervals, {"x": ("x", "u1", "u2")}, controls=2, hessian=3)


RECORD = ProblemRecord(
    name="simple_integrator",
    title="integrator with two one-sided controls, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(0.3130352828942, 20), own(0.3130354459222, 1000)),
    reference="CTDirect.jl, test problem simple_integrator",
    reduction=Reduction(
        states=("move__x[1:]",),
        by=("move__x__rate",),
        state_bounds="impose",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=0.31303528549933135,
    relative_tolerance=3e-8,
    source="analytic, 2 / (e^2 - 1)",
    tolerance=1e-7,
)
