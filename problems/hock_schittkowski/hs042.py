"""Hock–Schittkowski 42: distance to a point on a circle.

    minimize    sum_{i=0}^{3}  (x_i - i - 1)^2
    subject to  x0 == 2
                x2^2 + x3^2 == 2
                start 1 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 42, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs042")
    x = model.variable("x", shape=4, start=1.0)
    model.minimize(np.sum((x - np.arange(1, 5)) ** 2))
    model.subject_to(x[0] == 2, name="fixed")
    model.subject_to(x[2] ** 2 + x[3] ** 2 == 2, name="circle")
    return model


RECORD = record(
    42,
    build,
    Counts(4, 2, jacobian=3, hessian=4, single_entry_rows=1),
    optimum(28 - 10 * np.sqrt(2)),
)
