"""Hock–Schittkowski 85: profit of a wood-pulp plant.

    minimize    -5.843e-7 y17 + 1.17e-4 y14 + 2.358e-5 y13 + 1.502e-6 y16 + 0.0321 y12
                + 0.004324 y5 + 1e-4 c15 / c16 + 37.48 y2 / c12 + 0.1365
    subject to  QUANTITY_LOWER <= (y1 … y17) <= QUANTITY_UPPER
                1.5 x1 - x2 >= 0,   y4 >= 0.28 / 0.72 y5,   21 >= 3496 y2 / c12
                62212 / c17 - 110.6 - y1 >= 0
                y and c the plant's quantities, one computed from another in _plant
                704.4148 <= x0 <= 906.3855,   68.6 <= x1 <= 288.88,   0 <= x2 <= 134.75
                193 <= x3 <= 287.0966,   25 <= x4 <= 84.1988,   start (900, 80, 115, 267, 27)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 85, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

# fmt: off
QUANTITY_LOWER = np.array([
    213.1, 17.505, 11.275, 214.228, 7.458, 0.961, 1.612, 0.146, 107.99,
    922.693, 926.832, 18.766, 1072.163, 8961.448, 0.063, 71084.33, 2802713.0,
])
QUANTITY_UPPER = np.array([
    405.23, 1053.6667, 35.03, 665.585, 584.463, 265.916, 7.046, 0.222, 273.366,
    1286.105, 1444.046, 537.141, 3247.039, 26844.086, 0.386, 140000.0, 12146108.0,
])
# fmt: on
LOWER = np.array([704.4148, 68.6, 0.0, 193.0, 25.0])
UPPER = np.array([906.3855, 288.88, 134.75, 287.0966, 84.1988])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs085")
    x = model.variable(
        "x", shape=5, lower=LOWER, upper=UPPER, start=[900.0, 80.0, 115.0, 267.0, 27.0]
    )
    y, c12, c15, c16, c17 = _plant(*x)
    model.minimize(
        -5.843e-7 * y[17]
        + 1.17e-4 * y[14]
        + 2.358e-5 * y[13]
        + 1.502e-6 * y[16]
        + 0.0321 * y[12]
        + 0.004324 * y[5]
        + 1e-4 * c15 / c16
        + 37.48 * y[2] / c12
        + 0.1365
    )
    quantities = np.stack([y[i] for i in range(1, 18)])
    model.subject_to(quantities, lower=QUANTITY_LOWER, upper=QUANTITY_UPPER, name="quantities")
    model.subject_to(1.5 * x[1] - x[2] >= 0, name="first")
    model.subject_to(y[4] - 0.28 / 0.72 * y[5] >= 0, name="second")
    model.subject_to(3496 * y[2] / c12 <= 21, name="third")
    model.subject_to(62212 / c17 - 110.6 - y[1] >= 0, name="fourth")
    return model


def _plant(x0: Any, x1: Any, x2: Any, x3: Any, x4: Any) -> tuple[Any, ...]:
    """Return y1 … y17 by number, and c12, c15, c16, c17, in the order of the book."""
    y = {1: x1 + x2 + 41.6}
    c1 = 0.024 * x3 - 4.62
    y[2] = 12.5 / c1 + 12
    c2 = 0.0003535 * x0**2 + 0.5311 * x0 + 0.08705 * y[2] * x0
    c3 = 0.052 * x0 + 78 + 0.002377 * y[2] * x0
    y[3] = c2 / c3
    y[4] = 19 * y[3]
    c4 = 0.04782 * (x0 - y[3]) + 0.1956 * (x0 - y[3]) ** 2 / x1 + 0.6376 * y[4] + 1.594 * y[3]
    c5 = 100 * x1
    c6 = x0 - y[3] - y[4]
    c7 = 0.95 - c4 / c5
    y[5] = c6 * c7
    y[6] = x0 - y[5] - y[4] - y[3]
    c8 = (y[5] + y[4]) * 0.995
    y[7] = c8 / y[1]
    y[8] = c8 / 3798
    c9 = y[7] - 0.0663 * y[7] / y[8] - 0.3153
    y[9] = 96.82 / c9 + 0.321 * y[1]
    y[10] = 1.29 * y[5] + 1.258 * y[4] + 2.29 * y[3] + 1.71 * y[6]
    y[11] = 1.71 * x0 - 0.452 * y[4] + 0.58 * y[3]
    c10 = 12.3 / 752.3
    c11 = 1.75 * y[2] * 0.995 * x0
    c12 = 0.995 * y[10] + 1998
    y[12] = c10 * x0 + c11 / c12
    y[13] = c12 - 1.75 * y[2]
    c17 = y[9] + x4
    y[14] = 3623 + 64.4 * x1 + 58.4 * x2 + 146312 / c17
    c13 = 0.995 * y[10] + 60.8 * x1 + 48 * x3 - 0.1121 * y[14] - 5095
    y[15] = y[13] / c13
    y[16] = 148000 - 331000 * y[15] + 40 * y[13] - 61 * y[15] * y[13]
    c14 = 2324 * y[10] - 28740000 * y[2]
    y[17] = 14130000 - 1328 * y[10] - 531 * y[11] + c14 / c12
    c15 = y[13] / y[15] - y[13] / 0.52
    c16 = 1.104 - 0.72 * y[15]
    return y, c12, c15, c16, c17


RECORD = record(
    85,
    build,
    Counts(5, 21, jacobian=66, hessian=15),
    optimum(
        -1.9051552585,
        10,
        "recomputed by CasADi 3.8.2 with IPOPT 3.14.19; the book prints -1.90513375",
    ),
)
