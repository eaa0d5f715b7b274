"""Hock–Schittkowski 71: the smallest problem with everything in it.

    minimize    x0 x3 (x0 + x1 + x2) + x2
    subject to  x0 x1 x2 x3 >= 25
                x0^2 + x1^2 + x2^2 + x3^2 == 40
                1 <= x <= 5,   start (1, 5, 5, 1)

All quantities are dimensionless. Source: W. Hock and K. Schittkowski, Test Examples for Nonlinear
Programming Codes, Lecture Notes in Economics and Mathematical Systems 187, Springer (1981), problem
71, doi:10.1007/978-3-642-48320-2.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.record import Counts, KnownObjective, ProblemRecord

PRODUCT_LOWER = 25.0
SQUARED_NORM = 40.0


def build() -> so.Model:
    """Return the model."""
    model = so.Model("hs071")
    x = model.variable("x", shape=4, lower=1.0, upper=5.0, start=np.array([1.0, 5.0, 5.0, 1.0]))
    model.minimize(x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2])
    model.subject_to(x[0] * x[1] * x[2] * x[3] >= PRODUCT_LOWER, name="product")
    model.subject_to(np.sum(x**2) == SQUARED_NORM, name="sphere")
    return model


RECORD = ProblemRecord(
    name="hs071",
    title="Hock–Schittkowski 71",
    family="small dense",
    sense="minimize",
    build=build,
    sizes={"small": {}, "medium": {}, "large": {}},
    counts=lambda: Counts(variables=4, constraints=2, jacobian=8, hessian=10),
    known=(
        KnownObjective(
            size={},
            value=17.0140173,
            relative_tolerance=5e-9,
            source="Hock and Schittkowski (1981), problem 71",
            doi="10.1007/978-3-642-48320-2",
        ),
    ),
    reference="Hock and Schittkowski (1981), doi:10.1007/978-3-642-48320-2",
)
