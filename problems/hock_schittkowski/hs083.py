"""Hock–Schittkowski 83: Colville 3, a refinery.

    minimize    5.3578547 x2^2 + 0.8356891 x0 x4 + 37.293239 x0 - 40792.141
    subject to  0 <= 85.334407 + 0.0056858 x1 x4 + 0.0006262 x0 x3 - 0.0022053 x2 x4 <= 92
                90 <= 80.51249 + 0.0071317 x1 x4 + 0.0029955 x0 x1 + 0.0021813 x2^2 <= 110
                20 <= 9.300961 + 0.0047026 x2 x4 + 0.0012547 x0 x2 + 0.0019085 x2 x3 <= 25
                78 <= x0 <= 102,   33 <= x1 <= 45,   27 <= x2, x3, x4 <= 45
                start (78, 33, 27, 27, 27)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 83, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

LOWER = np.array([78.0, 33.0, 27.0, 27.0, 27.0])
UPPER = np.array([102.0, 45.0, 45.0, 45.0, 45.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs083")
    x = model.variable("x", shape=5, lower=LOWER, upper=UPPER, start=[78.0, 33.0, 27.0, 27.0, 27.0])
    x0, x1, x2, x3, x4 = x
    model.minimize(5.3578547 * x2**2 + 0.8356891 * x0 * x4 + 37.293239 * x0 - 40792.141)
    first = 85.334407 + 0.0056858 * x1 * x4 + 0.0006262 * x0 * x3 - 0.0022053 * x2 * x4
    second = 80.51249 + 0.0071317 * x1 * x4 + 0.0029955 * x0 * x1 + 0.0021813 * x2**2
    third = 9.300961 + 0.0047026 * x2 * x4 + 0.0012547 * x0 * x2 + 0.0019085 * x2 * x3
    model.subject_to(first, lower=0.0, upper=92.0, name="first")
    model.subject_to(second, lower=90.0, upper=110.0, name="second")
    model.subject_to(third, lower=20.0, upper=25.0, name="third")
    return model


RECORD = record(83, build, Counts(5, 3, jacobian=13, hessian=8), optimum(-30665.53867, 5))
