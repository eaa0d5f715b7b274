"""Hock–Schittkowski 111: chemical equilibrium in logarithms of the amounts.

    minimize    sum_{i=0}^{9}  exp(x_i) (ENERGY_i + x_i - ln(sum_j exp(x_j)))
    subject to  ATOMS exp(x) = AMOUNT, the three elements; tables below
                -100 <= x <= 100,   start -2.3 everywhere

All quantities are dimensionless. CUTEst's file prints -47.707579.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 111, doi:10.1007/978-3-642-48320-2.
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
    model = so.Model("hs111")
    x = model.variable("x", shape=10, lower=-100.0, upper=100.0, start=-2.3)
    amounts = np.exp(x)
    model.minimize(amounts @ (ENERGY + x - np.log(np.sum(amounts))))
    model.subject_to(ATOMS @ amounts == AMOUNT, name="elements")
    return model


RECORD = record(111, build, Counts(10, 3, jacobian=14, hessian=55), optimum(-47.76109026, 8))
