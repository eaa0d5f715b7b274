"""Hock–Schittkowski 21: a flat quadratic above a line.

    minimize    0.01 x0^2 + x1^2 - 100
    subject to  10 x0 - x1 >= 10
                2 <= x0 <= 50,   -50 <= x1 <= 50,   start (-1, -1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 21, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs021")
    x = model.variable("x", shape=2, lower=[2.0, -50.0], upper=50.0, start=-1.0)
    x0, x1 = x
    model.minimize(0.01 * x0**2 + x1**2 - 100)
    model.subject_to(10 * x0 - x1 >= 10, name="line")
    return model


RECORD = record(21, build, Counts(2, 1, jacobian=2, hessian=2), optimum(-99.96))
