"""Hock–Schittkowski 35: Beale's quadratic program.

    minimize    9 - 8 x0 - 6 x1 - 4 x2 + 2 x0^2 + 2 x1^2 + x2^2 + 2 x0 x1 + 2 x0 x2
    subject to  x0 + x1 + 2 x2 <= 3
                x >= 0,   start (0.5, 0.5, 0.5)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 35, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs035")
    x = model.variable("x", shape=3, lower=0.0, start=0.5)
    x0, x1, x2 = x
    model.minimize(
        9 - 8 * x0 - 6 * x1 - 4 * x2 + 2 * x0**2 + 2 * x1**2 + x2**2 + 2 * x0 * x1 + 2 * x0 * x2
    )
    model.subject_to(x0 + x1 + 2 * x2 <= 3, name="plane")
    return model


RECORD = record(35, build, Counts(3, 1, jacobian=3, hessian=5), optimum(1 / 9))
