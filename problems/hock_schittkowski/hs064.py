"""Hock–Schittkowski 64: costs and reciprocals.

    minimize    5 x0 + 50000 / x0 + 20 x1 + 72000 / x1 + 10 x2 + 144000 / x2
    subject to  4 / x0 + 32 / x1 + 120 / x2 <= 1
                x >= 1e-5,   start (1, 1, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 64, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs064")
    x = model.variable("x", shape=3, lower=1e-5, start=1.0)
    x0, x1, x2 = x
    model.minimize(5 * x0 + 50000 / x0 + 20 * x1 + 72000 / x1 + 10 * x2 + 144000 / x2)
    model.subject_to(4 / x0 + 32 / x1 + 120 / x2 <= 1, name="reciprocal")
    return model


RECORD = record(64, build, Counts(3, 1, jacobian=3, hessian=3), optimum(6299.842428, 6))
