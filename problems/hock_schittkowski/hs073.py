"""Hock–Schittkowski 73: cattle feed.

    minimize    24.55 x0 + 26.75 x1 + 39 x2 + 40.5 x3
    subject to  2.3 x0 + 5.6 x1 + 11.1 x2 + 1.3 x3 >= 5
                12 x0 + 11.9 x1 + 41.8 x2 + 52.1 x3 - 1.645 sqrt(0.28 x0^2 + 0.19 x1^2 + 20.5 x2^2 +
                0.62 x3^2) >= 21
                x0 + x1 + x2 + x3 == 1
                x >= 0,   start 1 everywhere

All quantities are dimensionless. CUTEst's file prints 29.89422123.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 73, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs073")
    x = model.variable("x", shape=4, lower=0.0, start=1.0)
    x0, x1, x2, x3 = x
    model.minimize(24.55 * x0 + 26.75 * x1 + 39 * x2 + 40.5 * x3)
    model.subject_to(2.3 * x0 + 5.6 * x1 + 11.1 * x2 + 1.3 * x3 >= 5, name="protein")
    model.subject_to(
        12 * x0
        + 11.9 * x1
        + 41.8 * x2
        + 52.1 * x3
        - 1.645 * np.sqrt(0.28 * x0**2 + 0.19 * x1**2 + 20.5 * x2**2 + 0.62 * x3**2)
        >= 21,
        name="fat",
    )
    model.subject_to(x0 + x1 + x2 + x3 == 1, name="mix")
    return model


RECORD = record(73, build, Counts(4, 3, jacobian=12, hessian=10), optimum(29.894378, 6))
