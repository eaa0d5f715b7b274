"""Hock–Schittkowski 112: chemical equilibrium.

    minimize    sum_{i=0}^{9}  x_i (ENERGY_i + ln(x_i / sum_j x_j))
    subject to  ATOMS x = AMOUNT, the three elements; tables below
                x >= 1e-6,   start 0.1 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 112, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

# fmt: off
ENERGY = np.array([
    -6.089, -17.164, -34.054, -5.914, -24.721, -14.986, -24.1, -10.708, -26.662, -22.179,
])
ATOMS = np.array([
    [1, 2, 2, 0, 0, 1, 0, 0, 0, 1],
    [0, 0, 0, 1, 2, 1, 1, 0, 0, 0],
    [0, 0, 1, 0, 0, 0, 1, 1, 2, 1],
])
# fmt: on
AMOUNT = np.array([2.0, 1.0, 1.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs112")
    x = model.variable("x", shape=10, lower=1e-6, start=0.1)
    model.minimize(x @ (ENERGY + np.log(x / np.sum(x))))
    model.subject_to(ATOMS @ x == AMOUNT, name="elements")
    return model


RECORD = record(
    112,
    build,
    Counts(10, 3, jacobian=14, hessian=55),
    optimum(
        -47.76109026,
        8,
        source="as Hock and Schittkowski (1981) print for the same problem in other variables, "
        "111; for 112 they print -47.707579",
    ),
)
