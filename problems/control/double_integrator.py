"""Double integrator: move a mass from rest to rest in least time, or with least effort.

    minimize    t_f,  with |u| <= 1,   or   1/2 int_0^1 u^2 dt,  with t_f = 1
    subject to  x' = v,   v' = u,   (x, v) = (0, 0) at 0 and (d, 0) at t_f

Least time takes full force, forward and backward: t_f = 2 sqrt(d). Least effort takes u = 6 d (1 -
2 t), and costs 6 d^2. The model is that of least time, transcribed by Hermite–Simpson collocation
on equal intervals.

Constants (dimensionless): d = 1, the distance.

Source: A. E. Bryson, Y.-C. Ho, Applied Optimal Control, Hemisphere (1975), sections 2.7 and 3.9,
doi:10.1201/9781315137667; A. Locatelli, Optimal Control of a Double Integrator, Springer (2017),
doi:10.1007/978-3-319-42126-1.
"""

from __future__ import annotations

from typing import Literal

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control


def problem(goal: Literal["time", "effort"] = "time", distance: float = 1.0) -> control.Problem:
    """Return the problem of least "time" or least "effort" for a distance."""
    p, is_timed = control.Phase("slew"), goal == "time"
    p.time(initial=0.0, final=(0.1, 10.0) if is_timed else 1.0)
    p.state("x", initial=0.0, final=distance)
    p.state("v", initial=0.0, final=0.0)
    p.control("u", lower=-1.0 if is_timed else None, upper=1.0 if is_timed else None)
    p.dynamics(lambda s, u, q, t: {"x": s.v, "v": u.u})
    p.integral("effort", lambda s, u, q, t: u.u**2 / 2)
    p.minimize(lambda first, last, q, integral: last.time if is_timed else integral.effort)
    return control.Problem("double_integrator", [p])


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts: the pairs of v and u with the final time."""
    return hermite_simpson_counts(intervals, {"x": ("v",), "v": ("u",)}, free_times=1, hessian=2)


RECORD = ProblemRecord(
    name="double_integrator",
    title="double integrator in least time, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 20_000},
    },
    counts=counts,
    known=(own(1.9999999936364, 20), own(2.0000001718833, 1000)),
    reference="Bryson and Ho (1975), doi:10.1201/9781315137667",
    reduction=Reduction(
        states=("slew__x[1:]", "slew__v[1:]"),
        by=("slew__x__rate", "slew__v__rate"),
        state_bounds="impose",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=2.0,
    relative_tolerance=1e-7,
    source="analytic, 2 sqrt(d)",
    transcription="radau",
    intervals=10,
    tolerance=1e-7,
)
