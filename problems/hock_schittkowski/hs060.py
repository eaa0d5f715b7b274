"""Hock–Schittkowski 60: powers of differences along a curve.

    minimize    (x0 - 1)^2 + (x0 - x1)^2 + (x1 - x2)^4
    subject to  x0 (1 + x1^2) + x2^4 == 4 + 3 sqrt(2)
                -10 <= x <= 10,   start (2, 2, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 60, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs060")
    x = model.variable("x", shape=3, lower=-10.0, upper=10.0, start=2.0)
    x0, x1, x2 = x
    model.minimize((x0 - 1) ** 2 + (x0 - x1) ** 2 + (x1 - x2) ** 4)
    model.subject_to(x0 * (1 + x1**2) + x2**4 == 4 + 3 * np.sqrt(2), name="curve")
    return model


RECORD = record(60, build, Counts(3, 1, jacobian=3, hessian=5), optimum(0.03256820025, 11))
