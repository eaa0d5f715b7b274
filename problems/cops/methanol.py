"""Methanol to hydrocarbons (COPS): reaction rates from measured concentrations.

    minimize    sum_j |y(tau_j) - z_j|^2
    subject to  y_1' = -(2 theta_2 - theta_1 y_2 / q + theta_3 + theta_4) y_1
                y_2' = theta_1 y_1 (theta_2 y_1 - y_2) / q + theta_3 y_1
                y_3' = theta_1 y_1 (y_2 + theta_5 y_1) / q + theta_4 y_1
                q = (theta_2 + theta_5) y_1 + y_2
                y(0) = (1, 0, 0),   theta >= 0

with y_1 oxygenates, y_2 olefins, y_3 paraffins, aromatics and others, five rate coefficients theta,
and 17 measurements z_j at times tau_j in [0, 1.122]. Collocation at three Gauss points
(`collocation.py`) on N equal intervals. All quantities are dimensionless. The data are in
`data/methanol.csv`. On a very fine grid, a solver may end at a local optimum of 0.01727 instead.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Methanol to
Hydrocarbons"; C. A. Floudas et al., Handbook of Test Problems in Local and Global Optimization,
Kluwer (1999), doi:10.1007/978-1-4757-3040-1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops import collocation
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

NUM_POINTS = 3
INITIAL_STATE = np.array([1.0, 0.0, 0.0])
START = 1e-3


@checked(num_intervals=1)
def build(num_intervals: int = 20) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model, data = so.Model("methanol"), collocation.read_measurements("methanol")
    theta = model.variable("theta", shape=5, lower=0.0, start=1.0)
    start = np.full((num_intervals, 3), START)
    states = collocation.add_polynomials(model, NUM_POINTS, data.duration / num_intervals, start)
    model.minimize(data.squared_distance(states))
    model.subject_to(states.rate == rates(theta, states.value), name="kinetics")
    model.subject_to(states.left[0] == INITIAL_STATE, name="initial_state")
    return model


def rates(theta: Any, y: Any) -> Any:
    """Return y' for concentrations `y` of shape (..., 3)."""
    oxygenates, olefins = y[..., 0], y[..., 1]
    converted = theta[0] * oxygenates / ((theta[1] + theta[4]) * oxygenates + olefins)
    return np.stack(
        [
            converted * olefins - (2 * theta[1] + theta[2] + theta[3]) * oxygenates,
            converted * (theta[1] * oxygenates - olefins) + theta[2] * oxygenates,
            converted * (olefins + theta[4] * oxygenates) + theta[3] * oxygenates,
        ],
        axis=-1,
    )


def counts(num_intervals: int = 20) -> Counts:
    """Return the counts; at each point y_1, y_2 and all rates but theta_1 itself are coupled."""
    grid, points = (num_intervals, NUM_POINTS, 3), num_intervals * NUM_POINTS
    fit = collocation.read_measurements("methanol").num_hessian_entries(num_intervals, NUM_POINTS)
    return Counts(
        variables=collocation.num_variables(*grid) + 5,
        constraints=collocation.num_rows(*grid) + 3 * points + 3,
        jacobian=collocation.num_entries(*grid) + 22 * points + 3,
        hessian=11 * points + 5 + fit,
        single_entry_rows=3,
    )


RECORD = ProblemRecord(
    name="methanol",
    title="methanol to hydrocarbons, parameter estimation (COPS)",
    family="parameter estimation, collocation",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 20},
        "medium": {"num_intervals": 400},
        "large": {"num_intervals": 4000},
    },
    counts=counts,
    data=collocation.reader("methanol"),
    known=(
        KnownObjective(
            size={"num_intervals": 100},
            value=9.02229e-3,
            relative_tolerance=6e-7,
            source="COPS 3.0 report",
            doi="10.2172/834714",
        ),
        KnownObjective(
            size={"num_intervals": 20},
            value=0.0090223249823299,
            relative_tolerance=1e-6,
            source="this project, with IPOPT 3.14, tolerance 1e-9; not published at this size",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=("left", "coefficients", "value", "rate"),
        by=("value_at_points", "rate_at_points", "continuity", "kinetics"),
    ),
)
