"""Flow in a channel (COPS): a boundary value problem of fourth order, as a feasibility problem.

    minimize    1
    subject to  u'''' = R (u' u'' - u u''')
                u(0) = u'(0) = u'(1) = 0,   u(1) = 1

with the potential u of the flow of a fluid that is injected through a side of a long channel.
There are as many equations as variables. On interval i, of length h and with left end t_i,

    u(t) = sum_{k=1}^{4} v_ik (t - t_i)^(k-1) / (k-1)!
           + h^4 sum_{j=1}^{4} w_ij s^(j+3) / (j+3)!,    s = (t - t_i) / h

so that u'''' = sum_j w_ij s^(j-1) / (j-1)!; u, u', u'', u''' are continuous and the differential
equation holds at four Gauss points of each of the N equal intervals.

form="eliminated" (COPS' own): variables are v and w, and u^(s) at the points are expressions.
form="lifted": u^(s) at the points are variables too, which makes the Hessian sparser. (Some
ports have further 16 N variables that nothing else reads.)

Constants (dimensionless): R = 10, Reynolds number.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Flow in a Channel";
U. M. Ascher, R. M. M. Mattheij, R. D. Russell, Numerical Solution of Boundary Value Problems for
Ordinary Differential Equations, SIAM (1995), doi:10.1137/1.9781611971231. The objective has no
digits to compare; tests/problems/test_channel.py solves the boundary value problem by other means.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops.collocation import gauss_points, taylor_weights
from problems.record import Counts, KnownObjective, ProblemRecord

REYNOLDS = 10.0
ORDER = 4
NUM_POINTS = 4
Form = Literal["eliminated", "lifted"]


@checked(num_intervals=2, form=get_args(Form))
def build(num_intervals: int = 20, form: Form = "eliminated") -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model, step = so.Model(f"channel_{form}"), 1.0 / num_intervals
    start = _start(num_intervals)
    v = model.variable("v", shape=start.shape, start=start)
    w = model.variable("w", shape=(num_intervals, NUM_POINTS), start=0.0)
    model.minimize(1.0)
    u = [derivatives(v, w, step, position) for position in gauss_points(NUM_POINTS)]
    inside: Any = np.stack(u, axis=1)
    if form == "lifted":
        lifted = model.variable("u", inside.shape, start=start[:, None, :])
        model.subject_to(lifted == inside, name="derivatives")
        inside = lifted
    fourth = w @ taylor_weights(gauss_points(NUM_POINTS), NUM_POINTS, first_power=0).T
    model.subject_to(fourth == right_hand_side(inside), name="flow")
    right = derivatives(v, w, step, 1.0)
    model.subject_to(right[:-1] == v[1:], name="continuity")
    model.subject_to(v[0, :2] == 0.0, name="wall")
    model.subject_to(right[-1, :2] == np.array([1.0, 0.0]), name="opposite_wall")
    return model


def _start(num_intervals: int) -> Any:
    """Return COPS' start, t^2 (3 - 2 t) with its derivatives, at the left ends."""
    t = np.arange(num_intervals) / num_intervals
    return np.stack(
        [t**2 * (3 - 2 * t), 6 * t * (1 - t), 6 * (1 - 2 * t), np.full(num_intervals, -12.0)],
        axis=1,
    )


def derivatives(v: Any, w: Any, step: float, position: float) -> Any:
    """Return u, u', u'', u''' at a position in [0, 1] of every interval: shape (intervals, 4)."""
    columns = []
    for order in range(ORDER):
        lower = ORDER - order
        of_v = step ** np.arange(lower) * taylor_weights([position], lower, first_power=0)[0]
        of_w = step**lower * taylor_weights([position], NUM_POINTS, first_power=lower)[0]
        columns.append(v[:, order:] @ of_v + w @ of_w)
    return np.stack(columns, axis=1)


def right_hand_side(u: Any) -> Any:
    """Return u'''' for u, u', u'', u''' along the last axis."""
    return REYNOLDS * (u[..., 1] * u[..., 2] - u[..., 0] * u[..., 3])


def counts(num_intervals: int = 20, form: Form = "eliminated") -> Counts:
    """Return the counts; of an interval's v and w, only v_1 v_1, v_1 v_2, v_1 v_3, v_2 v_2 lack."""
    rows, points = 8 * num_intervals, 4 * num_intervals
    shared = (num_intervals - 1) * (8 + 7 + 6 + 5 + 4) + 2 + 8 + 7
    if form == "eliminated":
        return Counts(rows, rows, 8 * points + shared, 32 * num_intervals, single_entry_rows=2)
    return Counts(
        variables=rows + 4 * points,
        constraints=rows + 4 * points,
        jacobian=8 * points + (9 + 8 + 7 + 6) * points + shared,
        hessian=2 * points,
        single_entry_rows=2,
    )


RECORD = ProblemRecord(
    name="channel",
    title="flow in a channel, feasibility problem (COPS)",
    family="boundary value problem, collocation",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 20, "form": "eliminated"},
        "medium": {"num_intervals": 400, "form": "eliminated"},
        "large": {"num_intervals": 12_500, "form": "eliminated"},
    },
    counts=counts,
    known=tuple(
        KnownObjective(
            size={"num_intervals": 200, "form": form},
            value=1.0,
            relative_tolerance=1e-9,
            source="COPS 3.0 report; the objective is constant",
            doi="10.2172/834714",
        )
        for form in ("eliminated", "lifted")
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
    second_size={"num_intervals": 15, "form": "lifted"},
)
