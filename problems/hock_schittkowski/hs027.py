"""Hock–Schittkowski 27: a slope along a parabola.

    minimize    0.01 (x0 - 1)^2 + (x1 - x0^2)^2
    subject to  x0 + x2^2 == -1
                start (2, 2, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 27, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs027")
    x = model.variable("x", shape=3, start=2.0)
    x0, x1, x2 = x
    model.minimize(0.01 * (x0 - 1) ** 2 + (x1 - x0**2) ** 2)
    model.subject_to(x0 + x2**2 == -1, name="parabola")
    return model


RECORD = record(27, build, Counts(3, 1, jacobian=2, hessian=4), optimum(0.04))
