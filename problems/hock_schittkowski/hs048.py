"""Hock–Schittkowski 48: three squares on two planes.

    minimize    (x0 - 1)^2 + (x1 - x2)^2 + (x3 - x4)^2
    subject to  x0 + x1 + x2 + x3 + x4 == 5
                x2 - 2 (x3 + x4) == -3
                start (3, 5, -3, 2, -2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 48, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs048")
    x = model.variable("x", shape=5, start=[3.0, 5.0, -3.0, 2.0, -2.0])
    x0, x1, x2, x3, x4 = x
    model.minimize((x0 - 1) ** 2 + (x1 - x2) ** 2 + (x3 - x4) ** 2)
    model.subject_to(x0 + x1 + x2 + x3 + x4 == 5, name="sum")
    model.subject_to(x2 - 2 * (x3 + x4) == -3, name="plane")
    return model


RECORD = record(48, build, Counts(5, 2, jacobian=8, hessian=7), optimum(0.0))
