"""Hock–Schittkowski 41: a product on a plane.

    minimize    2 - x0 x1 x2
    subject to  x0 + 2 x1 + 2 x2 - x3 == 0
                0 <= x0, x1, x2 <= 1,   0 <= x3 <= 2,   start 2 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 41, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs041")
    x = model.variable("x", shape=4, lower=0.0, upper=[1.0, 1.0, 1.0, 2.0], start=2.0)
    x0, x1, x2, x3 = x
    model.minimize(2 - x0 * x1 * x2)
    model.subject_to(x0 + 2 * x1 + 2 * x2 - x3 == 0, name="plane")
    return model


RECORD = record(41, build, Counts(4, 1, jacobian=4, hessian=3), optimum(52 / 27))
