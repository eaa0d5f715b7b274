"""Hock–Schittkowski 8: a point on a circle and a hyperbola.

    minimize    -1
    subject to  x0^2 + x1^2 == 25
                x0 x1 == 9
                start (2, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 8, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs008")
    x = model.variable("x", shape=2, start=[2.0, 1.0])
    x0, x1 = x
    model.minimize(-1)
    model.subject_to(x0**2 + x1**2 == 25, name="circle")
    model.subject_to(x0 * x1 == 9, name="hyperbola")
    return model


RECORD = record(8, build, Counts(2, 2, jacobian=4, hessian=3), optimum(-1.0))
