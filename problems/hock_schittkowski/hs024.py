"""Hock–Schittkowski 24: a cubic on a triangle.

    minimize    ((x0 - 3)^2 - 9) x1^3 / (27 ROOT)
    subject to  x0 / ROOT - x1 >= 0
                x0 + ROOT x1 >= 0
                x0 + ROOT x1 <= 6
                ROOT = sqrt(3)
                x >= 0,   start (1, 0.5)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 24, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

ROOT = np.sqrt(3)


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs024")
    x = model.variable("x", shape=2, lower=0.0, start=[1.0, 0.5])
    x0, x1 = x
    model.minimize(((x0 - 3) ** 2 - 9) * x1**3 / (27 * ROOT))
    model.subject_to(x0 / ROOT - x1 >= 0, name="below")
    model.subject_to(x0 + ROOT * x1 >= 0, name="above")
    model.subject_to(x0 + ROOT * x1 <= 6, name="right")
    return model


RECORD = record(24, build, Counts(2, 3, jacobian=6, hessian=3), optimum(-1.0))
