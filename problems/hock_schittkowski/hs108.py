"""Hock–Schittkowski 108: largest hexagon of diameter one.

    minimize    -0.5 (x0 x3 - x1 x2 + x2 x8 - x4 x8 + x4 x7 - x5 x6)
    subject to  x2^2 + x3^2 <= 1
                x8^2 <= 1
                x4^2 + x5^2 <= 1
                x0^2 + (x1 - x8)^2 <= 1
                (x0 - x4)^2 + (x1 - x5)^2 <= 1
                (x0 - x6)^2 + (x1 - x7)^2 <= 1
                (x2 - x4)^2 + (x3 - x5)^2 <= 1
                (x2 - x6)^2 + (x3 - x7)^2 <= 1
                x6^2 + (x7 - x8)^2 <= 1
                x0 x3 - x1 x2 >= 0
                x2 x8 >= 0
                x4 x8 <= 0
                x4 x7 - x5 x6 >= 0
                x8 >= 0,   start 1 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 108, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

LOWER = np.array([-np.inf, -np.inf, -np.inf, -np.inf, -np.inf, -np.inf, -np.inf, -np.inf, 0.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs108")
    x = model.variable("x", shape=9, lower=LOWER, start=1.0)
    x0, x1, x2, x3, x4, x5, x6, x7, x8 = x
    model.minimize(-0.5 * (x0 * x3 - x1 * x2 + x2 * x8 - x4 * x8 + x4 * x7 - x5 * x6))
    model.subject_to(x2**2 + x3**2 <= 1, name="s1")
    model.subject_to(x8**2 <= 1, name="s2")
    model.subject_to(x4**2 + x5**2 <= 1, name="s3")
    model.subject_to(x0**2 + (x1 - x8) ** 2 <= 1, name="s4")
    model.subject_to((x0 - x4) ** 2 + (x1 - x5) ** 2 <= 1, name="s5")
    model.subject_to((x0 - x6) ** 2 + (x1 - x7) ** 2 <= 1, name="s6")
    model.subject_to((x2 - x4) ** 2 + (x3 - x5) ** 2 <= 1, name="s7")
    model.subject_to((x2 - x6) ** 2 + (x3 - x7) ** 2 <= 1, name="s8")
    model.subject_to(x6**2 + (x7 - x8) ** 2 <= 1, name="s9")
    model.subject_to(x0 * x3 - x1 * x2 >= 0, name="a1")
    model.subject_to(x2 * x8 >= 0, name="a2")
    model.subject_to(x4 * x8 <= 0, name="a3")
    model.subject_to(x4 * x7 - x5 * x6 >= 0, name="a4")
    return model


RECORD = record(
    108,
    build,
    Counts(9, 13, jacobian=39, hessian=25),
    optimum(
        -0.6749814,
        7,
        source="local optimum that IPOPT reaches from the start of the book, which prints the "
        "global one, -0.8660254038",
        best=-0.8660254038,
    ),
)
