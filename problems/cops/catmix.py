"""Catalyst mixing (COPS): mixing policy of two catalysts along a reactor.

    minimize    x_1(1) + x_2(1) - 1
    subject to  x_1' = u (10 x_2 - x_1)
                x_2' = u (x_1 - 10 x_2) - (1 - u) x_2
                x(0) = (1, 0),   0 <= u <= 1

with concentrations x_1, x_2 of two substances and the share u of the first catalyst at a point of
the reactor: bang, a singular arc, bang. Collocation at three Gauss points (`collocation.py`) on N
equal intervals, with u free at every point. All quantities are dimensionless.

COPS' further term alpha/h sum (u_{i+1} - u_i)^2 is left out, since COPS 3.0 sets alpha = 0.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Catalyst Mixing";
O. von Stryk, User's Guide for DIRCOL, Technische Universität Darmstadt (1999).
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops import collocation
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

NUM_POINTS = 3
INITIAL_STATE = np.array([1.0, 0.0])
RETURN_RATE = 10.0


@checked(num_intervals=1)
def build(num_intervals: int = 20) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model = so.Model("catmix")
    u = model.variable("u", (num_intervals, NUM_POINTS), lower=0.0, upper=1.0, start=0.0)
    start = np.tile(INITIAL_STATE, (num_intervals, 1))
    states = collocation.add_polynomials(model, NUM_POINTS, 1.0 / num_intervals, start)
    final = model.variable("final", shape=2, start=INITIAL_STATE)
    model.minimize(np.sum(final) - 1)
    model.subject_to(final == states.right[-1], name="outlet")
    model.subject_to(states.rate == rates(u, states.value), name="kinetics")
    model.subject_to(states.left[0] == INITIAL_STATE, name="initial_state")
    return model


def rates(u: Any, x: Any) -> Any:
    """Return x' for concentrations `x` of shape (..., 2) under the shares `u`."""
    exchange = u * (RETURN_RATE * x[..., 1] - x[..., 0])
    return np.stack([exchange, -exchange - (1 - u) * x[..., 1]], axis=-1)


def counts(num_intervals: int = 20) -> Counts:
    """Return the counts; at each point u x_1 and u x_2 curve."""
    grid, points = (num_intervals, NUM_POINTS, 2), num_intervals * NUM_POINTS
    return Counts(
        variables=collocation.num_variables(*grid) + points + 2,
        constraints=collocation.num_rows(*grid) + 2 * points + 4,
        jacobian=collocation.num_entries(*grid) + 8 * points + 12,
        hessian=2 * points,
        single_entry_rows=2,
    )


RECORD = ProblemRecord(
    name="catmix",
    title="catalyst mixing with a singular arc (COPS)",
    family="optimal control, collocation",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 20},
        "medium": {"num_intervals": 400},
        "large": {"num_intervals": 4000},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"num_intervals": 100},
            value=-0.0480556,
            relative_tolerance=2.1e-6,
            source="COPS 3.0 report (the seventh digit cut, not rounded)",
            doi="10.2172/834714",
        ),
        KnownObjective(
            size={"num_intervals": 20},
            value=-0.0480568411457,
            relative_tolerance=1e-6,
            source="this project, with IPOPT 3.14, tolerance 1e-9; not published at this size",
        ),
        KnownObjective(
            size={"num_intervals": 400},
            value=-0.048055641199,
            relative_tolerance=2e-6,
            source="this project, with IPOPT 3.14, tolerance 1e-9; the singular arc costs digits",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    reduction=Reduction(
        states=("left", "coefficients", "value", "rate", "final"),
        by=("value_at_points", "rate_at_points", "continuity", "outlet", "kinetics"),
        size={"num_intervals": 8},
        reason="on more intervals there are several optima along the singular arc",
    ),
)
