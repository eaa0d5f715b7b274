"""Hock–Schittkowski 12: a quadratic on an ellipse.

    minimize    0.5 x0^2 + x1^2 - x0 x1 - 7 x0 - 7 x1
    subject to  4 x0^2 + x1^2 <= 25
                start (0, 0)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 12, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs012")
    x = model.variable("x", shape=2, start=0.0)
    x0, x1 = x
    model.minimize(0.5 * x0**2 + x1**2 - x0 * x1 - 7 * x0 - 7 * x1)
    model.subject_to(4 * x0**2 + x1**2 <= 25, name="ellipse")
    return model


RECORD = record(12, build, Counts(2, 1, jacobian=2, hessian=3), optimum(-30.0))
