"""Hock–Schittkowski 89: time-optimal heating, 3 switching times.

    minimize    sum_{i=0}^{2}  x_i^2
    subject to  heat(x) <= 1e-4, the squared distance that is left, a series in heating.py
                start (0.5, -0.5, 0.5)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 89, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.hock_schittkowski.heating import ACCURACY, remaining_distance
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs089")
    x = model.variable("x", shape=3, start=[0.5, -0.5, 0.5])
    model.minimize(np.sum(x**2))
    model.subject_to(remaining_distance(x) <= ACCURACY, name="distance")
    return model


RECORD = record(89, build, Counts(3, 1, jacobian=3, hessian=6), optimum(1.36265681, 8))
