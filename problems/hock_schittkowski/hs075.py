"""Hock–Schittkowski 75: three generators, narrow angles.

    minimize    3 x0 + 1e-6 x0^3 + 2 x1 + 2e-6 / 3 x1^3
    subject to  x3 - x2 >= -ANGLE
                x2 - x3 >= -ANGLE
                1000 sin(-x2 - 0.25) + 1000 sin(-x3 - 0.25) + 894.8 - x0 == 0
                1000 sin(x2 - 0.25) + 1000 sin(x2 - x3 - 0.25) + 894.8 - x1 == 0
                1000 sin(x3 - 0.25) + 1000 sin(x3 - x2 - 0.25) + 1294.8 == 0
                ANGLE = 0.48
                0 <= x0, x1 <= 1200,   -0.48 <= x2, x3 <= 0.48,   start 0 everywhere

Angles are in radians; the other quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 75, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

ANGLE = 0.48  # radians


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs075")
    x = model.variable(
        "x", shape=4, lower=[0.0, 0.0, -0.48, -0.48], upper=[1200.0, 1200.0, 0.48, 0.48], start=0.0
    )
    x0, x1, x2, x3 = x
    model.minimize(3 * x0 + 1e-6 * x0**3 + 2 * x1 + 2e-6 / 3 * x1**3)
    model.subject_to(x3 - x2 >= -ANGLE, name="lower")
    model.subject_to(x2 - x3 >= -ANGLE, name="upper")
    model.subject_to(
        1000 * np.sin(-x2 - 0.25) + 1000 * np.sin(-x3 - 0.25) + 894.8 - x0 == 0, name="first"
    )
    model.subject_to(
        1000 * np.sin(x2 - 0.25) + 1000 * np.sin(x2 - x3 - 0.25) + 894.8 - x1 == 0, name="second"
    )
    model.subject_to(
        1000 * np.sin(x3 - 0.25) + 1000 * np.sin(x3 - x2 - 0.25) + 1294.8 == 0, name="third"
    )
    return model


RECORD = record(75, build, Counts(4, 5, jacobian=12, hessian=5), optimum(5174.4129, 4))
