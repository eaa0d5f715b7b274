"""Hock–Schittkowski 47: powers of differences along three curves.

    minimize    (x0 - x1)^2 + (x1 - x2)^3 + (x2 - x3)^4 + (x3 - x4)^4
    subject to  x0 + x1^2 + x2^3 == 3
                x1 - x2^2 + x3 == 1
                x0 x4 == 1
                start (2, sqrt(2), -1, 2 - sqrt(2), 0.5)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 47, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs047")
    x = model.variable("x", shape=5, start=[2.0, np.sqrt(2), -1.0, 2 - np.sqrt(2), 0.5])
    x0, x1, x2, x3, x4 = x
    model.minimize((x0 - x1) ** 2 + (x1 - x2) ** 3 + (x2 - x3) ** 4 + (x3 - x4) ** 4)
    model.subject_to(x0 + x1**2 + x2**3 == 3, name="first")
    model.subject_to(x1 - x2**2 + x3 == 1, name="second")
    model.subject_to(x0 * x4 == 1, name="product")
    return model


RECORD = record(47, build, Counts(5, 3, jacobian=8, hessian=10), optimum(0.0))
