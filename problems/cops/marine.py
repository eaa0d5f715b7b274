"""Marine population dynamics (COPS): growth and mortality from counts of a population by stage.

    minimize    sum_j |y(tau_j) - z_j|^2
    subject to  y_1' = -(m_1 + g_1) y_1
                y_s' = g_{s-1} y_{s-1} - (m_s + g_s) y_s,   s = 2 … 7
                y_8' = g_7 y_7 - m_8 y_8
                m, g >= 0

with numbers y_s of animals in the stages s = 1 … 8 of their life, mortality m_s and growth g_s into
the next stage, and 21 measurements z_j at times tau_j in [0, 10]; the initial state is free.
Collocation at one Gauss point, the midpoint (`collocation.py`), on N equal intervals. All
quantities are dimensionless. The data are in `data/marine.csv`.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Marine Population
Dynamics"; B. J. Rothschild, A. F. Sharov, A. J. Kearsley, A. S. Bondarenko, Estimating growth and
mortality in stage-structured populations, Journal of Plankton Research 19 (1997).
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops import collocation
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

NUM_POINTS = 1
NUM_STAGES = 8


@checked(num_intervals=1)
def build(num_intervals: int = 20) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model, data = so.Model("marine"), collocation.read_measurements("marine")
    growth = model.variable("growth", shape=NUM_STAGES - 1, lower=0.0, start=0.0)
    mortality = model.variable("mortality", shape=NUM_STAGES, lower=0.0, start=0.0)
    start = data.held(num_intervals, initial=data.state[0])
    states = collocation.add_polynomials(model, NUM_POINTS, data.duration / num_intervals, start)
    model.minimize(data.squared_distance(states))
    model.subject_to(states.rate == rates(growth, mortality, states.value), name="dynamics")
    return model


def rates(growth: Any, mortality: Any, y: Any) -> Any:
    """Return y' for numbers `y` of shape (..., 8)."""
    grown, none = growth * y[..., :-1], np.zeros((*y.shape[:-1], 1))
    gain, loss = (
        np.concatenate([none, grown], axis=-1),
        np.concatenate([grown, none], axis=-1),
    )
    return gain - loss - mortality * y


def counts(num_intervals: int = 20) -> Counts:
    """Return the counts; the products of a rate and a number curve."""
    grid, points = (num_intervals, NUM_POINTS, NUM_STAGES), num_intervals * NUM_POINTS
    fit = collocation.read_measurements("marine").num_hessian_entries(num_intervals, NUM_POINTS)
    return Counts(
        variables=collocation.num_variables(*grid) + 2 * NUM_STAGES - 1,
        constraints=collocation.num_rows(*grid) + NUM_STAGES * points,
        jacobian=collocation.num_entries(*grid) + (4 + 5 + 6 * 6) * points,
        hessian=(2 * NUM_STAGES - 1) * points + fit,
    )


RECORD = ProblemRecord(
    name="marine",
    title="marine population dynamics, parameter estimation (COPS)",
    family="parameter estimation, collocation",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 25},
        "medium": {"num_intervals": 400},
        "large": {"num_intervals": 4000},
    },
    counts=counts,
    data=collocation.reader("marine"),
    known=(
        KnownObjective(
            size={"num_intervals": 100},
            value=1.97462e7,
            relative_tolerance=5.1e-6,
            source="COPS 3.0 report (the seventh digit cut, not rounded)",
            doi="10.2172/834714",
        ),
        KnownObjective(
            size={"num_intervals": 25},
            value=20006946.186823,
            relative_tolerance=1e-6,
            source="this project, with IPOPT 3.14, tolerance 1e-9; not published at this size",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    reduction=Reduction(
        states=("left[1:]", "coefficients", "value", "rate"),
        by=("value_at_points", "rate_at_points", "continuity", "dynamics"),
    ),
)
