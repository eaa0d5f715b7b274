"""Hock–Schittkowski 52: four squares on three planes.

    minimize    (4 x0 - x1)^2 + (x1 + x2 - 2)^2 + (x3 - 1)^2 + (x4 - 1)^2
    subject to  x0 + 3 x1 == 0
                x2 + x3 - 2 x4 == 0
                x1 - x4 == 0
                start 2 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 52, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs052")
    x = model.variable("x", shape=5, start=2.0)
    x0, x1, x2, x3, x4 = x
    model.minimize((4 * x0 - x1) ** 2 + (x1 + x2 - 2) ** 2 + (x3 - 1) ** 2 + (x4 - 1) ** 2)
    model.subject_to(x0 + 3 * x1 == 0, name="first")
    model.subject_to(x2 + x3 - 2 * x4 == 0, name="second")
    model.subject_to(x1 - x4 == 0, name="third")
    return model


RECORD = record(52, build, Counts(5, 3, jacobian=7, hessian=7), optimum(1859 / 349))
