"""Hock–Schittkowski 107: static power scheduling, three buses.

    minimize    3000 x0 + 1000 x0^3 + 2000 x1 + 666.667 x1^3
    subject to  the balances of active and reactive power at three buses, _balances(x) == 0
                x0 … x3 generated power, x4 … x6 voltages, x7, x8 angles against the first bus
                x0, x1 >= 0,   0.90909 <= x4, x5, x6 <= 1.0909
                start (0.8, 0.8, 0.2, 0.2, 1.0454, 1.0454, 1.0454, 0, 0)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 107, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

SINE = 48.4 / 50.176 * np.sin(0.25)
COSINE = 48.4 / 50.176 * np.cos(0.25)
LOWER = np.array([0.0, 0.0, -np.inf, -np.inf, 0.90909, 0.90909, 0.90909, -np.inf, -np.inf])
UPPER = np.array([np.inf, np.inf, np.inf, np.inf, 1.0909, 1.0909, 1.0909, np.inf, np.inf])
START = np.array([0.8, 0.8, 0.2, 0.2, 1.0454, 1.0454, 1.0454, 0.0, 0.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs107")
    x = model.variable("x", shape=9, lower=LOWER, upper=UPPER, start=START)
    model.minimize(3000 * x[0] + 1000 * x[0] ** 3 + 2000 * x[1] + 666.667 * x[1] ** 3)
    model.subject_to(_balances(*x) == 0, name="balances")
    return model


def _balances(p0: Any, p1: Any, q0: Any, q1: Any, v: Any, w: Any, u: Any, a: Any, b: Any) -> Any:
    c, d = SINE, COSINE
    vw, vu, wu = v * w, v * u, w * u
    sa, ca, sb, cb, sd, cd = (
        np.sin(a),
        np.cos(a),
        np.sin(b),
        np.cos(b),
        np.sin(a - b),
        np.cos(a - b),
    )
    return np.stack(
        [
            0.4 - p0 + 2 * c * v**2 - vw * (d * sa + c * ca) - vu * (d * sb + c * cb),
            0.4 - p1 + 2 * c * w**2 + vw * (d * sa - c * ca) + wu * (d * sd - c * cd),
            0.8 + 2 * c * u**2 + vu * (d * sb - c * cb) - wu * (d * sd + c * cd),
            0.2 - q0 + 2 * d * v**2 + vw * (c * sa - d * ca) + vu * (c * sb - d * cb),
            0.2 - q1 + 2 * d * w**2 - vw * (c * sa + d * ca) - wu * (c * sd + d * cd),
            -0.337 + 2 * d * u**2 - vu * (c * sb + d * cb) + wu * (c * sd - d * cd),
        ]
    )


RECORD = record(107, build, Counts(9, 6, jacobian=34, hessian=17), optimum(5055.011803, 6))
