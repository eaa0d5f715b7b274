"""Hock–Schittkowski 117: Colville 2, the dual of Hock–Schittkowski 86.

    minimize    -RIGHT · x + y · (QUADRATIC y) + 2 CUBIC · y^3
    subject to  2 QUADRATIC y + 3 CUBIC y^2 + LINEAR - ROWS^T x >= 0,   x >= 0, y >= 0
                tables in colville.py
                x >= 0,   start 0.001 everywhere but x6 = 60

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 117, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.hock_schittkowski.colville import CUBIC, LINEAR, QUADRATIC, RIGHT, ROWS
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs117")
    x = model.variable("x", shape=10, lower=0.0, start=[0.001] * 6 + [60.0] + [0.001] * 3)
    y = model.variable("y", shape=5, lower=0.0, start=0.001)
    model.minimize(-RIGHT @ x + y @ (QUADRATIC @ y) + 2 * CUBIC @ y**3)
    slopes = 2 * QUADRATIC @ y + 3 * CUBIC * y**2 + LINEAR - ROWS.T @ x
    model.subject_to(slopes >= 0, name="slopes")
    return model


RECORD = record(117, build, Counts(15, 5, jacobian=62, hessian=15), optimum(32.348679, 6))
