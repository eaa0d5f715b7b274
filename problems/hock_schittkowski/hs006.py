"""Hock–Schittkowski 6: distance to a line along a parabola.

    minimize    (1 - x0)^2
    subject to  10 (x1 - x0^2) == 0
                start (-1.2, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 6, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs006")
    x = model.variable("x", shape=2, start=[-1.2, 1.0])
    x0, x1 = x
    model.minimize((1 - x0) ** 2)
    model.subject_to(10 * (x1 - x0**2) == 0, name="parabola")
    return model


RECORD = record(6, build, Counts(2, 1, jacobian=2, hessian=1), optimum(0.0))
