"""Hock–Schittkowski 31: an ellipsoid above a hyperbola.

    minimize    9 x0^2 + x1^2 + 9 x2^2
    subject to  x0 x1 >= 1
                -10 <= x0 <= 10,   1 <= x1 <= 10,   -10 <= x2 <= 1,   start (1, 1, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 31, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs031")
    x = model.variable("x", shape=3, lower=[-10.0, 1.0, -10.0], upper=[10.0, 10.0, 1.0], start=1.0)
    x0, x1, x2 = x
    model.minimize(9 * x0**2 + x1**2 + 9 * x2**2)
    model.subject_to(x0 * x1 >= 1, name="hyperbola")
    return model


RECORD = record(31, build, Counts(3, 1, jacobian=2, hessian=4), optimum(6.0))
