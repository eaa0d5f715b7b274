"""Hock–Schittkowski 39: a linear function on two curves.

    minimize    -x0
    subject to  x1 - x0^3 - x2^2 == 0
                x0^2 - x1 - x3^2 == 0
                start 2 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 39, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs039")
    x = model.variable("x", shape=4, start=2.0)
    x0, x1, x2, x3 = x
    model.minimize(-x0)
    model.subject_to(x1 - x0**3 - x2**2 == 0, name="cubic")
    model.subject_to(x0**2 - x1 - x3**2 == 0, name="parabola")
    return model


RECORD = record(39, build, Counts(4, 2, jacobian=6, hessian=3), optimum(-1.0))
