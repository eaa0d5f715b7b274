"""Hock–Schittkowski 93: a transformer.

    minimize    0.0204 x0 x3 (x0 + x1 + x2)
                + 0.0187 x1 x2 (x0 + 1.57 x1 + x3)
                + 0.0607 x0 x3 x4^2 (x0 + x1 + x2)
                + 0.0437 x1 x2 x5^2 (x0 + 1.57 x1 + x3)
    subject to  0.001 x0 x1 x2 x3 x4 x5 >= 2.07
                0.00062 x0 x3 x4^2 (x0 + x1 + x2) + 0.00058 x1 x2 x5^2 (x0 + 1.57 x1 + x3) <= 1
                x >= 0,   start (5.54, 4.4, 12.02, 11.82, 0.702, 0.852)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 93, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs093")
    x = model.variable("x", shape=6, lower=0.0, start=[5.54, 4.4, 12.02, 11.82, 0.702, 0.852])
    x0, x1, x2, x3, x4, x5 = x
    model.minimize(
        0.0204 * x0 * x3 * (x0 + x1 + x2)
        + 0.0187 * x1 * x2 * (x0 + 1.57 * x1 + x3)
        + 0.0607 * x0 * x3 * x4**2 * (x0 + x1 + x2)
        + 0.0437 * x1 * x2 * x5**2 * (x0 + 1.57 * x1 + x3)
    )
    model.subject_to(0.001 * np.prod(x) >= 2.07, name="rating")
    model.subject_to(
        0.00062 * x0 * x3 * x4**2 * (x0 + x1 + x2)
        + 0.00058 * x1 * x2 * x5**2 * (x0 + 1.57 * x1 + x3)
        <= 1,
        name="losses",
    )
    return model


RECORD = record(93, build, Counts(6, 2, jacobian=12, hessian=19), optimum(135.075961, 6))
