"""Hock–Schittkowski 10: a linear function on an ellipse.

    minimize    x0 - x1
    subject to  -3 x0^2 + 2 x0 x1 - x1^2 >= -1
                start (-10, 10)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 10, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs010")
    x = model.variable("x", shape=2, start=[-10.0, 10.0])
    x0, x1 = x
    model.minimize(x0 - x1)
    model.subject_to(-3 * x0**2 + 2 * x0 * x1 - x1**2 >= -1, name="ellipse")
    return model


RECORD = record(10, build, Counts(2, 1, jacobian=2, hessian=3), optimum(-1.0))
