"""Hock–Schittkowski 65: a quadratic in a ball.

    minimize    (x0 - x1)^2 + (x0 + x1 - 10)^2 / 9 + (x2 - 5)^2
    subject to  x0^2 + x1^2 + x2^2 <= 48
                -4.5 <= x0, x1 <= 4.5,   -5 <= x2 <= 5,   start (-5, 5, 0)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 65, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs065")
    x = model.variable(
        "x", shape=3, lower=[-4.5, -4.5, -5.0], upper=[4.5, 4.5, 5.0], start=[-5.0, 5.0, 0.0]
    )
    x0, x1, x2 = x
    model.minimize((x0 - x1) ** 2 + (x0 + x1 - 10) ** 2 / 9 + (x2 - 5) ** 2)
    model.subject_to(x0**2 + x1**2 + x2**2 <= 48, name="ball")
    return model


RECORD = record(65, build, Counts(3, 1, jacobian=3, hessian=4), optimum(0.9535288567, 10))
