"""Hock–Schittkowski 116: three-stage membrane separation.

    minimize    x10 + x11 + x12
    subject to  x2 - x1 >= 0
                x1 - x0 >= 0
                1 - 0.002 x6 + 0.002 x7 >= 0
                x10 + x11 + x12 >= 50
                x12 - 1.262626 x9 + 1.231059 x2 x9 >= 0
                x4 - 0.03475 x1 - 0.975 x1 x4 + 0.00975 x1^2 >= 0
                x5 - 0.03475 x2 - 0.975 x2 x5 + 0.00975 x2^2 >= 0
                x4 x6 - x0 x7 - x3 x6 + x3 x7 >= 0
                1 - 0.002 (x1 x8 + x4 x7 - x0 x7 - x5 x8) - x4 - x5 >= 0
                x1 x8 - x2 x9 - x5 x8 - 500 x1 + 500 x5 + x1 x9 >= 0
                x1 - 0.9 - 0.002 (x1 x9 - x2 x9) >= 0
                x3 - 0.03475 x0 - 0.975 x0 x3 + 0.00975 x0^2 >= 0
                x10 - 1.262626 x7 + 1.231059 x0 x7 >= 0
                x11 - 1.262626 x8 + 1.231059 x1 x8 >= 0
                x10 + x11 + x12 <= 250
                0.1 <= x0, x1, x2 <= 1,   0.0001 <= x3 <= 0.1,   0.1 <= x4, x5 <= 0.9
                0.1 <= x6, x7 <= 1000,   500 <= x8 <= 1000,   0.1 <= x9 <= 500,   1 <= x10 <= 150
                0.0001 <= x11, x12 <= 150
                start (0.5, 0.8, 0.9, 0.1, 0.14, 0.5, 489, 80, 650, 450, 150, 150, 150)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 116, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

LOWER = np.array([0.1, 0.1, 0.1, 0.0001, 0.1, 0.1, 0.1, 0.1, 500.0, 0.1, 1.0, 0.0001, 0.0001])
UPPER = np.array([1.0, 1.0, 1.0, 0.1, 0.9, 0.9, 1000.0, 1000.0, 1000.0, 500.0, 150.0, 150.0, 150.0])
START = np.array([0.5, 0.8, 0.9, 0.1, 0.14, 0.5, 489.0, 80.0, 650.0, 450.0, 150.0, 150.0, 150.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs116")
    x = model.variable("x", shape=13, lower=LOWER, upper=UPPER, start=START)
    x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12 = x
    model.minimize(x10 + x11 + x12)
    model.subject_to(x2 - x1 >= 0, name="g1")
    model.subject_to(x1 - x0 >= 0, name="g2")
    model.subject_to(1 - 0.002 * x6 + 0.002 * x7 >= 0, name="g3")
    model.subject_to(x10 + x11 + x12 >= 50, name="g4")
    model.subject_to(x12 - 1.262626 * x9 + 1.231059 * x2 * x9 >= 0, name="g5")
    model.subject_to(x4 - 0.03475 * x1 - 0.975 * x1 * x4 + 0.00975 * x1**2 >= 0, name="g6")
    model.subject_to(x5 - 0.03475 * x2 - 0.975 * x2 * x5 + 0.00975 * x2**2 >= 0, name="g7")
    model.subject_to(x4 * x6 - x0 * x7 - x3 * x6 + x3 * x7 >= 0, name="g8")
    model.subject_to(1 - 0.002 * (x1 * x8 + x4 * x7 - x0 * x7 - x5 * x8) - x4 - x5 >= 0, name="g9")
    model.subject_to(x1 * x8 - x2 * x9 - x5 * x8 - 500 * x1 + 500 * x5 + x1 * x9 >= 0, name="g10")
    model.subject_to(x1 - 0.9 - 0.002 * (x1 * x9 - x2 * x9) >= 0, name="g11")
    model.subject_to(x3 - 0.03475 * x0 - 0.975 * x0 * x3 + 0.00975 * x0**2 >= 0, name="g12")
    model.subject_to(x10 - 1.262626 * x7 + 1.231059 * x0 * x7 >= 0, name="g13")
    model.subject_to(x11 - 1.262626 * x8 + 1.231059 * x1 * x8 >= 0, name="g14")
    model.subject_to(x10 + x11 + x12 <= 250, name="g15")
    return model


RECORD = record(
    116,
    build,
    Counts(13, 15, jacobian=46, hessian=15),
    optimum(
        97.5875096,
        7,
        source="recomputed by CasADi 3.8.2 with IPOPT 3.14.19; the book prints 97.588409, "
        "whose point is rounded",
    ),
)
