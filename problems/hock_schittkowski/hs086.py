"""Hock–Schittkowski 86: Colville 1, the dual of Hock–Schittkowski 117.

    minimize    LINEAR · x + x · (QUADRATIC x) + CUBIC · x^3
    subject to  ROWS x >= RIGHT;   tables in colville.py
                x >= 0,   start (0, 0, 0, 0, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 86, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.hock_schittkowski.colville import CUBIC, LINEAR, QUADRATIC, RIGHT, ROWS
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs086")
    x = model.variable("x", shape=5, lower=0.0, start=[0.0, 0.0, 0.0, 0.0, 1.0])
    model.minimize(LINEAR @ x + x @ (QUADRATIC @ x) + CUBIC @ x**3)
    model.subject_to(ROWS @ x >= RIGHT, name="rows")
    return model


RECORD = record(86, build, Counts(5, 10, jacobian=37, hessian=15), optimum(-32.34867897, 8))
