"""Hock–Schittkowski 28: two squares on a plane.

    minimize    (x0 + x1)^2 + (x1 + x2)^2
    subject to  x0 + 2 x1 + 3 x2 == 1
                start (-4, 1, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 28, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs028")
    x = model.variable("x", shape=3, start=[-4.0, 1.0, 1.0])
    x0, x1, x2 = x
    model.minimize((x0 + x1) ** 2 + (x1 + x2) ** 2)
    model.subject_to(x0 + 2 * x1 + 3 * x2 == 1, name="plane")
    return model


RECORD = record(28, build, Counts(3, 1, jacobian=3, hessian=5), optimum(0.0))
