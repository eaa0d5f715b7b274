"""Hock–Schittkowski 61: a quadratic on two parabolic cylinders.

    minimize    4 x0^2 + 2 x1^2 + 2 x2^2 - 33 x0 + 16 x1 - 24 x2
    subject to  3 x0 - 2 x1^2 == 7
                4 x0 - x2^2 == 11
                start (0, 0, 0)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 61, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs061")
    x = model.variable("x", shape=3, start=0.0)
    x0, x1, x2 = x
    model.minimize(4 * x0**2 + 2 * x1**2 + 2 * x2**2 - 33 * x0 + 16 * x1 - 24 * x2)
    model.subject_to(3 * x0 - 2 * x1**2 == 7, name="first")
    model.subject_to(4 * x0 - x2**2 == 11, name="second")
    return model


RECORD = record(61, build, Counts(3, 2, jacobian=4, hessian=3), optimum(-143.6461422, 7))
