"""Hock–Schittkowski 76: a convex quadratic program.

    minimize    x0^2 + 0.5 x1^2 + x2^2 + 0.5 x3^2 - x0 x2 + x2 x3 - x0 - 3 x1 + x2 - x3
    subject to  x0 + 2 x1 + x2 + x3 <= 5
                3 x0 + x1 + 2 x2 - x3 <= 4
                x1 + 4 x2 >= 1.5
                x >= 0,   start 0.5 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 76, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs076")
    x = model.variable("x", shape=4, lower=0.0, start=0.5)
    x0, x1, x2, x3 = x
    model.minimize(
        x0**2 + 0.5 * x1**2 + x2**2 + 0.5 * x3**2 - x0 * x2 + x2 * x3 - x0 - 3 * x1 + x2 - x3
    )
    model.subject_to(x0 + 2 * x1 + x2 + x3 <= 5, name="first")
    model.subject_to(3 * x0 + x1 + 2 * x2 - x3 <= 4, name="second")
    model.subject_to(x1 + 4 * x2 >= 1.5, name="third")
    return model


RECORD = record(76, build, Counts(4, 3, jacobian=10, hessian=6), optimum(-4.681818181, 9))
