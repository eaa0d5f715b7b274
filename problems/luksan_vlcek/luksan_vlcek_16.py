"""Lukšan–Vlček 5.16: chained modified Hock–Schittkowski 51.

    minimize    sum over blocks of
                (a - b)^4 + (b + c - 2)^2 + (d - 1)^2 + (e - 1)^2
    subject to, for every block,
                a^2 + 3 b - 4 == 0,   c^2 + d - 2 e == 0,   b^2 - e == 0
                the form "inequality" has >= 0 in all three
    start       x = (2.5, 0.5, 2, -1, 2.5, 0.5, 2, -1, …)

All quantities are dimensionless. The variables of a block are the five from x_{4j-3}, j = 1 …
(n-1)/4. CUTEst, whose loop over constraints advances by the number of rows, has their blocks 3
apart in the place of 4; this is version "cutest".

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.16, hdl:11104/0123965;
CUTEst's LUKVLE16 and LUKVLI16.
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

START = (2.5, 0.5, 2.0, -1.0)


@checked(num_variables=from_on(5, 4), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 997, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with `num_variables` = 4 k + 1 variables."""
    model = so.Model("luksan_vlcek_16")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    blocks = num_variables // 4
    a, b, c, d, e = windows(x, width=5, stride=4, count=blocks)
    model.minimize(np.sum((a - b) ** 4 + (b + c - 2) ** 2 + (d - 1) ** 2 + (e - 1) ** 2))
    a, b, c, d, e = windows(x, width=5, stride=4 if version == "report" else 3, count=blocks)
    model.subject_to(constraint(a**2 + 3 * b - 4, form, ">="), name="first")
    model.subject_to(constraint(c**2 + d - 2 * e, form, ">="), name="second")
    model.subject_to(constraint(b**2 - e, form, ">="), name="third")
    return model


def counts(
    num_variables: int = 997, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts: seven entries in the rows of a block."""
    blocks = num_variables // 4
    return Counts(num_variables, 3 * blocks, jacobian=7 * blocks, hessian=6 * blocks + 1)


RECORD = ProblemRecord(
    name="luksan_vlcek_16",
    title="chained modified Hock–Schittkowski 51 (Lukšan–Vlček 5.16)",
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
        printed("LUKVLE16", "0.0", num_variables=997),
        recomputed(0.0, num_variables=997, form="inequality"),
        recomputed(
            28.61009774416241,
            "295.0077 with n = 997, where LUKVLI16.SIF prints 295.007",
            num_variables=101,
            form="inequality",
            version="cutest",
        ),
    ),
    reference=REFERENCE,
)
