"""Hock–Schittkowski 110: logarithms and a product.

    minimize    sum_{i=0}^{9}  ln(x_i - 2)^2 + ln(10 - x_i)^2  -  (x0 x1 ⋯ x9)^0.2
    subject to  2.001 <= x <= 9.999
                start 9 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 110, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs110")
    x = model.variable("x", shape=10, lower=2.001, upper=9.999, start=9.0)
    model.minimize(np.sum(np.log(x - 2) ** 2 + np.log(10 - x) ** 2) - np.prod(x) ** 0.2)
    return model


RECORD = record(110, build, Counts(10, 0, jacobian=0, hessian=55), optimum(-45.77846971, 8))
