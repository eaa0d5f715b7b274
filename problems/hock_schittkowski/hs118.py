"""Hock–Schittkowski 118: production of three articles in five periods.

    minimize    sum_{k=0}^{4}  LINEAR · p_k + QUADRATIC · p_k^2,   p = x in rows of three
    subject to  -7 <= p_{k+1} - p_k <= SLACK - 7,   sum(p_k) >= DEMAND_k; tables below
                8 <= x0 <= 21,   43 <= x1 <= 57,   3 <= x2 <= 16,   0 <= x3, x6, x9, x12 <= 90
                0 <= x4, x7, x10, x13 <= 120,   0 <= x5, x8, x11, x14 <= 60
                start (20, 55, 15, 20, 60, 20, 20, 60, 20, 20, 60, 20, 20, 60, 20)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 118, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

LINEAR = np.array([2.3, 1.7, 2.2])
QUADRATIC = np.array([1e-4, 1e-4, 1.5e-4])
SLACK = np.array([13.0, 14.0, 13.0])
DEMAND = np.array([60.0, 50.0, 70.0, 85.0, 100.0])
LOWER = np.array([8.0, 43.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
# fmt: off
UPPER = np.array([
    21.0, 57.0, 16.0, 90.0, 120.0, 60.0, 90.0, 120.0, 60.0, 90.0, 120.0, 60.0, 90.0, 120.0,
    60.0,
])
START = np.array([
    20.0, 55.0, 15.0, 20.0, 60.0, 20.0, 20.0, 60.0, 20.0, 20.0, 60.0, 20.0, 20.0, 60.0, 20.0,
])
# fmt: on


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs118")
    x = model.variable("x", shape=15, lower=LOWER, upper=UPPER, start=START)
    production = x.reshape(5, 3)
    model.minimize(np.sum(production @ LINEAR + production**2 @ QUADRATIC))
    change = production[1:] - production[:-1]
    model.subject_to(change, lower=-7.0, upper=SLACK - 7, name="change")
    model.subject_to(np.sum(production, axis=1) >= DEMAND, name="demand")
    return model


RECORD = record(118, build, Counts(15, 17, jacobian=39, hessian=15), optimum(664.82045, 5))
