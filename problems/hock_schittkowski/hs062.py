"""Hock–Schittkowski 62: logarithms of ratios on a simplex.

    minimize    -32.174 (
                255 ln((x0 + x1 + x2 + 0.03) / (0.09 x0 + x1 + x2 + 0.03))
                + 280 ln((x1 + x2 + 0.03) / (0.07 x1 + x2 + 0.03))
                + 290 ln((x2 + 0.03) / (0.13 x2 + 0.03))
                )
    subject to  x0 + x1 + x2 == 1
                0 <= x <= 1,   start (0.7, 0.2, 0.1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 62, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs062")
    x = model.variable("x", shape=3, lower=0.0, upper=1.0, start=[0.7, 0.2, 0.1])
    x0, x1, x2 = x
    model.minimize(
        -32.174
        * (
            255 * np.log((x0 + x1 + x2 + 0.03) / (0.09 * x0 + x1 + x2 + 0.03))
            + 280 * np.log((x1 + x2 + 0.03) / (0.07 * x1 + x2 + 0.03))
            + 290 * np.log((x2 + 0.03) / (0.13 * x2 + 0.03))
        )
    )
    model.subject_to(x0 + x1 + x2 == 1, name="simplex")
    return model


RECORD = record(62, build, Counts(3, 1, jacobian=3, hessian=6), optimum(-26272.51448, 5))
