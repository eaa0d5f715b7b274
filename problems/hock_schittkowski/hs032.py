"""Hock–Schittkowski 32: a quadratic on a triangle.

    minimize    (x0 + 3 x1 + x2)^2 + 4 (x0 - x1)^2
    subject to  6 x1 + 4 x2 - x0^3 >= 3
                x0 + x1 + x2 == 1
                x >= 0,   start (0.1, 0.7, 0.2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 32, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs032")
    x = model.variable("x", shape=3, lower=0.0, start=[0.1, 0.7, 0.2])
    x0, x1, x2 = x
    model.minimize((x0 + 3 * x1 + x2) ** 2 + 4 * (x0 - x1) ** 2)
    model.subject_to(6 * x1 + 4 * x2 - x0**3 >= 3, name="cubic")
    model.subject_to(x0 + x1 + x2 == 1, name="simplex")
    return model


RECORD = record(32, build, Counts(3, 2, jacobian=6, hessian=6), optimum(1.0))
