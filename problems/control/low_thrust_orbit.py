"""Low-thrust orbit raising: from a circular orbit to the largest circular one in a given time.

    maximize    r(t_f)
    subject to  r' = v_r,   theta' = v_t / r
                v_r' = v_t^2 / r - 1 / r^2 + a sin alpha
                v_t' = -v_r v_t / r + a cos alpha,   a = F / (1 - b t)
                (r, theta, v_r, v_t) = (1, 0, 0, 1) at 0,   v_r = 0, v_t = 1 / sqrt(r) at t_f

r radius, theta polar angle, v_r and v_t radial and tangential velocity in units of the first orbit,
alpha [rad] the angle of the thrust from the horizontal. From the Earth's orbit the time is 193 days
and the end about the orbit of Mars. The thrust turns inward halfway, at once. Transcribed by
Hermite–Simpson collocation on equal intervals.

Constants: F = 0.1405, thrust; b = 0.0749, flow of mass; t_f = 3.32.

Source: A. E. Bryson, Y.-C. Ho, Applied Optimal Control, Hemisphere (1975), section 2.5,
doi:10.1201/9781315137667, which gives r(t_f) = 1.525; first R. E. Kopp, R. McGill (1964).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

THRUST, FLOW, FINAL_TIME = 0.1405, 0.0749, 3.32


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("spiral")
    p.time(initial=0.0, final=FINAL_TIME)
    p.state("r", lower=0.5, upper=5.0, initial=1.0, guess=(1.0, 1.5))
    p.state("theta", initial=0.0, guess=(0.0, np.pi))
    p.state("v_r", initial=0.0, final=0.0)
    p.state("v_t", lower=0.1, initial=1.0, guess=(1.0, 0.8))
    p.control("alpha", guess=(0.5, 5.5))
    p.dynamics(rates)
    p.boundary(
        lambda first, last, q: {"circular": last.v_t - 1 / np.sqrt(last.r)}, lower=0.0, upper=0.0
    )
    p.maximize(lambda first, last, q, integral: last.r)
    return control.Problem("low_thrust_orbit", [p])


def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
    """Return the rates of the states."""
    push = THRUST / (1 - FLOW * t)
    return {
        "r": s.v_r,
        "theta": s.v_t / s.r,
        "v_r": s.v_t**2 / s.r - 1 / s.r**2 + push * np.sin(u.alpha),
        "v_t": -s.v_r * s.v_t / s.r + push * np.cos(u.alpha),
    }


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts; the last orbit is circular by one condition on two states."""
    rates = {
        "r": ("v_r",),
        "theta": ("r", "v_t"),
        "v_r": ("r", "v_t", "alpha"),
        "v_t": ("r", "v_r", "v_t", "alpha"),
    }
    found = hermite_simpson_counts(intervals, rates)
    return replace(found, constraints=found.constraints + 1, jacobian=(found.jacobian or 0) + 2)


RECORD = ProblemRecord(
    name="low_thrust_orbit",
    title="low-thrust orbit raising, largest radius, Hermite–Simpson",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 30},
        "medium": {"intervals": 1000},
        "large": {"intervals": 10000},
    },
    counts=counts,
    known=(own(1.525276310457, 30),),
    reference="Bryson and Ho (1975), doi:10.1201/9781315137667",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=("spiral__r[1:]", "spiral__theta[1:]", "spiral__v_r[1:]", "spiral__v_t[1:]"),
        by=("spiral__r__rate", "spiral__theta__rate", "spiral__v_r__rate", "spiral__v_t__rate"),
        state_bounds="impose",
        size={"intervals": 10},
        reason="on more intervals the angle differs by full turns",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=1.525,
    relative_tolerance=3.5e-4,
    source="Bryson and Ho (1975): 1.525; here 1.52527775",
    doi="10.1201/9781315137667",
    intervals=50,
)
