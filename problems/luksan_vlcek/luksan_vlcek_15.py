"""Lukšan–Vlček 5.15: chained modified Hock–Schittkowski 50.

    minimize    sum over blocks of
                (a - b)^2 + (b - c)^2 + (c - d)^4 + (d - e)^4
    subject to, for every block,
                a^2 + 2 b + 3 c - 6 == 0,   b^2 + 2 c + 3 d - 6 == 0,   c^2 + 2 d + 3 e - 6 == 0
                the form "inequality" has <= 0, <= 0, >= 0
    start       x = (35, 11, 5, -5, 35, 11, 5, -5, …)

All quantities are dimensionless. The variables of a block are the five from x_{4j-3}, j = 1 …
(n-1)/4. CUTEst, whose loop over constraints advances by the number of rows, has their blocks 3
apart in the place of 4; this is version "cutest".

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.15, hdl:11104/0123965;
CUTEst's LUKVLE15 and LUKVLI15.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked, from_on
from problems.luksan_vlcek.forms import (
    FORMS,
    REFERENCE,
    VERSIONS,
    Form,
    Version,
    constraint,
    printed,
    recomputed,
    repeated,
    windows,
)
from problems.record import Counts, ProblemRecord

START = (35.0, 11.0, 5.0, -5.0)


@checked(num_variables=from_on(5, 4), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 997, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with `num_variables` = 4 k + 1 variables."""
    model = so.Model("luksan_vlcek_15")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    blocks = num_variables // 4
    a, b, c, d, e = windows(x, width=5, stride=4, count=blocks)
    model.minimize(np.sum((a - b) ** 2 + (b - c) ** 2 + (c - d) ** 4 + (d - e) ** 4))
    a, b, c, d, e = windows(x, width=5, stride=4 if version == "report" else 3, count=blocks)
    model.subject_to(constraint(a**2 + 2 * b + 3 * c - 6, form, "<="), name="first")
    model.subject_to(constraint(b**2 + 2 * c + 3 * d - 6, form, "<="), name="second")
    model.subject_to(constraint(c**2 + 2 * d + 3 * e - 6, form, ">="), name="third")
    return model


def counts(
    num_variables: int = 997, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts: nine entries in the rows of a block."""
    blocks = num_variables // 4
    return Counts(num_variables, 3 * blocks, jacobian=9 * blocks, hessian=8 * blocks + 1)


RECORD = ProblemRecord(
    name="luksan_vlcek_15",
    title="chained modified Hock–Schittkowski 50 (Lukšan–Vlček 5.15)",
    family="chained blocks",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 997},
        "medium": {"num_variables": 9_997},
        "large": {"num_variables": 99_997},
    },
    second_size={"num_variables": 101},
    counts=counts,
    known=(
        printed("LUKVLE15", "0.0", num_variables=997),
        recomputed(5.8718952908815165, "a local optimum", num_variables=101, form="inequality"),
        recomputed(0.0, num_variables=997, version="cutest"),
    ),
    reference=REFERENCE,
)
