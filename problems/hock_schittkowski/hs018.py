"""Hock–Schittkowski 18: a flat quadratic, a hyperbola and a disc.

    minimize    0.01 x0^2 + x1^2
    subject to  x0 x1 >= 25
                x0^2 + x1^2 >= 25
                2 <= x0 <= 50,   0 <= x1 <= 50,   start (2, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 18, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs018")
    x = model.variable("x", shape=2, lower=[2.0, 0.0], upper=50.0, start=2.0)
    x0, x1 = x
    model.minimize(0.01 * x0**2 + x1**2)
    model.subject_to(x0 * x1 >= 25, name="hyperbola")
    model.subject_to(x0**2 + x1**2 >= 25, name="disc")
    return model


RECORD = record(18, build, Counts(2, 2, jacobian=4, hessian=3), optimum(5.0))
