"""Hock–Schittkowski 44: a bilinear function on two polygons.

    minimize    x0 - x1 - x2 - x0 x2 + x0 x3 + x1 x2 - x1 x3
    subject to  x0 + 2 x1 <= 8
                4 x0 + x1 <= 12
                3 x0 + 4 x1 <= 12
                2 x2 + x3 <= 8
                x2 + 2 x3 <= 8
                x2 + x3 <= 5
                x >= 0,   start 0 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 44, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs044")
    x = model.variable("x", shape=4, lower=0.0, start=0.0)
    x0, x1, x2, x3 = x
    model.minimize(x0 - x1 - x2 - x0 * x2 + x0 * x3 + x1 * x2 - x1 * x3)
    model.subject_to(x0 + 2 * x1 <= 8, name="first")
    model.subject_to(4 * x0 + x1 <= 12, name="second")
    model.subject_to(3 * x0 + 4 * x1 <= 12, name="third")
    model.subject_to(2 * x2 + x3 <= 8, name="fourth")
    model.subject_to(x2 + 2 * x3 <= 8, name="fifth")
    model.subject_to(x2 + x3 <= 5, name="sixth")
    return model


RECORD = record(
    44,
    build,
    Counts(4, 6, jacobian=12, hessian=4),
    optimum(
        -13.0,
        source="local optimum that IPOPT reaches from the book's start, as printed in CUTEst's "
        "HS44.SIF; the book prints the global optimum -15",
        best=-15.0,
    ),
)
