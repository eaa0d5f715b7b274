"""Hock–Schittkowski 34: two exponentials in a chain.

    minimize    -x0
    subject to  x1 - exp(x0) >= 0
                x2 - exp(x1) >= 0
                0 <= x0, x1 <= 100,   0 <= x2 <= 10,   start (0, 1.05, 2.9)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 34, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs034")
    x = model.variable("x", shape=3, lower=0.0, upper=[100.0, 100.0, 10.0], start=[0.0, 1.05, 2.9])
    x0, x1, x2 = x
    model.minimize(-x0)
    model.subject_to(x1 - np.exp(x0) >= 0, name="first")
    model.subject_to(x2 - np.exp(x1) >= 0, name="second")
    return model


RECORD = record(34, build, Counts(3, 2, jacobian=4, hessian=2), optimum(-np.log(np.log(10))))
