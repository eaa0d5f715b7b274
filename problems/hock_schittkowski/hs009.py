"""Hock–Schittkowski 9: waves on a line.

    minimize    sin(pi x0 / 12) cos(pi x1 / 16)
    subject to  4 x0 - 3 x1 == 0
                start (0, 0)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 9, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs009")
    x = model.variable("x", shape=2, start=0.0)
    x0, x1 = x
    model.minimize(np.sin(np.pi * x0 / 12) * np.cos(np.pi * x1 / 16))
    model.subject_to(4 * x0 - 3 * x1 == 0, name="line")
    return model


RECORD = record(9, build, Counts(2, 1, jacobian=2, hessian=3), optimum(-0.5))
