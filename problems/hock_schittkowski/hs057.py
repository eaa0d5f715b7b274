"""Hock–Schittkowski 57: exponential decay fitted to 44 measurements.

    minimize    sum_{i=1}^{44}  (b_i - x0 - (0.49 - x0) exp(-x1 (a_i - 8)))^2
                a, b the tables TIME (weeks) and CHLORINE (fraction)
    subject to  0.49 x1 - x0 x1 >= 0.09
                x0 >= 0.4,   x1 >= -4,   start (0.42, 5)

Time is in weeks, chlorine a fraction of its mass.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 57, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

# fmt: off
TIME = np.array([
    8, 8, 10, 10, 10, 10, 12, 12, 12, 12, 14, 14, 14, 16, 16, 16, 18, 18, 20, 20, 20, 22, 22,
    22, 24, 24, 24, 26, 26, 26, 28, 28, 30, 30, 30, 32, 32, 34, 36, 36, 38, 38, 40, 42,
])
CHLORINE = np.array([
    0.49, 0.49, 0.48, 0.47, 0.48, 0.47, 0.46, 0.46, 0.45, 0.43, 0.45, 0.43, 0.43, 0.44, 0.43,
    0.43, 0.46, 0.45, 0.42, 0.42, 0.43, 0.41, 0.41, 0.40, 0.42, 0.40, 0.40, 0.41, 0.40, 0.41,
    0.41, 0.40, 0.40, 0.40, 0.38, 0.41, 0.40, 0.40, 0.41, 0.38, 0.40, 0.40, 0.39, 0.39,
])
# fmt: on


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs057")
    x = model.variable("x", shape=2, lower=[0.4, -4.0], start=[0.42, 5.0])
    x0, x1 = x
    decay = (0.49 - x0) * np.exp(-x1 * (TIME - 8))
    model.minimize(np.sum((CHLORINE - x0 - decay) ** 2))
    model.subject_to(0.49 * x1 - x0 * x1 >= 0.09, name="plateau")
    return model


RECORD = record(
    57,
    build,
    Counts(2, 1, jacobian=2, hessian=3),
    optimum(
        0.030647619,
        10,
        source="local optimum that IPOPT reaches from the book's start, recomputed by CasADi "
        "3.8.2 with IPOPT 3.14.19; the book prints the global optimum 0.02845966972",
        best=0.02845966972,
    ),
)
