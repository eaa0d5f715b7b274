"""Hock–Schittkowski 3: nearly linear in one direction.

    minimize    x1 + 1e-5 (x1 - x0)^2
    subject to  x1 >= 0
                start (10, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 3, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs003")
    x = model.variable("x", shape=2, lower=[-np.inf, 0.0], start=[10.0, 1.0])
    x0, x1 = x
    model.minimize(x1 + 1e-5 * (x1 - x0) ** 2)
    return model


RECORD = record(3, build, Counts(2, 0, jacobian=0, hessian=3), optimum(0.0))
