"""Hock–Schittkowski 79: powers of differences on three surfaces.

    minimize    (x0 - 1)^2 + (x0 - x1)^2 + (x1 - x2)^2 + (x2 - x3)^4 + (x3 - x4)^4
    subject to  x0 + x1^2 + x2^3 == 2 + 3 sqrt(2)
                x1 - x2^2 + x3 == -2 + 2 sqrt(2)
                x0 x4 == 2
                start 2 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 79, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs079")
    x = model.variable("x", shape=5, start=2.0)
    x0, x1, x2, x3, x4 = x
    model.minimize(
        (x0 - 1) ** 2 + (x0 - x1) ** 2 + (x1 - x2) ** 2 + (x2 - x3) ** 4 + (x3 - x4) ** 4
    )
    model.subject_to(x0 + x1**2 + x2**3 == 2 + 3 * np.sqrt(2), name="first")
    model.subject_to(x1 - x2**2 + x3 == -2 + 2 * np.sqrt(2), name="second")
    model.subject_to(x0 * x4 == 2, name="product")
    return model


RECORD = record(79, build, Counts(5, 3, jacobian=8, hessian=10), optimum(0.0787768209, 10))
