"""Hock–Schittkowski 105: maximum likelihood of a mixture of three normal densities.

    minimize    -sum_j COUNT_j ln(p_j),   sqrt(2 pi) p_j = sum_{k=1}^{3}  w_k / s_k e_kj
                e_kj = exp(-(VALUE_j - m_k)^2 / (2 s_k^2))
                w = (x0, x1, 1 - x0 - x1), m = (x2, x3, x4), s = (x5, x6, x7)
    subject to  x0 + x1 <= 1
                0.001 <= x0 <= 0.499,   0.001 <= x1 <= 0.449,   100 <= x2 <= 180
                130 <= x3 <= 210,   170 <= x4 <= 240,   5 <= x5, x6, x7 <= 25
                start (0.1, 0.2, 100, 125, 175, 11.2, 13.2, 15.8)

All quantities are dimensionless. CUTEst's file prints 1138.41624.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 105, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

# fmt: off
VALUE = np.array([
    95, 105, 110, 115, 120, 125, 130, 135, 140, 145, 150, 155, 160, 165, 170,
    175, 180, 185, 190, 195, 200, 205, 210, 215, 220, 230, 235, 240, 245, 250,
])
COUNT = np.array([
    1, 1, 4, 4, 15, 15, 15, 13, 21, 12, 17, 4, 20, 8, 17,
    8, 6, 6, 7, 4, 3, 3, 8, 1, 6, 5, 1, 7, 1, 2,
])
# fmt: on
LOWER = np.array([0.001, 0.001, 100.0, 130.0, 170.0, 5.0, 5.0, 5.0])
UPPER = np.array([0.499, 0.449, 180.0, 210.0, 240.0, 25.0, 25.0, 25.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs105")
    x = model.variable(
        "x",
        shape=8,
        lower=LOWER,
        upper=UPPER,
        start=[0.1, 0.2, 100.0, 125.0, 175.0, 11.2, 13.2, 15.8],
    )
    weight, mean, deviation = np.stack([x[0], x[1], 1 - x[0] - x[1]]), x[2:5], x[5:]
    distance = (VALUE[:, None] - mean) / deviation
    density = np.exp(-(distance**2) / 2) @ (weight / deviation) / np.sqrt(2 * np.pi)
    model.minimize(-(COUNT @ np.log(density)))
    model.subject_to(x[0] + x[1] <= 1, name="share")
    return model


RECORD = record(105, build, Counts(8, 1, jacobian=2, hessian=36), optimum(1136.36, 2))
