"""Hock–Schittkowski 114: alkylation process.

    minimize    5.04 x0 + 0.035 x1 + 10 x2 + 3.36 x4 - 0.063 x3 x6
    subject to  four regressions r_i(x), each within a factor of the quantity they describe:
                B x8 <= 35.82 - 0.222 x9 <= x8 / B,   A x9 <= 3 x6 - 133 <= x9 / A
                A x3 <= 1.12 x0 + 0.13167 x0 x7 - 0.00667 x0 x7^2 <= x3 / A
                A x6 <= 57.425 + 1.098 x7 - 0.038 x7^2 + 0.325 x5 <= x6 / A
                1.22 x3 - x0 - x4 = 0,   98000 x2 / (x3 x8 + 1000 x2) = x5,   (x1 + x4) / x0 = x7
                A = 0.99, B = 0.9
                1e-5 <= x0, x4 <= 2000,   1e-5 <= x1 <= 16000,   1e-5 <= x2 <= 120
                1e-5 <= x3 <= 5000,   85 <= x5 <= 93,   90 <= x6 <= 95,   3 <= x7 <= 12
                1.2 <= x8 <= 4,   145 <= x9 <= 162
                start (1745, 12000, 110, 3048, 1974, 89.2, 92.8, 8, 3.6, 145)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 114, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

A, B = 0.99, 0.9
LOWER = np.array([1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 85.0, 90.0, 3.0, 1.2, 145.0])
UPPER = np.array([2000.0, 16000.0, 120.0, 5000.0, 2000.0, 93.0, 95.0, 12.0, 4.0, 162.0])
START = np.array([1745.0, 12000.0, 110.0, 3048.0, 1974.0, 89.2, 92.8, 8.0, 3.6, 145.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs114")
    x = model.variable("x", shape=10, lower=LOWER, upper=UPPER, start=START)
    x0, x1, x2, x3, x4, x5, x6, x7, x8, x9 = x
    model.minimize(5.04 * x0 + 0.035 * x1 + 10 * x2 + 3.36 * x4 - 0.063 * x3 * x6)
    regressions = {
        "dilution": (35.82 - 0.222 * x9, x8, B),
        "performance": (3 * x6 - 133, x9, A),
        "yield_": (1.12 * x0 + 0.13167 * x0 * x7 - 0.00667 * x0 * x7**2, x3, A),
        "octane": (57.425 + 1.098 * x7 - 0.038 * x7**2 + 0.325 * x5, x6, A),
    }
    for name, (value, quantity, factor) in regressions.items():
        model.subject_to(value - factor * quantity >= 0, name=f"{name}_lower")
        model.subject_to(quantity / factor - value >= 0, name=f"{name}_upper")
    model.subject_to(1.22 * x3 - x0 - x4 == 0, name="volume")
    model.subject_to(98000 * x2 / (x3 * x8 + 1000 * x2) - x5 == 0, name="strength")
    model.subject_to((x1 + x4) / x0 - x7 == 0, name="ratio")
    return model


RECORD = record(114, build, Counts(10, 11, jacobian=31, hessian=12), optimum(-1768.80696, 5))
