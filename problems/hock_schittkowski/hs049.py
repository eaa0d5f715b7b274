"""Hock–Schittkowski 49: powers on two planes.

    minimize    (x0 - x1)^2 + (x2 - 1)^2 + (x3 - 1)^4 + (x4 - 1)^6
    subject to  x0 + x1 + x2 + 4 x3 == 7
                x2 + 5 x4 == 6
                start (10, 7, 2, -3, 0.8)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 49, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs049")
    x = model.variable("x", shape=5, start=[10.0, 7.0, 2.0, -3.0, 0.8])
    x0, x1, x2, x3, x4 = x
    model.minimize((x0 - x1) ** 2 + (x2 - 1) ** 2 + (x3 - 1) ** 4 + (x4 - 1) ** 6)
    model.subject_to(x0 + x1 + x2 + 4 * x3 == 7, name="first")
    model.subject_to(x2 + 5 * x4 == 6, name="second")
    return model


RECORD = record(49, build, Counts(5, 2, jacobian=6, hessian=6), optimum(0.0))
