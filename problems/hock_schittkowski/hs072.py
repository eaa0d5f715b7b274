"""Hock–Schittkowski 72: an optimal sample size.

    minimize    1 + x0 + x1 + x2 + x3
    subject to  4 / x0 + 2.25 / x1 + 1 / x2 + 0.25 / x3 <= 0.0401
                0.16 / x0 + 0.36 / x1 + 0.64 / x2 + 0.64 / x3 <= 0.010085
                0.001 <= x0 <= 400000,   0.001 <= x1 <= 300000,   0.001 <= x2 <= 200000
                0.001 <= x3 <= 100000,   start 1 everywhere

All quantities are dimensionless. CUTEst's file prints 727.5888453.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 72, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs072")
    x = model.variable(
        "x", shape=4, lower=0.001, upper=[400000.0, 300000.0, 200000.0, 100000.0], start=1.0
    )
    x0, x1, x2, x3 = x
    model.minimize(1 + x0 + x1 + x2 + x3)
    model.subject_to(4 / x0 + 2.25 / x1 + 1 / x2 + 0.25 / x3 <= 0.0401, name="first")
    model.subject_to(0.16 / x0 + 0.36 / x1 + 0.64 / x2 + 0.64 / x3 <= 0.010085, name="second")
    return model


RECORD = record(72, build, Counts(4, 2, jacobian=8, hessian=4), optimum(727.67937, 5))
