"""Hock–Schittkowski 20: Rosenbrock's valley outside a circle.

    minimize    100 (x1 - x0^2)^2 + (1 - x0)^2
    subject to  x0 + x1^2 >= 0
                x0^2 + x1 >= 0
                x0^2 + x1^2 >= 1
                -0.5 <= x0 <= 0.5,   start (-2, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 20, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs020")
    x = model.variable("x", shape=2, lower=[-0.5, -np.inf], upper=[0.5, np.inf], start=[-2.0, 1.0])
    x0, x1 = x
    model.minimize(100 * (x1 - x0**2) ** 2 + (1 - x0) ** 2)
    model.subject_to(x0 + x1**2 >= 0, name="first")
    model.subject_to(x0**2 + x1 >= 0, name="second")
    model.subject_to(x0**2 + x1**2 >= 1, name="circle")
    return model


RECORD = record(
    20,
    build,
    Counts(2, 3, jacobian=6, hessian=3),
    optimum(
        40.1987298,
        7,
        source="local optimum nearest the start, recomputed by CasADi 3.8.2 with IPOPT 3.14.19 "
        "(CUTEst's file prints 40.199); the book prints the global optimum 81.5 - 25 "
        "sqrt(3)",
        best=81.5 - 25 * np.sqrt(3),
    ),
)
