"""Lukšan–Vlček 5.18: chained modified Hock–Schittkowski 53.

    minimize    sum over blocks of
                (a - b)^4 + (b + c - 2)^2 + (d - 1)^2 + (e - 1)^2
    subject to, for every block,
                a^2 + 3 b == 0,   c^2 + d - 2 e == 0,   b^2 - e == 0
                the form "inequality" has >= 0 in all three
    start       x = 2

All quantities are dimensionless. The variables of a block are the five from x_{4j-3}, j = 1 …
(n-1)/4. CUTEst, whose loop over constraints advances by the number of rows, has their blocks 3
apart in the place of 4; this is version "cutest".

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.18, hdl:11104/0123965;
CUTEst's LUKVLE18 and LUKVLI18.
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
    windows,
)
from problems.record import Counts, ProblemRecord

START = 2.0


@checked(num_variables=from_on(5, 4), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 997, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with `num_variables` = 4 k + 1 variables."""
    model = so.Model("luksan_vlcek_18")
    x = model.variable("x", shape=num_variables, start=START)
    blocks = num_variables // 4
    a, b, c, d, e = windows(x, width=5, stride=4, count=blocks)
    model.minimize(np.sum((a - b) ** 4 + (b + c - 2) ** 2 + (d - 1) ** 2 + (e - 1) ** 2))
    a, b, c, d, e = windows(x, width=5, stride=4 if version == "report" else 3, count=blocks)
    model.subject_to(constraint(a**2 + 3 * b, form, ">="), name="first")
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
    name="luksan_vlcek_18",
    title="chained modified Hock–Schittkowski 53 (Lukšan–Vlček 5.18)",
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
        recomputed(1194.9371934194048, num_variables=997),
        recomputed(0.0, num_variables=997, form="inequality"),
        printed("LUKVLI18", "0.0", num_variables=997, form="inequality", version="cutest"),
    ),
    reference=REFERENCE,
)
