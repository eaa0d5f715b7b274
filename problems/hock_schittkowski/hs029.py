"""Hock–Schittkowski 29: largest box in an ellipsoid.

    minimize    -x0 x1 x2
    subject to  x0^2 + 2 x1^2 + 4 x2^2 <= 48
                start (1, 1, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 29, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs029")
    x = model.variable("x", shape=3, start=1.0)
    x0, x1, x2 = x
    model.minimize(-x0 * x1 * x2)
    model.subject_to(x0**2 + 2 * x1**2 + 4 * x2**2 <= 48, name="ellipsoid")
    return model


RECORD = record(29, build, Counts(3, 1, jacobian=3, hessian=6), optimum(-16 * np.sqrt(2)))
