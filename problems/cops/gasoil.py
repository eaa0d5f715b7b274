"""Catalytic cracking of gas oil (COPS): reaction rates from measured concentrations.

    minimize    sum_j |y(tau_j) - z_j|^2
    subject to  y_1' = -(theta_1 + theta_3) y_1^2
                y_2' = theta_1 y_1^2 - theta_2 y_2
                y(0) = z_1,   theta >= 0

with concentrations y_1 of gas oil and y_2 of gasoline, rates theta_1 (gas oil to gasoline), theta_2
(gasoline to other products), theta_3 (gas oil to other products), and 21 measurements z_j at times
tau_j in [0, 0.95]. Collocation at four Gauss points (`collocation.py`) on N equal intervals.

All quantities are dimensionless. The data are in `data/gasoil.csv`.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Catalytic Cracking
of Gas Oil"; I.-B. Tjoa and L. T. Biegler, Simultaneous solution and optimization strategies for
parameter estimation of differential-algebraic equation systems, Industrial and Engineering
Chemistry Research 30 (1991), doi:10.1021/ie00050a015.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops import collocation
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

NUM_POINTS = 4
NUM_STATES = 2


@checked(num_intervals=1)
def build(num_intervals: int = 20) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model, data = so.Model("gasoil"), collocation.read_measurements("gasoil")
    theta = model.variable("theta", shape=3, lower=0.0, start=0.0)
    start = data.held(num_intervals, initial=data.state[0])
    states = collocation.add_polynomials(model, NUM_POINTS, data.duration / num_intervals, start)
    model.minimize(data.squared_distance(states))
    model.subject_to(states.rate == rates(theta, states.value), name="kinetics")
    model.subject_to(states.left[0] == data.state[0], name="initial_state")
    return model


def rates(theta: Any, y: Any) -> Any:
    """Return y' for concentrations `y` of shape (..., 2)."""
    cracking, gasoline = y[..., 0] ** 2, y[..., 1]
    return np.stack(
        [-(theta[0] + theta[2]) * cracking, theta[0] * cracking - theta[1] * gasoline], axis=-1
    )


def counts(num_intervals: int = 20) -> Counts:
    """Return the counts; at each point theta_1 y_1, theta_3 y_1, y_1^2 and theta_2 y_2 curve."""
    grid, points = (num_intervals, NUM_POINTS, NUM_STATES), num_intervals * NUM_POINTS
    fit = collocation.read_measurements("gasoil").num_hessian_entries(num_intervals, NUM_POINTS)
    return Counts(
        variables=collocation.num_variables(*grid) + 3,
        constraints=collocation.num_rows(*grid) + 2 * points + 2,
        jacobian=collocation.num_entries(*grid) + 9 * points + 2,
        hessian=4 * points + fit,
        single_entry_rows=2,
    )


def _known(num_intervals: int, value: float, published: str) -> KnownObjective:
    return KnownObjective(
        size={"num_intervals": num_intervals},
        value=value,
        relative_tolerance=1e-6,
        source=f"CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10; {published}",
        doi="10.2172/834714",
    )


RECORD = ProblemRecord(
    name="gasoil",
    title="catalytic cracking of gas oil, parameter estimation (COPS)",
    family="parameter estimation, collocation",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 20},
        "medium": {"num_intervals": 400},
        "large": {"num_intervals": 4000},
    },
    counts=counts,
    data=collocation.reader("gasoil"),
    known=(
        KnownObjective(
            size={"num_intervals": 100},
            value=5.2366e-3,
            relative_tolerance=1e-5,
            source="COPS 3.0 report",
            doi="10.2172/834714",
        ),
        _known(50, 0.0052366400206931, "MINLPLib gasoil50: 0.00523664"),
        _known(200, 0.00523659587070783, "MINLPLib gasoil200: 0.0052365959"),
        _known(400, 0.005236595833435417, "MINLPLib gasoil400: 0.0052365958"),
        KnownObjective(
            size={"num_intervals": 20},
            value=0.0052345249646978,
            relative_tolerance=1e-6,
            source="this project, with IPOPT 3.14, tolerance 1e-9; not published at this size",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    reduction=Reduction(
        states=("left", "coefficients", "value", "rate"),
        by=("value_at_points", "rate_at_points", "continuity", "kinetics"),
    ),
)
