"""Hock–Schittkowski 23: distance to the origin, five curves.

    minimize    x0^2 + x1^2
    subject to  x0 + x1 >= 1
                x0^2 + x1^2 >= 1
                9 x0^2 + x1^2 >= 9
                x0^2 - x1 >= 0
                x1^2 - x0 >= 0
                -50 <= x <= 50,   start (3, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 23, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs023")
    x = model.variable("x", shape=2, lower=-50.0, upper=50.0, start=[3.0, 1.0])
    x0, x1 = x
    model.minimize(x0**2 + x1**2)
    model.subject_to(x0 + x1 >= 1, name="line")
    model.subject_to(x0**2 + x1**2 >= 1, name="circle")
    model.subject_to(9 * x0**2 + x1**2 >= 9, name="ellipse")
    model.subject_to(x0**2 - x1 >= 0, name="first_parabola")
    model.subject_to(x1**2 - x0 >= 0, name="second_parabola")
    return model


RECORD = record(23, build, Counts(2, 5, jacobian=10, hessian=2), optimum(2.0))
