"""Hock–Schittkowski 77: powers on two curves.

    minimize    (x0 - 1)^2 + (x0 - x1)^2 + (x2 - 1)^2 + (x3 - 1)^4 + (x4 - 1)^6
    subject to  x0^2 x3 + sin(x3 - x4) == 2 sqrt(2)
                x1 + x2^4 x3^2 == 8 + sqrt(2)
                start 2 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 77, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs077")
    x = model.variable("x", shape=5, start=2.0)
    x0, x1, x2, x3, x4 = x
    model.minimize((x0 - 1) ** 2 + (x0 - x1) ** 2 + (x2 - 1) ** 2 + (x3 - 1) ** 4 + (x4 - 1) ** 6)
    model.subject_to(x0**2 * x3 + np.sin(x3 - x4) == 2 * np.sqrt(2), name="sine")
    model.subject_to(x1 + x2**4 * x3**2 == 8 + np.sqrt(2), name="power")
    return model


RECORD = record(77, build, Counts(5, 2, jacobian=6, hessian=9), optimum(0.24150513, 8))
