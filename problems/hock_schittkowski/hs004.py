"""Hock–Schittkowski 4: a cubic on a quadrant.

    minimize    (x0 + 1)^3 / 3 + x1
    subject to  x0 >= 1,   x1 >= 0
                start (1.125, 0.125)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 4, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs004")
    x = model.variable("x", shape=2, lower=[1.0, 0.0], start=[1.125, 0.125])
    x0, x1 = x
    model.minimize((x0 + 1) ** 3 / 3 + x1)
    return model


RECORD = record(4, build, Counts(2, 0, jacobian=0, hessian=1), optimum(8 / 3))
