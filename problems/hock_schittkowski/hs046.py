"""Hock–Schittkowski 46: powers along two curves.

    minimize    (x0 - x1)^2 + (x2 - 1)^2 + (x3 - 1)^4 + (x4 - 1)^6
    subject to  x0^2 x3 + sin(x3 - x4) == 1
                x1 + x2^4 x3^2 == 2
                start (sqrt(2)/2, 1.75, 0.5, 2, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 46, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs046")
    x = model.variable("x", shape=5, start=[np.sqrt(2) / 2, 1.75, 0.5, 2.0, 2.0])
    x0, x1, x2, x3, x4 = x
    model.minimize((x0 - x1) ** 2 + (x2 - 1) ** 2 + (x3 - 1) ** 4 + (x4 - 1) ** 6)
    model.subject_to(x0**2 * x3 + np.sin(x3 - x4) == 1, name="sine")
    model.subject_to(x1 + x2**4 * x3**2 == 2, name="power")
    return model


RECORD = record(46, build, Counts(5, 2, jacobian=6, hessian=9), optimum(0.0))
