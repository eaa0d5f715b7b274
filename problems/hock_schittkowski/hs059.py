"""Hock–Schittkowski 59: a polynomial response surface.

    minimize    -75.196
                + 3.8112 x0
                - 0.12694 x0^2
                + 2.0567e-3 x0^3
                - 1.0345e-5 x0^4
                + 6.8306 x1
                - 0.030234 x0 x1
                + 1.28134e-3 x1 x0^2
                - 3.5256e-5 x1 x0^3
                + 2.266e-7 x1 x0^4
                - 0.25645 x1^2
                + 3.4604e-3 x1^3
                - 1.3514e-5 x1^4
                + 28.106 / (x1 + 1)
                + 5.2375e-6 x0^2 x1^2
                + 6.3e-8 x0^3 x1^2
                - 7e-10 x0^3 x1^3
                - 3.405e-4 x0 x1^2
                + 1.6638e-6 x0 x1^3
                + 2.8673 exp(5e-4 x0 x1)
    subject to  x0 x1 >= 700
                x1 - x0^2 / 125 >= 0
                (x1 - 50)^2 - 5 (x0 - 55) >= 0
                0 <= x0 <= 75,   0 <= x1 <= 65,   start (90, 10)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 59, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs059")
    x = model.variable("x", shape=2, lower=0.0, upper=[75.0, 65.0], start=[90.0, 10.0])
    x0, x1 = x
    model.minimize(
        -75.196
        + 3.8112 * x0
        - 0.12694 * x0**2
        + 2.0567e-3 * x0**3
        - 1.0345e-5 * x0**4
        + 6.8306 * x1
        - 0.030234 * x0 * x1
        + 1.28134e-3 * x1 * x0**2
        - 3.5256e-5 * x1 * x0**3
        + 2.266e-7 * x1 * x0**4
        - 0.25645 * x1**2
        + 3.4604e-3 * x1**3
        - 1.3514e-5 * x1**4
        + 28.106 / (x1 + 1)
        + 5.2375e-6 * x0**2 * x1**2
        + 6.3e-8 * x0**3 * x1**2
        - 7e-10 * x0**3 * x1**3
        - 3.405e-4 * x0 * x1**2
        + 1.6638e-6 * x0 * x1**3
        + 2.8673 * np.exp(5e-4 * x0 * x1)
    )
    model.subject_to(x0 * x1 >= 700, name="product")
    model.subject_to(x1 - x0**2 / 125 >= 0, name="parabola")
    model.subject_to((x1 - 50) ** 2 - 5 * (x0 - 55) >= 0, name="sideways")
    return model


RECORD = record(
    59,
    build,
    Counts(2, 3, jacobian=6, hessian=3),
    optimum(
        -7.8027894715,
        10,
        source="recomputed by CasADi 3.8.2 with IPOPT 3.14.19 and as CUTEst's HS59.SIF prints, "
        "-7.8027894; the book's -7.804226324 does not belong to its formulas",
    ),
)
