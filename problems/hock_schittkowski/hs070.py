"""Hock–Schittkowski 70: gamma densities fitted to 19 measurements.

    minimize    sum_{i=1}^{19}  (y_i - g_i(x0, 1 - x2, b / x3) - g_i(x1, x2, b))^2
                g_i(k, w, r) = w sqrt(k / 6.2832) / (1 + 1 / (12 k)) r^k (c_i / 7.658)^(k-1)
                               exp(k (1 - r c_i / 7.658))
                b = x2 + (1 - x2) x3,   c and y the tables TIME and MEASURED
    subject to  x2 + (1 - x2) x3 >= 0
                1e-5 <= x0, x1, x3 <= 100,   1e-5 <= x2 <= 1,   start (2, 4, 0.04, 2)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 70, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

TIME = np.concatenate([[0.1], np.arange(1.0, 19.0)])
# fmt: off
MEASURED = np.array([
    0.00189, 0.1038, 0.268, 0.506, 0.577, 0.604, 0.725, 0.898, 0.947, 0.845, 0.702, 0.528,
    0.385, 0.257, 0.159, 0.0869, 0.0453, 0.01509, 0.00189,
])
# fmt: on
TIME_SCALE = 7.658
TWO_PI = 6.2832  # to the digits of the source


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs070")
    x = model.variable(
        "x", shape=4, lower=1e-5, upper=[100.0, 100.0, 1.0, 100.0], start=[2.0, 4.0, 0.04, 2.0]
    )
    x0, x1, x2, x3 = x
    mean = x2 + (1 - x2) * x3
    fit = _density(x0, 1 - x2, mean / x3) + _density(x1, x2, mean)
    model.minimize(np.sum((fit - MEASURED) ** 2))
    model.subject_to(x2 + (1 - x2) * x3 >= 0, name="mean")
    return model


def _density(shape: Any, weight: Any, rate: Any) -> Any:
    """Return a weighted gamma density at every time, with Stirling's factor for its constant."""
    factor = weight / (1 + 1 / (12 * shape)) * np.sqrt(shape / TWO_PI) * rate**shape
    time = TIME / TIME_SCALE
    return factor * time ** (shape - 1) * np.exp(shape * (1 - rate * time))


RECORD = record(70, build, Counts(4, 1, jacobian=2, hessian=10), optimum(0.007498464, 9))
