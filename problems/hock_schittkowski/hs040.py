"""Hock–Schittkowski 40: a product on three curves.

    minimize    -x0 x1 x2 x3
    subject to  x0^3 + x1^2 == 1
                x0^2 x3 - x2 == 0
                x3^2 - x1 == 0
                start 0.8 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 40, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs040")
    x = model.variable("x", shape=4, start=0.8)
    x0, x1, x2, x3 = x
    model.minimize(-x0 * x1 * x2 * x3)
    model.subject_to(x0**3 + x1**2 == 1, name="cubic")
    model.subject_to(x0**2 * x3 - x2 == 0, name="product")
    model.subject_to(x3**2 - x1 == 0, name="parabola")
    return model


RECORD = record(40, build, Counts(4, 3, jacobian=7, hessian=9), optimum(-0.25))
