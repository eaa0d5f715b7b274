"""Hock–Schittkowski 104: optimal reactor design, a geometric program.

    minimize    f(x) = 0.4 (x0/x6)^0.67 + 0.4 (x1/x7)^0.67 + 10 - x0 - x1
    subject to  0.0588 x4 x6 + 0.1 x0 <= 1,   0.0588 x5 x7 + 0.1 x0 + 0.1 x1 <= 1
                (4 x2 + 2 x2^-0.71) / x4 + 0.0588 x2^-1.3 x6 <= 1
                (4 x3 + 2 x3^-0.71) / x5 + 0.0588 x3^-1.3 x7 <= 1,   1 <= f(x) <= 4.2
                0.1 <= x <= 10,   start (6, 3, 0.4, 0.2, 6, 6, 1, 0.5)

All quantities are dimensionless.

Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in
Economics and Mathematical Systems 187, Springer (1981), problem 104, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import sparseopt as so
from problems.hock_schittkowski.book import optimum, record
from problems.record import Counts


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs104")
    x = model.variable(
        "x", shape=8, lower=0.1, upper=10.0, start=[6.0, 3.0, 0.4, 0.2, 6.0, 6.0, 1.0, 0.5]
    )
    x0, x1, x2, x3, x4, x5, x6, x7 = x
    cost = 0.4 * (x0 / x6) ** 0.67 + 0.4 * (x1 / x7) ** 0.67 + 10 - x0 - x1
    model.minimize(cost)
    model.subject_to(0.0588 * x4 * x6 + 0.1 * x0 <= 1, name="first")
    model.subject_to(0.0588 * x5 * x7 + 0.1 * x0 + 0.1 * x1 <= 1, name="second")
    model.subject_to((4 * x2 + 2 * x2**-0.71) / x4 + 0.0588 * x2**-1.3 * x6 <= 1, name="third")
    model.subject_to((4 * x3 + 2 * x3**-0.71) / x5 + 0.0588 * x3**-1.3 * x7 <= 1, name="fourth")
    model.subject_to(cost, lower=1.0, upper=4.2, name="cost")
    return model


RECORD = record(104, build, Counts(8, 5, jacobian=17, hessian=16), optimum(3.9511634396, 10))
