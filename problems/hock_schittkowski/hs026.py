"""Hock–Schittkowski 26: quartic terms along a curve.

    minimize    (x0 - x1)^2 + (x1 - x2)^4
    subject to  (1 + x1^2) x0 + x2^4 == 3
                start (-2.6, 2, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 26, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs026")
    x = model.variable("x", shape=3, start=[-2.6, 2.0, 2.0])
    x0, x1, x2 = x
    model.minimize((x0 - x1) ** 2 + (x1 - x2) ** 4)
    model.subject_to((1 + x1**2) * x0 + x2**4 == 3, name="curve")
    return model


RECORD = record(26, build, Counts(3, 1, jacobian=3, hessian=5), optimum(0.0))
