"""Hock–Schittkowski 43: Rosen and Suzuki.

    minimize    x0^2 + x1^2 + 2 x2^2 + x3^2 - 5 x0 - 5 x1 - 21 x2 + 7 x3
    subject to  x0^2 + x1^2 + x2^2 + x3^2 + x0 - x1 + x2 - x3 <= 8
                x0^2 + 2 x1^2 + x2^2 + 2 x3^2 - x0 - x3 <= 10
                2 x0^2 + x1^2 + x2^2 + 2 x0 - x1 - x3 <= 5
                start 0 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 43, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs043")
    x = model.variable("x", shape=4, start=0.0)
    x0, x1, x2, x3 = x
    model.minimize(x0**2 + x1**2 + 2 * x2**2 + x3**2 - 5 * x0 - 5 * x1 - 21 * x2 + 7 * x3)
    model.subject_to(x0**2 + x1**2 + x2**2 + x3**2 + x0 - x1 + x2 - x3 <= 8, name="first")
    model.subject_to(x0**2 + 2 * x1**2 + x2**2 + 2 * x3**2 - x0 - x3 <= 10, name="second")
    model.subject_to(2 * x0**2 + x1**2 + x2**2 + 2 * x0 - x1 - x3 <= 5, name="third")
    return model


RECORD = record(43, build, Counts(4, 3, jacobian=12, hessian=4), optimum(-44.0))
