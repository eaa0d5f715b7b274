"""Hock–Schittkowski 84: profit of a chemical process.

    minimize    24345 - x0 (PROFIT · y)
    subject to  0 <= x0 (USE y)_i <= LIMIT_i,
                y = (1, x1, x2, x3, x4); tables below
                0 <= x0 <= 1000,   1.2 <= x1 <= 2.4,   20 <= x2 <= 60,   9 <= x3 <= 9.3
                6.5 <= x4 <= 7,   start (2.52, 2, 37.5, 9.25, 6.8)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 84, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

PROFIT = np.array([-8720288.849, 150512.5253, -156.6950325, 476470.3222, 729482.8271])
USE = np.array(
    [
        [-145421.402, 2931.1506, -40.427932, 5106.192, 15711.36],
        [-155011.1084, 4360.53352, 12.9492344, 10236.884, 13176.786],
        [-326669.5104, 7390.68412, -27.8986976, 16643.076, 30988.146],
    ]
)
LIMIT = np.array([294000.0, 294000.0, 277200.0])
LOWER = np.array([0.0, 1.2, 20.0, 9.0, 6.5])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs084")
    x = model.variable(
        "x",
        shape=5,
        lower=LOWER,
        upper=[1000.0, 2.4, 60.0, 9.3, 7.0],
        start=[2.52, 2.0, 37.5, 9.25, 6.8],
    )
    y = np.concatenate([[1.0], x[1:]])
    model.minimize(24345 - x[0] * (PROFIT @ y))
    use = x[0] * (USE @ y)
    model.subject_to(use, lower=0.0, upper=LIMIT, name="use")
    return model


RECORD = record(84, build, Counts(5, 3, jacobian=15, hessian=4), optimum(-5280335.133, 3))
