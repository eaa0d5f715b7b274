"""Isomerization of alpha-pinene (COPS): reaction rates from measured concentrations.

    minimize    sum_j |y(tau_j) - z_j|^2
    subject to  y_1' = -(theta_1 + theta_2) y_1
                y_2' = theta_1 y_1
                y_3' = theta_2 y_1 - (theta_3 + theta_4) y_3 + theta_5 y_5
                y_4' = theta_3 y_3
                y_5' = theta_4 y_3 - theta_5 y_5
                y(0) = (100, 0, 0, 0, 0),   theta >= 0

with concentrations [%] of alpha-pinene y_1, dipentene y_2, allo-ocimene y_3, pyronene y_4 and a
dimer y_5, rates theta [1/min], and 8 measurements z_j at times tau_j in (0, 36420] min. Collocation
at three Gauss points (`collocation.py`) on N equal intervals. The rates are of the order of 1e-5,
next to concentrations of up to 100. From COPS' start, theta = 0, a solver on a coarse grid may end
at a local optimum of 104.13. The data are in `data/pinene.csv`.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Isomerization of
alpha-Pinene"; G. E. P. Box, W. G. Hunter, J. F. MacGregor, J. Erjavec, Some problems associated
with the analysis of multiresponse data, Technometrics 15 (1973),
doi:10.1080/00401706.1973.10489009.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops import collocation
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

NUM_POINTS = 3
INITIAL_STATE = np.array([100.0, 0.0, 0.0, 0.0, 0.0])


@checked(num_intervals=1)
def build(num_intervals: int = 20) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model, data = so.Model("pinene"), collocation.read_measurements("pinene")
    theta = model.variable("theta", shape=5, lower=0.0, start=0.0)
    start = data.held(num_intervals, INITIAL_STATE)
    states = collocation.add_polynomials(model, NUM_POINTS, data.duration / num_intervals, start)
    model.minimize(data.squared_distance(states))
    model.subject_to(states.rate == rates(theta, states.value), name="kinetics")
    model.subject_to(states.left[0] == INITIAL_STATE, name="initial_state")
    return model


def rates(theta: Any, y: Any) -> Any:
    """Return y' for concentrations `y` of shape (..., 5)."""
    alpha_pinene, allo_ocimene, dimer = y[..., 0], y[..., 2], y[..., 4]
    to_dimer = theta[3] * allo_ocimene - theta[4] * dimer
    return np.stack(
        [
            -(theta[0] + theta[1]) * alpha_pinene,
            theta[0] * alpha_pinene,
            theta[1] * alpha_pinene - theta[2] * allo_ocimene - to_dimer,
            theta[2] * allo_ocimene,
            to_dimer,
        ],
        axis=-1,
    )


def counts(num_intervals: int = 20) -> Counts:
    """Return the counts; at each point five products of a rate and a concentration curve."""
    grid, points = (num_intervals, NUM_POINTS, 5), num_intervals * NUM_POINTS
    fit = collocation.read_measurements("pinene").num_hessian_entries(num_intervals, NUM_POINTS)
    return Counts(
        variables=collocation.num_variables(*grid) + 5,
        constraints=collocation.num_rows(*grid) + 5 * points + 5,
        jacobian=collocation.num_entries(*grid) + 23 * points + 5,
        hessian=5 * points + fit,
        single_entry_rows=5,
    )


def _known(num_intervals: int, value: float, published: str) -> KnownObjective:
    return KnownObjective(
        size={"num_intervals": num_intervals},
        value=value,
        relative_tolerance=1e-6,
        source=f"CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10; MINLPLib pinene: {published}",
        doi="10.2172/834714",
    )


RECORD = ProblemRecord(
    name="pinene",
    title="isomerization of alpha-pinene, parameter estimation (COPS)",
    family="parameter estimation, collocation",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 20},
        "medium": {"num_intervals": 200},
        "large": {"num_intervals": 2000},
    },
    counts=counts,
    data=collocation.reader("pinene"),
    known=(
        KnownObjective(
            size={"num_intervals": 100},
            value=19.8721,
            relative_tolerance=5e-6,
            source="COPS 3.0 report (the seventh digit cut, not rounded)",
            doi="10.2172/834714",
        ),
        _known(50, 19.872165523781618, "19.87216552"),
        _known(200, 19.872166842461954, "19.87216708"),
        KnownObjective(
            size={"num_intervals": 20},
            value=19.872897226123,
            relative_tolerance=1e-6,
            source="this project, with IPOPT 3.14, tolerance 1e-9; not published at this size",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    second_size={"num_intervals": 30},
    reduction=Reduction(
        states=("left", "coefficients", "value", "rate"),
        by=("value_at_points", "rate_at_points", "continuity", "kinetics"),
        # At 20 intervals the gradient ends where rounding leaves it, at 0.01 to 0.2.
        size={"num_intervals": 25},
        method="L-BFGS-B",
        options={"maxcor": 20},
        full_options={"tol": 1e-10, "bound_relax_factor": 1e-8},
    ),
)
