"""Hock–Schittkowski 13: no multipliers at the optimum.

    minimize    (x0 - 2)^2 + x1^2
    subject to  (1 - x0)^3 - x1 >= 0
                x >= 0,   start (-2, -2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 13, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs013")
    x = model.variable("x", shape=2, lower=0.0, start=-2.0)
    x0, x1 = x
    model.minimize((x0 - 2) ** 2 + x1**2)
    model.subject_to((1 - x0) ** 3 - x1 >= 0, name="cusp")
    return model


RECORD = record(
    13,
    build,
    Counts(2, 1, jacobian=2, hessian=2),
    optimum(
        1.0,
        3,
        "Hock and Schittkowski (1981), problem 13; the constraint qualification fails "
        "at the optimum (1, 0), and interior points end short of it",
    ),
)
