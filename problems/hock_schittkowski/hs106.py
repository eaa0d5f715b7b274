"""Hock–Schittkowski 106: heat exchangers in a series.

    minimize    x0 + x1 + x2
    subject to  0.0025 (x3 + x5) <= 1
                0.0025 (x4 + x6 - x3) <= 1
                0.01 (x7 - x4) <= 1
                x0 x5 - 833.33252 x3 - 100 x0 >= -83333.333
                x1 x6 - 1250 x4 - x1 x3 + 1250 x3 >= 0
                x2 x7 - x2 x4 + 2500 x4 >= 1250000
                100 <= x0 <= 10000,   1000 <= x1, x2 <= 10000,   10 <= x3, x4, x5, x6, x7 <= 1000
                start (5000, 5000, 5000, 200, 350, 150, 225, 425)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 106, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

LOWER = np.array([100.0, 1000.0, 1000.0, 10.0, 10.0, 10.0, 10.0, 10.0])
UPPER = np.array([10000.0, 10000.0, 10000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0])
START = np.array([5000.0, 5000.0, 5000.0, 200.0, 350.0, 150.0, 225.0, 425.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs106")
    x = model.variable("x", shape=8, lower=LOWER, upper=UPPER, start=START)
    x0, x1, x2, x3, x4, x5, x6, x7 = x
    model.minimize(x0 + x1 + x2)
    model.subject_to(0.0025 * (x3 + x5) <= 1, name="first")
    model.subject_to(0.0025 * (x4 + x6 - x3) <= 1, name="second")
    model.subject_to(0.01 * (x7 - x4) <= 1, name="third")
    model.subject_to(x0 * x5 - 833.33252 * x3 - 100 * x0 >= -83333.333, name="first_exchanger")
    model.subject_to(x1 * x6 - 1250 * x4 - x1 * x3 + 1250 * x3 >= 0, name="second_exchanger")
    model.subject_to(x2 * x7 - x2 * x4 + 2500 * x4 >= 1250000, name="third_exchanger")
    return model


RECORD = record(
    106,
    build,
    Counts(8, 6, jacobian=17, hessian=5),
    optimum(
        7049.248,
        4,
        source="recomputed by IPOPT 3.14; the book prints 7049.330923, short of the optimum by "
        "1e-5",
    ),
)
