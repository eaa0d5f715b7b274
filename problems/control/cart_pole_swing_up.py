"""Cart-pole swing-up by `sparseopt.control`; `cart_pole` transcribes the same problem by hand.

    minimize    int_0^T u^2 dt
    subject to  x' = f(x, u),   x(0) = 0,   x(T) = (d, pi, 0, 0)
                |q1| <= d_max,  |u| <= u_max

with the states x = (q1, q2, q1', q2') and the dynamics f of `cart_pole`, and all constants too.
Hermite–Simpson collocation on as many intervals is the same nonlinear program.

Source: M. Kelly, An introduction to trajectory optimization, SIAM Review 59 (2017),
doi:10.1137/16M1062569, section 6 and appendix E.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.control import cart_pole
from problems.control.cart_pole import DURATION, FINAL_STATE, MAXIMAL_FORCE, MAXIMAL_POSITION
from problems.control.continuous import ControlRecord, model
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction
from sparseopt import control


def problem() -> control.Problem:
    """Return the problem."""
    p, farthest = control.Phase("swing_up"), np.array([MAXIMAL_POSITION, np.inf, np.inf, np.inf])
    p.time(initial=0.0, final=DURATION)
    p.state("x", 4, -farthest, farthest, initial=0.0, final=FINAL_STATE)
    p.control("force", lower=-MAXIMAL_FORCE, upper=MAXIMAL_FORCE)
    p.dynamics(lambda s, u, q, t: {"x": cart_pole.dynamics(s.x, u.force)})
    p.integral("effort", lambda s, u, q, t: u.force**2)
    p.minimize(lambda first, last, q, integral: integral.effort)
    return control.Problem("cart_pole_swing_up", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts, those of the transcription by hand."""
    return cart_pole.counts(intervals)


def _known(intervals: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"intervals": intervals},
        value=value,
        relative_tolerance=1e-8,
        source="this project, with CasADi 3.8.2 and IPOPT 3.14.19",
    )


RECORD = ProblemRecord(
    name="cart_pole_swing_up",
    title="cart-pole swing-up with least effort, by sparseopt.control",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 50},
        "medium": {"intervals": 1000},
        "large": {"intervals": 10_000},
    },
    counts=counts,
    known=(_known(50, 58.807642165913), _known(1000, 58.80766747)),
    reference="Kelly (2017), doi:10.1137/16M1062569",
    reduction=Reduction(
        states=("swing_up__x[1:]",),
        by=("swing_up__x__rate",),
        state_bounds="impose",
        size={"intervals": 10},
        same="derivatives",
        reason="shooting finds another optimum",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=58.807667458,
    relative_tolerance=1e-9,
    source="this project, Radau collocation of degree 8 on 40 intervals; not published",
    transcription="radau",
    intervals=20,
    degree=4,
    tolerance=1e-7,
    refine="h",
)
