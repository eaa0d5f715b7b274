"""Hock–Schittkowski 38: Colville's Wood function.

    minimize    100 (x1 - x0^2)^2
                + (1 - x0)^2
                + 90 (x3 - x2^2)^2
                + (1 - x2)^2
                + 10.1 ((x1 - 1)^2 + (x3 - 1)^2)
                + 19.8 (x1 - 1) (x3 - 1)
    subject to  -10 <= x <= 10
                start (-3, -1, -3, -1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 38, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs038")
    x = model.variable("x", shape=4, lower=-10.0, upper=10.0, start=[-3.0, -1.0, -3.0, -1.0])
    x0, x1, x2, x3 = x
    model.minimize(
        100 * (x1 - x0**2) ** 2
        + (1 - x0) ** 2
        + 90 * (x3 - x2**2) ** 2
        + (1 - x2) ** 2
        + 10.1 * ((x1 - 1) ** 2 + (x3 - 1) ** 2)
        + 19.8 * (x1 - 1) * (x3 - 1)
    )
    return model


RECORD = record(38, build, Counts(4, 0, jacobian=0, hessian=7), optimum(0.0))
