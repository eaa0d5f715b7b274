"""Hock–Schittkowski 56: largest parcel by angles.

    minimize    -x0 x1 x2
    subject to  x0 - 4.2 sin(x3)^2 == 0
                x1 - 4.2 sin(x4)^2 == 0
                x2 - 4.2 sin(x5)^2 == 0
                x0 + 2 x1 + 2 x2 - 7.2 sin(x6)^2 == 0
                start (1, 1, 1, a, a, a, b), a = arcsin sqrt(1/4.2), b = arcsin sqrt(5/7.2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 56, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

ANGLE = np.arcsin(np.sqrt(1 / 4.2))


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs056")
    x = model.variable(
        "x", shape=7, start=[1.0, 1.0, 1.0, ANGLE, ANGLE, ANGLE, np.arcsin(np.sqrt(5 / 7.2))]
    )
    x0, x1, x2, x3, x4, x5, x6 = x
    model.minimize(-x0 * x1 * x2)
    model.subject_to(x0 - 4.2 * np.sin(x3) ** 2 == 0, name="length")
    model.subject_to(x1 - 4.2 * np.sin(x4) ** 2 == 0, name="width")
    model.subject_to(x2 - 4.2 * np.sin(x5) ** 2 == 0, name="height")
    model.subject_to(x0 + 2 * x1 + 2 * x2 - 7.2 * np.sin(x6) ** 2 == 0, name="girth")
    return model


RECORD = record(56, build, Counts(7, 4, jacobian=10, hessian=7), optimum(-3.456))
