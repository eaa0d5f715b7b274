"""Robot arm (COPS): least time to turn an arm from one position to another, at rest at both.

    minimize    t_f
    subject to  L rho'' = u_rho,   I_theta theta'' = u_theta,   I_phi phi'' = u_phi
                I_phi = ((L - rho)^3 + rho^3) / 3,   I_theta = I_phi sin^2 phi
                0 <= rho <= L,  |theta| <= pi,  0 <= phi <= pi,  |u| <= 1
                (rho, theta, phi) = (4.5, 0, pi/4) at 0 and (4.5, 2 pi/3, pi/4) at t_f
                rho' = theta' = phi' = 0 at both

with the length rho of the part of the arm beyond the pivot and its angles theta (horizontal) and
phi (from the vertical), discretized by the trapezoidal rule on N equal intervals.

Constants (dimensionless): L = 5, length of the arm.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Robot Arm"; M.
Mössner-Beigel, Optimale Steuerung für Industrieroboter unter Berücksichtigung der
getriebebedingten Elastizität, Universität Heidelberg (1995).
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

LENGTH = 5.0
INITIAL = np.array([4.5, 0.0, np.pi / 4])
FINAL = np.array([4.5, 2 * np.pi / 3, np.pi / 4])
LOWER = np.array([0.0, -np.pi, 0.0])
UPPER = np.array([LENGTH, np.pi, np.pi])


@checked(num_intervals=1)
def build(num_intervals: int = 50) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model, shape = so.Model("robot"), (num_intervals + 1, 3)
    t, turn = np.linspace(0.0, 1.0, num_intervals + 1)[:, None], FINAL - INITIAL
    duration = model.variable("duration", lower=0.0, start=1.0)
    q = model.variable("q", shape, LOWER, UPPER, start=INITIAL + turn * t**2)
    velocity = model.variable("velocity", shape, start=2 * turn * t)
    force = model.variable("force", shape, -1.0, 1.0, start=0.0)
    model.minimize(duration)
    step = duration / num_intervals
    model.subject_to(np.diff(q, axis=0) == _trapezoid(velocity, step), name="position_rate")
    model.subject_to(
        np.diff(velocity, axis=0) == _trapezoid(force / inertia(q), step), name="velocity_rate"
    )
    model.subject_to(q[0] == INITIAL, name="initial_position")
    model.subject_to(q[-1] == FINAL, name="final_position")
    model.subject_to(velocity[0] == 0.0, name="initial_velocity")
    model.subject_to(velocity[-1] == 0.0, name="final_velocity")
    return model


def inertia(q: Any) -> Any:
    """Return the inertias of (rho, theta, phi) at positions `q` of shape (nodes, 3)."""
    rho, phi = q[:, 0], q[:, 2]
    about_pivot = ((LENGTH - rho) ** 3 + rho**3) / 3
    return np.stack(
        [np.full(rho.shape, LENGTH), about_pivot * np.sin(phi) ** 2, about_pivot], axis=1
    )


def _trapezoid(rate: Any, step: Any) -> Any:
    return 0.5 * step * (rate[:-1] + rate[1:])


def counts(num_intervals: int = 50) -> Counts:
    """Return the counts; the duration couples with all but theta, rho and phi with forces."""
    nodes = num_intervals + 1
    return Counts(
        variables=9 * nodes + 1,
        constraints=6 * num_intervals + 12,
        jacobian=36 * num_intervals + 12,
        hessian=14 * nodes,
        single_entry_rows=12,
    )


RECORD = ProblemRecord(
    name="robot",
    title="robot arm in least time (COPS)",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 50},
        "medium": {"num_intervals": 400},
        "large": {"num_intervals": 12_000},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"num_intervals": 200},
            value=9.14138,
            relative_tolerance=2e-6,
            source="COPS 3.0 report; CasADi 3.8.2 with IPOPT, tolerance 1e-10: 9.1413955",
            doi="10.2172/834714",
        ),
        KnownObjective(
            size={"num_intervals": 50},
            value=9.146878485,
            relative_tolerance=1e-6,
            source="CasADi 3.8.2 with IPOPT 3.14, tolerance 1e-10; not published at this size",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=("q[1:]", "velocity[1:]"),
        by=("position_rate", "velocity_rate"),
        state_bounds="impose",
        size={"num_intervals": 10},
        reason="on more intervals shooting is slow",
    ),
)
