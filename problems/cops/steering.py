"""Particle steering (COPS): least time to a height at a given velocity, under constant thrust.

    minimize    t_f
    subject to  y_1'' = a cos u,   y_2'' = a sin u,   |u| <= pi/2
                y = y' = 0 at 0;   y_2 = 5, y_1' = 45, y_2' = 0 at t_f

with position y of a particle and the angle u of the thrust, discretized by the trapezoidal rule on
N equal intervals. States are y_1, y_2, y_1', y_2'.

Constants (dimensionless): a = 100, thrust per mass.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Particle Steering";
A. E. Bryson and Y.-C. Ho, Applied Optimal Control, Hemisphere (1975), pp. 59-63.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

THRUST = 100.0
FINAL_HEIGHT = 5.0
FINAL_VELOCITY = np.array([45.0, 0.0])


@checked(num_intervals=1)
def build(num_intervals: int = 50) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model, nodes = so.Model("steering"), num_intervals + 1
    t = np.linspace(0.0, 1.0, nodes)[:, None]
    duration = model.variable("duration", lower=0.0, start=1.0)
    angle = model.variable("angle", nodes, lower=-np.pi / 2, upper=np.pi / 2, start=0.0)
    position = model.variable("position", (nodes, 2), start=t * [0.0, FINAL_HEIGHT])
    velocity = model.variable("velocity", (nodes, 2), start=t * FINAL_VELOCITY)
    model.minimize(duration)
    step = duration / num_intervals
    acceleration = THRUST * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    model.subject_to(np.diff(position, axis=0) == _trapezoid(velocity, step), name="position_rate")
    model.subject_to(
        np.diff(velocity, axis=0) == _trapezoid(acceleration, step), name="velocity_rate"
    )
    model.subject_to(position[0] == 0.0, name="initial_position")
    model.subject_to(velocity[0] == 0.0, name="initial_velocity")
    model.subject_to(position[-1, 1] == FINAL_HEIGHT, name="final_height")
    model.subject_to(velocity[-1] == FINAL_VELOCITY, name="final_velocity")
    return model


def _trapezoid(rate: Any, step: Any) -> Any:
    return 0.5 * step * (rate[:-1] + rate[1:])


def counts(num_intervals: int = 50) -> Counts:
    """Return the counts; the duration couples with angles and velocities."""
    return Counts(
        variables=5 * (num_intervals + 1) + 1,
        constraints=4 * num_intervals + 7,
        jacobian=20 * num_intervals + 7,
        hessian=4 * (num_intervals + 1),
        single_entry_rows=7,
    )


RECORD = ProblemRecord(
    name="steering",
    title="particle steering in least time (COPS)",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 50},
        "medium": {"num_intervals": 800},
        "large": {"num_intervals": 20_000},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"num_intervals": 200},
            value=0.554577,
            relative_tolerance=9e-7,
            source="COPS 3.0 report",
            doi="10.2172/834714",
        ),
        KnownObjective(
            size={"num_intervals": 50},
            value=0.554668764939,
            relative_tolerance=1e-6,
            source="CasADi 3.8.2 with IPOPT 3.14, tolerance 1e-10; not published at this size",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    reduction=Reduction(
        states=("position[1:]", "velocity[1:]"),
        by=("position_rate", "velocity_rate"),
        state_bounds="impose",
    ),
)
