"""Hock–Schittkowski 63: a quadratic on a sphere and a plane.

    minimize    1000 - x0^2 - 2 x1^2 - x2^2 - x0 x1 - x0 x2
    subject to  8 x0 + 14 x1 + 7 x2 == 56
                x0^2 + x1^2 + x2^2 == 25
                x >= 0,   start (2, 2, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 63, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs063")
    x = model.variable("x", shape=3, lower=0.0, start=2.0)
    x0, x1, x2 = x
    model.minimize(1000 - x0**2 - 2 * x1**2 - x2**2 - x0 * x1 - x0 * x2)
    model.subject_to(8 * x0 + 14 * x1 + 7 * x2 == 56, name="plane")
    model.subject_to(x0**2 + x1**2 + x2**2 == 25, name="sphere")
    return model


RECORD = record(63, build, Counts(3, 2, jacobian=6, hessian=5), optimum(961.7151721, 7))
