"""Hock–Schittkowski 5: McCormick's function.

    minimize    sin(x0 + x1) + (x0 - x1)^2 - 1.5 x0 + 2.5 x1 + 1
    subject to  -1.5 <= x0 <= 4,   -3 <= x1 <= 3
                start (0, 0)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 5, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs005")
    x = model.variable("x", shape=2, lower=[-1.5, -3.0], upper=[4.0, 3.0], start=0.0)
    x0, x1 = x
    model.minimize(np.sin(x0 + x1) + (x0 - x1) ** 2 - 1.5 * x0 + 2.5 * x1 + 1)
    return model


RECORD = record(5, build, Counts(2, 0, jacobian=0, hessian=3), optimum(-1.91322295498, 11))
