"""Hock–Schittkowski 33: a cubic between a cone and a sphere.

    minimize    (x0 - 1) (x0 - 2) (x0 - 3) + x2
    subject to  x0^2 + x1^2 - x2^2 <= 0
                x0^2 + x1^2 + x2^2 >= 4
                x0, x1 >= 0,   0 <= x2 <= 5,   start (0, 0, 3)

All quantities are dimensionless. There is another local optimum, -4, which CUTEst's file prints.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 33, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs033")
    x = model.variable("x", shape=3, lower=0.0, upper=[np.inf, np.inf, 5.0], start=[0.0, 0.0, 3.0])
    x0, x1, x2 = x
    model.minimize((x0 - 1) * (x0 - 2) * (x0 - 3) + x2)
    model.subject_to(x0**2 + x1**2 - x2**2 <= 0, name="cone")
    model.subject_to(x0**2 + x1**2 + x2**2 >= 4, name="sphere")
    return model


RECORD = record(33, build, Counts(3, 2, jacobian=6, hessian=3), optimum(-4.585786438, 9))
