"""Hock–Schittkowski 2: Rosenbrock's valley, its optimum cut off by a bound.

    minimize    100 (x1 - x0^2)^2 + (1 - x0)^2
    subject to  x1 >= 1.5
                start (-2, 1)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 2, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs002")
    x = model.variable("x", shape=2, lower=[-np.inf, 1.5], start=[-2.0, 1.0])
    x0, x1 = x
    model.minimize(100 * (x1 - x0**2) ** 2 + (1 - x0) ** 2)
    return model


RECORD = record(
    2,
    build,
    Counts(2, 0, jacobian=0, hessian=3),
    optimum(
        4.941229318,
        9,
        source="local optimum nearest the start, recomputed by CasADi 3.8.2 with IPOPT "
        "3.14.19; the book prints the global optimum 0.0504261879",
        best=0.0504261879,
    ),
)
