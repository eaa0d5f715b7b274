"""Lukšan–Vlček 5.11: chained Hock–Schittkowski 46.

    minimize    sum over blocks of
                (a - b)^2 + (c - 1)^2 + (d - 1)^4 + (e - 1)^6
    subject to, for every block,
                a^2 d + sin(d - e) - 1 == 0,   b + c^4 d^2 - 2 == 0
                the form "inequality" has <= 0 in both
    start       x = (2, 1.5, 0.5, 2, 1.5, 0.5, …)

All quantities are dimensionless. The variables of a block are the five from x_{3j-2}, j = 1 …
(n-2)/3. CUTEst, whose loop over constraints advances by the number of rows, has their blocks 2
apart in the place of 3, and c^2 d for c^4 d^2, a group type that it declares and does not use; this
is version "cutest".

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.11, hdl:11104/0123965;
CUTEst's LUKVLE11 and LUKVLI11.
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

START = (2.0, 1.5, 0.5)


@checked(num_variables=from_on(5, 3), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 998, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with `num_variables` = 3 k + 2 variables."""
    model = so.Model("luksan_vlcek_11")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    blocks = num_variables // 3
    a, b, c, d, e = windows(x, width=5, stride=3, count=blocks)
    model.minimize(np.sum((a - b) ** 2 + (c - 1) ** 2 + (d - 1) ** 4 + (e - 1) ** 6))
    a, b, c, d, e = windows(x, width=5, stride=3 if version == "report" else 2, count=blocks)
    model.subject_to(constraint(a**2 * d + np.sin(d - e) - 1, form, "<="), name="sine")
    power = c**4 * d**2 if version == "report" else c**2 * d
    model.subject_to(constraint(b + power - 2, form, "<="), name="power")
    return model


def counts(
    num_variables: int = 998, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts; CUTEst's overlapping blocks fill the Hessian a little more."""
    blocks = num_variables // 3
    hessian = 6 * blocks + 3 if version == "report" else None
    return Counts(num_variables, 2 * blocks, jacobian=6 * blocks, hessian=hessian)


RECORD = ProblemRecord(
    name="luksan_vlcek_11",
    title="chained Hock–Schittkowski 46 (Lukšan–Vlček 5.11)",
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
        printed("LUKVLE11", "0.0", num_variables=998),
        printed("LUKVLI11", "0.0", num_variables=998, form="inequality"),
        recomputed(0.0, num_variables=98, form="inequality", version="cutest"),
    ),
    reference=REFERENCE,
)
