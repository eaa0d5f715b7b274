"""Hock–Schittkowski 99: altitude and speed of a rocket, seven angles.

    minimize    -r^2,   r = sum_i  ACCELERATION_i STEP_i cos(x_i)
    subject to  q = 1e5,   s = 1e3 at the end of
                s_i = s_{i-1} + STEP_i (ACCELERATION_i sin(x_i) - GRAVITY)
                q_i = q_{i-1} + STEP_i s_{i-1} + STEP_i^2 (ACCELERATION_i sin(x_i) - GRAVITY) / 2
                0 <= x <= 1.58,   start 0.5 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 99, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

ACCELERATION = np.array([50.0, 50.0, 75.0, 75.0, 75.0, 100.0, 100.0])
STEP = np.diff([0.0, 25.0, 50.0, 100.0, 150.0, 200.0, 290.0, 380.0])
GRAVITY = 32.0
ALTITUDE = 1e5
SPEED = 1e3


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs099")
    x = model.variable("x", shape=7, lower=0.0, upper=1.58, start=0.5)
    gained = STEP * (ACCELERATION * np.sin(x) - GRAVITY)
    speed = np.cumsum(gained)
    model.minimize(-(np.sum(ACCELERATION * STEP * np.cos(x)) ** 2))
    model.subject_to(np.sum(STEP * (speed - gained / 2)) == ALTITUDE, name="altitude")
    model.subject_to(speed[-1] == SPEED, name="speed")
    return model


RECORD = record(
    99,
    build,
    Counts(7, 2, jacobian=14, hessian=28),
    optimum(-831079891.5, 0, "recomputed; the book prints -0.831079892E+09"),
)
