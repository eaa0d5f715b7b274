"""Hock–Schittkowski 53: four squares on three planes and a box.

    minimize    (x0 - x1)^2 + (x1 + x2 - 2)^2 + (x3 - 1)^2 + (x4 - 1)^2
    subject to  x0 + 3 x1 == 0
                x2 + x3 - 2 x4 == 0
                x1 - x4 == 0
                -10 <= x <= 10,   start 2 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 53, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs053")
    x = model.variable("x", shape=5, lower=-10.0, upper=10.0, start=2.0)
    x0, x1, x2, x3, x4 = x
    model.minimize((x0 - x1) ** 2 + (x1 + x2 - 2) ** 2 + (x3 - 1) ** 2 + (x4 - 1) ** 2)
    model.subject_to(x0 + 3 * x1 == 0, name="first")
    model.subject_to(x2 + x3 - 2 * x4 == 0, name="second")
    model.subject_to(x1 - x4 == 0, name="third")
    return model


RECORD = record(53, build, Counts(5, 3, jacobian=7, hessian=7), optimum(176 / 43))
