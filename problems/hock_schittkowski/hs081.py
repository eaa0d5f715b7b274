"""Hock–Schittkowski 81: exponential of a product on three surfaces, penalized.

    minimize    exp(x0 x1 x2 x3 x4) - 0.5 (x0^3 + x1^3 + 1)^2
    subject to  x0^2 + x1^2 + x2^2 + x3^2 + x4^2 == 10
                x1 x2 - 5 x3 x4 == 0
                x0^3 + x1^3 == -1
                -2.3 <= x0, x1 <= 2.3,   -3.2 <= x2, x3, x4 <= 3.2,   start (-2, 2, 2, -1, -1)

All quantities are dimensionless. CUTEst's file prints 0.539498, a slipped decimal.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 81, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

LOWER = np.array([-2.3, -2.3, -3.2, -3.2, -3.2])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs081")
    x = model.variable(
        "x",
        shape=5,
        lower=LOWER,
        upper=[2.3, 2.3, 3.2, 3.2, 3.2],
        start=[-2.0, 2.0, 2.0, -1.0, -1.0],
    )
    x0, x1, x2, x3, x4 = x
    model.minimize(np.exp(x0 * x1 * x2 * x3 * x4) - 0.5 * (x0**3 + x1**3 + 1) ** 2)
    model.subject_to(x0**2 + x1**2 + x2**2 + x3**2 + x4**2 == 10, name="sphere")
    model.subject_to(x1 * x2 - 5 * x3 * x4 == 0, name="products")
    model.subject_to(x0**3 + x1**3 == -1, name="cubes")
    return model


RECORD = record(81, build, Counts(5, 3, jacobian=11, hessian=15), optimum(0.0539498478, 10))
