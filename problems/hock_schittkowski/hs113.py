"""Hock–Schittkowski 113: Wong's second problem.

    minimize    x0^2
                + x1^2
                + x0 x1
                - 14 x0
                - 16 x1
                + (x2 - 10)^2
                + 4 (x3 - 5)^2
                + (x4 - 3)^2
                + 2 (x5 - 1)^2
                + 5 x6^2
                + 7 (x7 - 11)^2
                + 2 (x8 - 10)^2
                + (x9 - 7)^2
                + 45
    subject to  4 x0 + 5 x1 - 3 x6 + 9 x7 <= 105
                10 x0 - 8 x1 - 17 x6 + 2 x7 <= 0
                -8 x0 + 2 x1 + 5 x8 - 2 x9 <= 12
                3 (x0 - 2)^2 + 4 (x1 - 3)^2 + 2 x2^2 - 7 x3 <= 120
                5 x0^2 + 8 x1 + (x2 - 6)^2 - 2 x3 <= 40
                0.5 (x0 - 8)^2 + 2 (x1 - 4)^2 + 3 x4^2 - x5 <= 30
                x0^2 + 2 (x1 - 2)^2 - 2 x0 x1 + 14 x4 - 6 x5 <= 0
                -3 x0 + 6 x1 + 12 (x8 - 8)^2 - 7 x9 <= 0
                start (2, 3, 5, 5, 1, 2, 7, 3, 6, 10)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 113, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs113")
    x = model.variable("x", shape=10, start=[2.0, 3.0, 5.0, 5.0, 1.0, 2.0, 7.0, 3.0, 6.0, 10.0])
    x0, x1, x2, x3, x4, x5, x6, x7, x8, x9 = x
    model.minimize(
        x0**2
        + x1**2
        + x0 * x1
        - 14 * x0
        - 16 * x1
        + (x2 - 10) ** 2
        + 4 * (x3 - 5) ** 2
        + (x4 - 3) ** 2
        + 2 * (x5 - 1) ** 2
        + 5 * x6**2
        + 7 * (x7 - 11) ** 2
        + 2 * (x8 - 10) ** 2
        + (x9 - 7) ** 2
        + 45
    )
    model.subject_to(4 * x0 + 5 * x1 - 3 * x6 + 9 * x7 <= 105, name="first")
    model.subject_to(10 * x0 - 8 * x1 - 17 * x6 + 2 * x7 <= 0, name="second")
    model.subject_to(-8 * x0 + 2 * x1 + 5 * x8 - 2 * x9 <= 12, name="third")
    model.subject_to(
        3 * (x0 - 2) ** 2 + 4 * (x1 - 3) ** 2 + 2 * x2**2 - 7 * x3 <= 120, name="fourth"
    )
    model.subject_to(5 * x0**2 + 8 * x1 + (x2 - 6) ** 2 - 2 * x3 <= 40, name="fifth")
    model.subject_to(0.5 * (x0 - 8) ** 2 + 2 * (x1 - 4) ** 2 + 3 * x4**2 - x5 <= 30, name="sixth")
    model.subject_to(
        x0**2 + 2 * (x1 - 2) ** 2 - 2 * x0 * x1 + 14 * x4 - 6 * x5 <= 0, name="seventh"
    )
    model.subject_to(-3 * x0 + 6 * x1 + 12 * (x8 - 8) ** 2 - 7 * x9 <= 0, name="eighth")
    return model


RECORD = record(113, build, Counts(10, 8, jacobian=32, hessian=11), optimum(24.3062091, 7))
