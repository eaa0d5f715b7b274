"""Hock–Schittkowski 69: cost of a statistical control chart, large stakes.

    minimize    (SAMPLING n - (LOSS (e - 1) - x2) x3 / (e - 1 + x3)) / x0,   e = exp(x0)
    subject to  x2 - 2 Phi(-x1) == 0
                x3 - Phi(-x1 + SHIFT sqrt(n)) - Phi(-x1 - SHIFT sqrt(n)) == 0
                Phi the normal distribution function; SAMPLING = 0.1, LOSS = 1000, SHIFT = 1, n = 4
                0.0001 <= x0 <= 100,   0 <= x1 <= 100,   0 <= x2, x3 <= 2,   start 1 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 69, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

SAMPLING = 0.1
LOSS = 1000.0
SHIFT = 1.0
SAMPLE_SIZE = 4


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs069")
    x = model.variable(
        "x", shape=4, lower=[0.0001, 0.0, 0.0, 0.0], upper=[100.0, 100.0, 2.0, 2.0], start=1.0
    )
    x0, x1, x2, x3 = x
    growth = np.exp(x0) - 1
    model.minimize((SAMPLING * SAMPLE_SIZE - (LOSS * growth - x2) * x3 / (growth + x3)) / x0)
    width = SHIFT * np.sqrt(SAMPLE_SIZE)
    model.subject_to(x2 - 2 * ndtr(-x1) == 0, name="false_alarm")
    model.subject_to(x3 - ndtr(-x1 + width) - ndtr(-x1 - width) == 0, name="detection")
    return model


RECORD = record(69, build, Counts(4, 2, jacobian=4, hessian=6), optimum(-956.71288, 5))
