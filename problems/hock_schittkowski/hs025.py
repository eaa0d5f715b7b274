"""Hock–Schittkowski 25: Weibull fit of 99 points.

    minimize    sum_{i=1}^{99}  (exp(-(u_i - x1)^x2 / x0) - 0.01 i)^2
                u_i = 25 + (-50 ln(0.01 i))^(2/3)
    subject to  0.1 <= x0 <= 100,   0 <= x1 <= 25.6,   0 <= x2 <= 5
                start (100, 12.5, 3)

All quantities are dimensionless. At the start the objective is flat to about 1e-7: the data are
reached only by following second derivatives.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 25, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

LEVELS = 0.01 * np.arange(1, 100)
POINTS = 25 + (-50 * np.log(LEVELS)) ** (2 / 3)


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs025")
    x = model.variable(
        "x", shape=3, lower=[0.1, 0.0, 0.0], upper=[100.0, 25.6, 5.0], start=[100.0, 12.5, 3.0]
    )
    x0, x1, x2 = x
    model.minimize(np.sum((np.exp(-((POINTS - x1) ** x2) / x0) - LEVELS) ** 2))
    return model


RECORD = record(25, build, Counts(3, 0, jacobian=0, hessian=6), optimum(0.0))
