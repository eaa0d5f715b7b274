"""Hock–Schittkowski 45: a product on a box.

    minimize    2 - x0 x1 x2 x3 x4 / 120
    subject to  0 <= x0 <= 1,   0 <= x1 <= 2,   0 <= x2 <= 3,   0 <= x3 <= 4,   0 <= x4 <= 5
                start 2 everywhere (outside the bounds in x0)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 45, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs045")
    x = model.variable("x", shape=5, lower=0.0, upper=[1.0, 2.0, 3.0, 4.0, 5.0], start=2.0)
    model.minimize(2 - np.prod(x) / 120)
    return model


RECORD = record(45, build, Counts(5, 0, jacobian=0, hessian=10), optimum(1.0))
