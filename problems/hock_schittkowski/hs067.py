"""Hock–Schittkowski 67: alkylation process, with its intermediate quantities as variables.

    minimize    5.04 x0 + 0.035 x1 + 10 x2 + 3.36 x4 - 0.063 x3 x6
    subject to  1.22 x3 - x0 - x4 == 0
                (x1 + x4) / x0 - x7 == 0
                0.01 x0 (112 + 13.167 x7 - 0.6667 x7^2) - x3 == 0
                86.35 + 1.098 x7 - 0.038 x7^2 + 0.325 (x5 - 89) - x6 == 0
                3 x6 - 133 - x9 == 0
                35.82 - 0.222 x9 - x8 == 0
                98000 x2 / (x3 x8 + 1000 x2) - x5 == 0
                1e-5 <= x0 <= 2000,   1e-5 <= x1 <= 16000,   1e-5 <= x2 <= 120
                0 <= x3 <= 5000,   0 <= x4 <= 2000,   85 <= x5 <= 93,   90 <= x6 <= 95
                3 <= x7 <= 12,   0.01 <= x8 <= 4,   145 <= x9 <= 162
                start (1745, 12000, 110, 3048, 1974, 89.2, 92.8, 8, 3.6, 145)

All quantities are dimensionless. The book has three variables, and a fixed-point iteration for the
others; here all ten are variables and the iteration's equations are constraints.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 67, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

LOWER = np.array([1e-5, 1e-5, 1e-5, 0.0, 0.0, 85.0, 90.0, 3.0, 0.01, 145.0])
UPPER = np.array([2000.0, 16000.0, 120.0, 5000.0, 2000.0, 93.0, 95.0, 12.0, 4.0, 162.0])
START = np.array([1745.0, 12000.0, 110.0, 3048.0, 1974.0, 89.2, 92.8, 8.0, 3.6, 145.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs067")
    x = model.variable("x", shape=10, lower=LOWER, upper=UPPER, start=START)
    x0, x1, x2, x3, x4, x5, x6, x7, x8, x9 = x
    model.minimize(5.04 * x0 + 0.035 * x1 + 10 * x2 + 3.36 * x4 - 0.063 * x3 * x6)
    model.subject_to(1.22 * x3 - x0 - x4 == 0, name="volume")
    model.subject_to((x1 + x4) / x0 - x7 == 0, name="ratio")
    model.subject_to(0.01 * x0 * (112 + 13.167 * x7 - 0.6667 * x7**2) - x3 == 0, name="yield_")
    model.subject_to(
        86.35 + 1.098 * x7 - 0.038 * x7**2 + 0.325 * (x5 - 89) - x6 == 0, name="octane"
    )
    model.subject_to(3 * x6 - 133 - x9 == 0, name="performance")
    model.subject_to(35.82 - 0.222 * x9 - x8 == 0, name="dilution")
    model.subject_to(98000 * x2 / (x3 * x8 + 1000 * x2) - x5 == 0, name="strength")
    return model


RECORD = record(67, build, Counts(10, 7, jacobian=21, hessian=12), optimum(-1162.02698006, 8))
