"""Hock–Schittkowski 97: a linear cost under four bilinear rows, tighter rows.

    minimize    COST · x
    subject to  rows(x) >= RIGHT = (32.97, 25.12, -29.08, -78.02)
                COST and the bilinear functions in bilinear_rows.py
                0 <= x0 <= 0.31,   0 <= x1 <= 0.046,   0 <= x2 <= 0.068,   0 <= x3 <= 0.042
                0 <= x4 <= 0.028,   0 <= x5 <= 0.0134,   start 0 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 97, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.bilinear_rows import COST, UPPER, rows
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

RIGHT = np.array([32.97, 25.12, -29.08, -78.02])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs097")
    x = model.variable("x", shape=6, lower=0.0, upper=UPPER, start=0.0)
    model.minimize(COST @ x)
    model.subject_to(rows(x) >= RIGHT, name="rows")
    return model


RECORD = record(97, build, Counts(6, 4, jacobian=20, hessian=6), optimum(3.1358091, 7))
