"""Hock–Schittkowski 36: largest parcel, with bounds.

    minimize    -x0 x1 x2
    subject to  x0 + 2 x1 + 2 x2 <= 72
                0 <= x0 <= 20,   0 <= x1 <= 11,   0 <= x2 <= 42,   start (10, 10, 10)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 36, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs036")
    x = model.variable("x", shape=3, lower=0.0, upper=[20.0, 11.0, 42.0], start=10.0)
    x0, x1, x2 = x
    model.minimize(-x0 * x1 * x2)
    model.subject_to(x0 + 2 * x1 + 2 * x2 <= 72, name="girth")
    return model


RECORD = record(36, build, Counts(3, 1, jacobian=3, hessian=3), optimum(-3300.0))
