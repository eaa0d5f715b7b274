"""Hock–Schittkowski 54: a normal density on a line.

    minimize    -exp(-(u / (1 - CORRELATION^2) + v) / 2), where z = (x - MEAN) / DEVIATION,
                u = z0^2 + 2 CORRELATION z0 z1 + z1^2,   v = z2^2 + z3^2 + z4^2 + z5^2
                MEAN = (1e4, 1, 2e6, 10, 1e-3, 1e8)
                DEVIATION = (8e3, 1, 7e6, 50, 0.05, 5e8), CORRELATION = 0.2
    subject to  x0 + 4000 x1 == 17600
                0 <= x0 <= 20000,   -10 <= x1 <= 10,   0 <= x2 <= 1e7,   0 <= x3 <= 20
                -1 <= x4 <= 1,   0 <= x5 <= 2e8,   start (6000, 1.5, 4e6, 2, 0.003, 5e7)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 54, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

MEAN = np.array([1e4, 1.0, 2e6, 10.0, 1e-3, 1e8])
DEVIATION = np.array([8e3, 1.0, 7e6, 50.0, 0.05, 5e8])
CORRELATION = 0.2
LOWER = np.array([0.0, -10.0, 0.0, 0.0, -1.0, 0.0])
UPPER = np.array([20000.0, 10.0, 10000000.0, 20.0, 1.0, 200000000.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs054")
    x = model.variable(
        "x",
        shape=6,
        lower=LOWER,
        upper=UPPER,
        start=[6000.0, 1.5, 4000000.0, 2.0, 0.003, 50000000.0],
    )
    z = (x - MEAN) / DEVIATION
    coupled = z[0] ** 2 + 2 * CORRELATION * z[0] * z[1] + z[1] ** 2
    model.minimize(-np.exp(-(coupled / (1 - CORRELATION**2) + np.sum(z[2:] ** 2)) / 2))
    model.subject_to(x[0] + 4000 * x[1] == 17600, name="line")
    return model


RECORD = record(54, build, Counts(6, 1, jacobian=2, hessian=21), optimum(-np.exp(-27 / 280)))
