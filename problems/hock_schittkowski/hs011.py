"""Hock–Schittkowski 11: distance to a point behind a parabola.

    minimize    (x0 - 5)^2 + x1^2 - 25
    subject to  x0^2 - x1 <= 0
                start (4.9, 0.1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 11, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs011")
    x = model.variable("x", shape=2, start=[4.9, 0.1])
    x0, x1 = x
    model.minimize((x0 - 5) ** 2 + x1**2 - 25)
    model.subject_to(x0**2 - x1 <= 0, name="parabola")
    return model


RECORD = record(11, build, Counts(2, 1, jacobian=2, hessian=2), optimum(-8.498464223, 9))
