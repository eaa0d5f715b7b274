"""Hock–Schittkowski 19: cubics between two circles.

    minimize    (x0 - 10)^3 + (x1 - 20)^3
    subject to  (x0 - 5)^2 + (x1 - 5)^2 >= 100
                (x0 - 6)^2 + (x1 - 5)^2 <= 82.81
                13 <= x0 <= 100,   0 <= x1 <= 100,   start (20.1, 5.84)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 19, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs019")
    x = model.variable("x", shape=2, lower=[13.0, 0.0], upper=100.0, start=[20.1, 5.84])
    x0, x1 = x
    model.minimize((x0 - 10) ** 3 + (x1 - 20) ** 3)
    model.subject_to((x0 - 5) ** 2 + (x1 - 5) ** 2 >= 100, name="outside")
    model.subject_to((x0 - 6) ** 2 + (x1 - 5) ** 2 <= 82.81, name="inside")
    return model


RECORD = record(
    19,
    build,
    Counts(2, 2, jacobian=4, hessian=2),
    optimum(
        -6961.81388,
        5,
        source="recomputed by CasADi 3.8.2 with IPOPT 3.14.19: -6961.813875580; the book "
        "prints -6961.81381",
    ),
)
