"""Hock–Schittkowski 101: a geometric program, exponent -0.25.

    minimize    cost(x, EXPONENT)
    subject to  posynomials(x) <= 1,   100 <= cost(x, EXPONENT) <= 3000
                EXPONENT = -0.25; both functions in geometric.py
                0.1 <= x0, x1, x2, x3, x4, x5 <= 10,   0.01 <= x6 <= 10,   start 6 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 101, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.hock_schittkowski.geometric import cost, posynomials
from problems.record import Counts

EXPONENT = -0.25


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs101")
    x = model.variable(
        "x", shape=7, lower=[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01], upper=10.0, start=6.0
    )
    objective = cost(x, EXPONENT)
    model.minimize(objective)
    model.subject_to(posynomials(x) <= 1, name="posynomials")
    model.subject_to(objective, lower=100.0, upper=3000.0, name="cost")
    return model


RECORD = record(101, build, Counts(7, 5, jacobian=31, hessian=28), optimum(1809.76476, 5))
