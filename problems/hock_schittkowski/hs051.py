"""Hock–Schittkowski 51: four squares on three planes, zero optimum.

    minimize    (x0 - x1)^2 + (x1 + x2 - 2)^2 + (x3 - 1)^2 + (x4 - 1)^2
    subject to  x0 + 3 x1 == 4
                x2 + x3 - 2 x4 == 0
                x1 - x4 == 0
                start (2.5, 0.5, 2, -1, 0.5)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 51, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs051")
    x = model.variable("x", shape=5, start=[2.5, 0.5, 2.0, -1.0, 0.5])
    x0, x1, x2, x3, x4 = x
    model.minimize((x0 - x1) ** 2 + (x1 + x2 - 2) ** 2 + (x3 - 1) ** 2 + (x4 - 1) ** 2)
    model.subject_to(x0 + 3 * x1 == 4, name="first")
    model.subject_to(x2 + x3 - 2 * x4 == 0, name="second")
    model.subject_to(x1 - x4 == 0, name="third")
    return model


RECORD = record(51, build, Counts(5, 3, jacobian=7, hessian=7), optimum(0.0))
