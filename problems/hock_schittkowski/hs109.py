"""Hock–Schittkowski 109: three generators with reactive power.

    minimize    3 x0 + 1e-6 x0^3 + 2 x1 + 0.522074e-6 x1^3
    subject to  -0.55 <= x3 - x2 <= 0.55,   x0^2 + x7^2 <= 1500^2,   x1^2 + x8^2 <= 1500^2
                the balances of active and reactive power at three buses, _balances(x) == 0
                x0, x1 >= 0,   -0.55 <= x2, x3 <= 0.55,   196 <= x4, x5, x6 <= 252
                -400 <= x7, x8 <= 800,   start 0 everywhere

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 109, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts

RATING = 1500.0
ADMITTANCE = 50.176
SINE, COSINE = np.sin(0.25), np.cos(0.25)
LOWER = np.array([0.0, 0.0, -0.55, -0.55, 196.0, 196.0, 196.0, -400.0, -400.0])
UPPER = np.array([np.inf, np.inf, 0.55, 0.55, 252.0, 252.0, 252.0, 800.0, 800.0])


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs109")
    x = model.variable("x", shape=9, lower=LOWER, upper=UPPER, start=0.0)
    model.minimize(3 * x[0] + 1e-6 * x[0] ** 3 + 2 * x[1] + 0.522074e-6 * x[1] ** 3)
    model.subject_to(x[3] - x[2], lower=-0.55, upper=0.55, name="angles")
    model.subject_to(x[:2] ** 2 + x[7:] ** 2 <= RATING**2, name="ratings")
    model.subject_to(_balances(*x) == 0, name="balances")
    return model


def _balances(p0: Any, p1: Any, a: Any, b: Any, v: Any, w: Any, u: Any, q0: Any, q1: Any) -> Any:
    vw, vu, wu = v * w, v * u, w * u
    losses = 2 * SINE * np.stack([v**2, w**2, u**2])
    charging = (2 * COSINE - 0.7533e-3 * ADMITTANCE) * np.stack([v**2, w**2, u**2])
    active = np.stack(
        [
            vw * np.sin(-a - 0.25) + vu * np.sin(-b - 0.25),
            vw * np.sin(a - 0.25) + wu * np.sin(a - b - 0.25),
            vu * np.sin(b - 0.25) + wu * np.sin(b - a - 0.25),
        ]
    )
    reactive = np.stack(
        [
            vw * np.cos(-a - 0.25) + vu * np.cos(-b - 0.25),
            vw * np.cos(a - 0.25) + wu * np.cos(a - b - 0.25),
            vu * np.cos(b - 0.25) + wu * np.cos(b - a - 0.25),
        ]
    )
    generated = ADMITTANCE * np.stack([p0, p1, 0.0])
    injected = ADMITTANCE * np.stack([q0, q1, 0.0])
    return np.concatenate(
        [
            active + losses - generated + ADMITTANCE * np.array([400.0, 400.0, 881.779]),
            reactive - charging + injected - ADMITTANCE * np.array([200.0, 200.0, 22.938]),
        ]
    )


RECORD = record(109, build, Counts(9, 9, jacobian=40, hessian=19), optimum(5362.06928, 5))
