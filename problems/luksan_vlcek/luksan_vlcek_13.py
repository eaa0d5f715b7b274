"""Lukšan–Vlček 5.13: chained modified Hock–Schittkowski 48.

    minimize    sum over blocks of
                (a - 1)^2 + (b - c)^2 + (d - e)^4
    subject to, for every block,
                a + b^2 + c + d + e - 5 == 0,   c^2 - 2 (d + e) - 3 == 0
                the form "inequality" has <= 0 in both
    start       x = (3, 5, -3, 3, 5, -3, …)

All quantities are dimensionless. The variables of a block are the five from x_{3j-2}, j = 1 …
(n-2)/3. CUTEst, whose loop over constraints advances by the number of rows, has their blocks 2
apart in the place of 3; this is version "cutest". It also has 4 e in the first row.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.13, hdl:11104/0123965;
CUTEst's LUKVLE13 and LUKVLI13.
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

START = (3.0, 5.0, -3.0)


@checked(num_variables=from_on(5, 3), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 998, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with `num_variables` = 3 k + 2 variables."""
    model = so.Model("luksan_vlcek_13")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    blocks = num_variables // 3
    a, b, c, d, e = windows(x, width=5, stride=3, count=blocks)
    model.minimize(np.sum((a - 1) ** 2 + (b - c) ** 2 + (d - e) ** 4))
    a, b, c, d, e = windows(x, width=5, stride=3 if version == "report" else 2, count=blocks)
    last = e if version == "report" else 4 * e
    model.subject_to(constraint(a + b**2 + c + d + last - 5, form, "<="), name="sum")
    model.subject_to(constraint(c**2 - 2 * (d + e) - 3, form, "<="), name="parabola")
    return model


def counts(
    num_variables: int = 998, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts: eight entries in the rows of a block."""
    blocks = num_variables // 3
    return Counts(num_variables, 2 * blocks, jacobian=8 * blocks, hessian=5 * blocks + 2)


RECORD = ProblemRecord(
    name="luksan_vlcek_13",
    title="chained modified Hock–Schittkowski 48 (Lukšan–Vlček 5.13)",
    family="chained blocks",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 998},
        "medium": {"num_variables": 9_998},
        "large": {"num_variables": 99_998},
    },
    second_size={"num_variables": 101},
    counts=counts,
    known=(
        recomputed(7979.190097009796, num_variables=998),
        recomputed(0.0, num_variables=998, form="inequality"),
        recomputed(
            9224.720816902127,
            "a local optimum; LUKVLE13.SIF prints 9007.34",
            num_variables=998,
            version="cutest",
        ),
        printed("LUKVLI13", "13.1224", num_variables=998, form="inequality", version="cutest"),
    ),
    reference=REFERENCE,
)
