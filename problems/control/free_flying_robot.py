"""Free-flying robot: two pairs of jets turn and move a robot in the plane with the least fuel.

    minimize    ∫ u_1 + u_2 + u_3 + u_4 dt
    subject to  x' = v_x,   y' = v_y,   theta' = omega
                v_x' = (F_1 + F_2) cos theta,   v_y' = (F_1 + F_2) sin theta
                omega' = alpha F_1 - beta F_2,   F_1 = u_1 - u_2,   F_2 = u_3 - u_4
                u >= 0,   u_1 + u_2 <= 1,   u_3 + u_4 <= 1
                (x, y, theta) = (-10, -10, pi/2) at 0 and (0, 0, 0) at T, at rest

Without units. The jets are either on or off and push forward or backward; u_1 and u_2 are the two
directions of the first. Transcribed by Hermite–Simpson collocation on equal intervals.

Constants: alpha = beta = 0.2, levers of the jets; T = 12, the final time.

Source: Y. Sakawa, Optim. Control Appl. Methods 20 (1999) 235-248,
doi:10.1002/(SICI)1099-1514(199909/10)20:5<235::AID-OCA658>3.0.CO;2-I; as example 6.13 of J. T.
Betts, Practical Methods for Optimal Control and Estimation Using Nonlinear Programming, SIAM
(2010), doi:10.1137/1.9780898718577.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

ALPHA, BETA = 0.2, 0.2
FINAL_TIME = 12.0


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("flight")
    p.time(initial=0.0, final=FINAL_TIME)
    for name, first in (("x", -10.0), ("y", -10.0), ("theta", np.pi / 2)):
        p.state(name, initial=first, final=0.0)
    for name in ("v_x", "v_y", "omega"):
        p.state(name, initial=0.0, final=0.0)
    p.control("u", shape=4, lower=0.0, upper=1.0, guess=0.0)
    p.dynamics(rates)
    p.path(
        lambda s, u, q, t: {"first": u.u[:, 0] + u.u[:, 1], "second": u.u[:, 2] + u.u[:, 3]},
        upper=1.0,
    )
    p.integral("fuel", lambda s, u, q, t: np.sum(u.u, axis=1))
    p.minimize(lambda first, last, q, integral: integral.fuel)
    return control.Problem("free_flying_robot", [p])


def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
    """Return the rates of the states."""
    first, second = u.u[:, 0] - u.u[:, 1], u.u[:, 2] - u.u[:, 3]
    return {
        "x": s.v_x,
        "y": s.v_y,
        "theta": s.omega,
        "v_x": (first + second) * np.cos(s.theta),
        "v_y": (first + second) * np.sin(s.theta),
        "omega": ALPHA * first - BETA * second,
    }


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts of variables, constraints and the Jacobian."""
    jets = ("u_1", "u_2", "u_3", "u_4")
    rates = {
        "x": ("v_x",),
        "y": ("v_y",),
        "theta": ("omega",),
        "v_x": ("theta", *jets),
        "v_y": ("theta", *jets),
        "omega": jets,
    }
    return hermite_simpson_counts(intervals, rates, controls=4, path=(2, 2))


RECORD = ProblemRecord(
    name="free_flying_robot",
    title="free-flying robot, least fuel, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 30},
        "medium": {"intervals": 500},
        "large": {"intervals": 5000},
    },
    counts=counts,
    known=(own(7.924152491186, 30),),
    reference="Sakawa (1999); Betts (2010), doi:10.1137/1.9780898718577",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=(
            "flight__x[1:]",
            "flight__y[1:]",
            "flight__theta[1:]",
            "flight__v_x[1:]",
            "flight__v_y[1:]",
            "flight__omega[1:]",
        ),
        by=(
            "flight__x__rate",
            "flight__y__rate",
            "flight__theta__rate",
            "flight__v_x__rate",
            "flight__v_y__rate",
            "flight__omega__rate",
        ),
        state_bounds="impose",
        size={"intervals": 6},
        same="derivatives",
        reason="shooting finds another optimum",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=7.91015,
    relative_tolerance=6e-7,
    source="Betts (2010): 7.91015; here 7.9101495, and 7.910147 by Radau collocation",
    doi="10.1137/1.9780898718577",
    intervals=100,
    tolerance=1e-6,
)
