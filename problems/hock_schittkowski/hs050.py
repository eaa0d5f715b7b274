"""Hock–Schittkowski 50: powers of differences on three planes.

    minimize    (x0 - x1)^2 + (x1 - x2)^2 + (x2 - x3)^4 + (x3 - x4)^2
    subject to  x0 + 2 x1 + 3 x2 == 6
                x1 + 2 x2 + 3 x3 == 6
                x2 + 2 x3 + 3 x4 == 6
                start (35, -31, 11, 5, -5)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 50, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs050")
    x = model.variable("x", shape=5, start=[35.0, -31.0, 11.0, 5.0, -5.0])
    x0, x1, x2, x3, x4 = x
    model.minimize((x0 - x1) ** 2 + (x1 - x2) ** 2 + (x2 - x3) ** 4 + (x3 - x4) ** 2)
    model.subject_to(x0 + 2 * x1 + 3 * x2 == 6, name="first")
    model.subject_to(x1 + 2 * x2 + 3 * x3 == 6, name="second")
    model.subject_to(x2 + 2 * x3 + 3 * x4 == 6, name="third")
    return model


RECORD = record(50, build, Counts(5, 3, jacobian=9, hessian=9), optimum(0.0))
