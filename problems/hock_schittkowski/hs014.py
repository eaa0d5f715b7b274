"""Hock–Schittkowski 14: distance to a point, an ellipse and a line.

    minimize    (x0 - 2)^2 + (x1 - 1)^2
    subject to  0.25 x0^2 + x1^2 <= 1
                x0 - 2 x1 == -1
                x >= 0,   start (2, 2)

All quantities are dimensionless. CUTEst's file prints 1.42322464, which belongs to another variant.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 14, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs014")
    x = model.variable("x", shape=2, lower=0.0, start=2.0)
    x0, x1 = x
    model.minimize((x0 - 2) ** 2 + (x1 - 1) ** 2)
    model.subject_to(0.25 * x0**2 + x1**2 <= 1, name="ellipse")
    model.subject_to(x0 - 2 * x1 == -1, name="line")
    return model


RECORD = record(14, build, Counts(2, 2, jacobian=4, hessian=2), optimum(1.393464981, 9))
