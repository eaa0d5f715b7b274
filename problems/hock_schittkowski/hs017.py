"""Hock–Schittkowski 17: Rosenbrock's valley between two parabolas.

    minimize    100 (x1 - x0^2)^2 + (1 - x0)^2
    subject to  x1^2 - x0 >= 0
                x0^2 - x1 >= 0
                -0.5 <= x0 <= 0.5,   x1 <= 1,   start (-2, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 17, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs017")
    x = model.variable("x", shape=2, lower=[-0.5, -np.inf], upper=[0.5, 1.0], start=[-2.0, 1.0])
    x0, x1 = x
    model.minimize(100 * (x1 - x0**2) ** 2 + (1 - x0) ** 2)
    model.subject_to(x1**2 - x0 >= 0, name="first")
    model.subject_to(x0**2 - x1 >= 0, name="second")
    return model


RECORD = record(17, build, Counts(2, 2, jacobian=4, hessian=3), optimum(1.0))
