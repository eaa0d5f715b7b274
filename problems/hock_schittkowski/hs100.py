"""Hock–Schittkowski 100: Wong's first problem.

    minimize    (x0 - 10)^2
                + 5 (x1 - 12)^2
                + x2^4
                + 3 (x3 - 11)^2
                + 10 x4^6
                + 7 x5^2
                + x6^4
                - 4 x5 x6
                - 10 x5
                - 8 x6
    subject to  2 x0^2 + 3 x1^4 + x2 + 4 x3^2 + 5 x4 <= 127
                7 x0 + 3 x1 + 10 x2^2 + x3 - x4 <= 282
                23 x0 + x1^2 + 6 x5^2 - 8 x6 <= 196
                -4 x0^2 - x1^2 + 3 x0 x1 - 2 x2^2 - 5 x5 + 11 x6 >= 0
                start (1, 2, 0, 4, 0, 1, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 100, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs100")
    x = model.variable("x", shape=7, start=[1.0, 2.0, 0.0, 4.0, 0.0, 1.0, 1.0])
    x0, x1, x2, x3, x4, x5, x6 = x
    model.minimize(
        (x0 - 10) ** 2
        + 5 * (x1 - 12) ** 2
        + x2**4
        + 3 * (x3 - 11) ** 2
        + 10 * x4**6
        + 7 * x5**2
        + x6**4
        - 4 * x5 * x6
        - 10 * x5
        - 8 * x6
    )
    model.subject_to(2 * x0**2 + 3 * x1**4 + x2 + 4 * x3**2 + 5 * x4 <= 127, name="first")
    model.subject_to(7 * x0 + 3 * x1 + 10 * x2**2 + x3 - x4 <= 282, name="second")
    model.subject_to(23 * x0 + x1**2 + 6 * x5**2 - 8 * x6 <= 196, name="third")
    model.subject_to(
        -4 * x0**2 - x1**2 + 3 * x0 * x1 - 2 * x2**2 - 5 * x5 + 11 * x6 >= 0, name="fourth"
    )
    return model


RECORD = record(100, build, Counts(7, 4, jacobian=19, hessian=9), optimum(680.6300573, 7))
