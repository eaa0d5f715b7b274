"""Hock–Schittkowski 22: distance to a point, a line and a parabola.

    minimize    (x0 - 2)^2 + (x1 - 1)^2
    subject to  x0 + x1 <= 2
                x1 - x0^2 >= 0
                start (2, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 22, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs022")
    x = model.variable("x", shape=2, start=2.0)
    x0, x1 = x
    model.minimize((x0 - 2) ** 2 + (x1 - 1) ** 2)
    model.subject_to(x0 + x1 <= 2, name="line")
    model.subject_to(x1 - x0**2 >= 0, name="parabola")
    return model


RECORD = record(22, build, Counts(2, 2, jacobian=4, hessian=2), optimum(1.0))
