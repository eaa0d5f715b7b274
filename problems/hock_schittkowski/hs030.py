"""Hock–Schittkowski 30: nearest point outside a cylinder.

    minimize    x0^2 + x1^2 + x2^2
    subject to  x0^2 + x1^2 >= 1
                1 <= x0 <= 10,   -10 <= x1, x2 <= 10,   start (1, 1, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 30, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs030")
    x = model.variable("x", shape=3, lower=[1.0, -10.0, -10.0], upper=10.0, start=1.0)
    model.minimize(np.sum(x**2))
    model.subject_to(x[0] ** 2 + x[1] ** 2 >= 1, name="cylinder")
    return model


RECORD = record(30, build, Counts(3, 1, jacobian=2, hessian=3), optimum(1.0))
