"""Hock–Schittkowski 7: a logarithm on a quartic curve.

    minimize    ln(1 + x0^2) - x1
    subject to  (1 + x0^2)^2 + x1^2 == 4
                start (2, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 7, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs007")
    x = model.variable("x", shape=2, start=2.0)
    x0, x1 = x
    model.minimize(np.log(1 + x0**2) - x1)
    model.subject_to((1 + x0**2) ** 2 + x1**2 == 4, name="curve")
    return model


RECORD = record(7, build, Counts(2, 1, jacobian=2, hessian=2), optimum(-1.73205080757, 11))
