"""Lukšan–Vlček 5.12: chained Hock–Schittkowski 47.

    minimize    sum over blocks of
                (a - b)^2 + (b - c)^2 + (c - d)^4 + (d - e)^4
    subject to, for every block,
                a + b^2 + c^2 - 3 == 0,   b + c^2 + d - 1 == 0,   a e - 1 == 0
                the form "inequality" has <= 0 in all three
    start       x = (2, 1.5, -1, 0.5, 2, 1.5, -1, 0.5, …)

All quantities are dimensionless. The variables of a block are the five from x_{4j-3}, j = 1 …
(n-1)/4. CUTEst, whose loop over constraints advances by the number of rows, has their blocks 3
apart in the place of 4; this is version "cutest". (Its loop also keeps an old index, which makes
the last variable a dense column; that is left out.)

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.12, hdl:11104/0123965;
CUTEst's LUKVLE12 and LUKVLI12.
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

START = (2.0, 1.5, -1.0, 0.5)


@checked(num_variables=from_on(5, 4), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 997, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with `num_variables` = 4 k + 1 variables."""
    model = so.Model("luksan_vlcek_12")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    blocks = num_variables // 4
    a, b, c, d, e = windows(x, width=5, stride=4, count=blocks)
    model.minimize(np.sum((a - b) ** 2 + (b - c) ** 2 + (c - d) ** 4 + (d - e) ** 4))
    a, b, c, d, e = windows(x, width=5, stride=4 if version == "report" else 3, count=blocks)
    model.subject_to(constraint(a + b**2 + c**2 - 3, form, "<="), name="sphere")
    model.subject_to(constraint(b + c**2 + d - 1, form, "<="), name="parabola")
    model.subject_to(constraint(a * e - 1, form, "<="), name="product")
    return model


def counts(
    num_variables: int = 997, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts: eight entries in the rows of a block."""
    blocks = num_variables // 4
    return Counts(num_variables, 3 * blocks, jacobian=8 * blocks, hessian=9 * blocks + 1)


RECORD = ProblemRecord(
    name="luksan_vlcek_12",
    title="chained Hock–Schittkowski 47 (Lukšan–Vlček 5.12)",
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
        recomputed(
            1498.9656211645356,
            "a local optimum; LUKVLE12.SIF prints 0, for which all x would be equal: infeasible",
            num_variables=997,
        ),
        printed("LUKVLI12", "0.0", num_variables=997, form="inequality"),
        recomputed(0.0, num_variables=997, form="inequality", version="cutest"),
    ),
    reference=REFERENCE,
)
