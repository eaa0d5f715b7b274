"""Hock–Schittkowski 119: Colville 7.

    minimize    sum_{(i, j) in PAIRS}  (x_i^2 + x_i + 1) (x_j^2 + x_j + 1)
    subject to  ROWS x = RIGHT; tables below
                0 <= x <= 5,   start 10 everywhere (outside the bounds)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 119, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

# fmt: off
PAIRS = np.array([
    (0, 0), (0, 3), (0, 6), (0, 7), (0, 15), (1, 1), (1, 2), (1, 6), (1, 9), (2, 2), (2, 6), (2, 8),
    (2, 9), (2, 13), (3, 3), (3, 6), (3, 10), (3, 14), (4, 4), (4, 5), (4, 9), (4, 11), (4, 15),
    (5, 5), (5, 7), (5, 14), (6, 6), (6, 10), (6, 12), (7, 7), (7, 9), (7, 14), (8, 8), (8, 11),
    (8, 15), (9, 9), (9, 13), (10, 10), (10, 12), (11, 11), (11, 13), (12, 12), (12, 13), (13, 13),
    (14, 14), (15, 15),
])
# fmt: on
ROWS = np.hstack(
    [
        [
            [0.22, 0.20, 0.19, 0.25, 0.15, 0.11, 0.12, 0.13],
            [-1.46, 0.0, -1.30, 1.82, -1.15, 0.0, 0.80, 0.0],
            [1.29, -0.89, 0.0, 0.0, -1.16, -0.96, 0.0, -0.49],
            [-1.10, -1.06, 0.95, -0.54, 0.0, -1.78, -0.41, 0.0],
            [0.0, 0.0, 0.0, -1.43, 1.51, 0.59, -0.33, -0.43],
            [0.0, -1.72, -0.33, 0.0, 1.62, 1.24, 0.21, -0.26],
            [1.12, 0.0, 0.0, 0.31, 0.0, 0.0, 1.12, 0.0],
            [0.0, 0.45, 0.26, -1.10, 0.58, 0.0, -1.03, 0.10],
        ],
        np.eye(8),
    ]
)
ROWS[6, 8] = -0.36
RIGHT = np.array([2.5, 1.1, -3.1, -3.5, 1.3, 2.1, 2.3, -1.5])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs119")
    x = model.variable("x", shape=16, lower=0.0, upper=5.0, start=10.0)
    terms = x**2 + x + 1
    model.minimize(np.sum(terms[PAIRS[:, 0]] * terms[PAIRS[:, 1]]))
    model.subject_to(ROWS @ x == RIGHT, name="rows")
    return model


RECORD = record(119, build, Counts(16, 8, jacobian=53, hessian=46), optimum(244.899698, 6))
