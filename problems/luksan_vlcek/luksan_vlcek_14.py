"""Lukšan–Vlček 5.14: chained modified Hock–Schittkowski 49.

    minimize    sum over blocks of
                (a - b)^2 + (c - 1)^2 + (d - 1)^4 + (e - 1)^6
    subject to, for every block,
                a^2 + b + c + 4 d - 7 == 0,   c^2 - 5 e - 6 == 0
                the form "inequality" has >= 0 in both
    start       x = (10, 7, -3, 10, 7, -3, …)

All quantities are dimensionless. The variables of a block are the five from x_{3j-2}, j = 1 …
(n-2)/3. CUTEst, whose loop over constraints advances by the number of rows, has their blocks 2
apart in the place of 3; this is version "cutest".

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.14, hdl:11104/0123965;
CUTEst's LUKVLE14 and LUKVLI14.
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
    recomputed,
    repeated,
    windows,
)
from problems.record import Counts, ProblemRecord

START = (10.0, 7.0, -3.0)


@checked(num_variables=from_on(5, 3), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 998, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with `num_variables` = 3 k + 2 variables."""
    model = so.Model("luksan_vlcek_14")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    blocks = num_variables // 3
    a, b, c, d, e = windows(x, width=5, stride=3, count=blocks)
    model.minimize(np.sum((a - b) ** 2 + (c - 1) ** 2 + (d - 1) ** 4 + (e - 1) ** 6))
    a, b, c, d, e = windows(x, width=5, stride=3 if version == "report" else 2, count=blocks)
    model.subject_to(constraint(a**2 + b + c + 4 * d - 7, form, ">="), name="sum")
    model.subject_to(constraint(c**2 - 5 * e - 6, form, ">="), name="parabola")
    return model


def counts(
    num_variables: int = 998, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts: six entries in the rows of a block."""
    blocks = num_variables // 3
    return Counts(num_variables, 2 * blocks, jacobian=6 * blocks, hessian=4 * blocks + 2)


RECORD = ProblemRecord(
    name="luksan_vlcek_14",
    title="chained modified Hock–Schittkowski 49 (Lukšan–Vlček 5.14)",
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
        recomputed(5237.228139634116, num_variables=998),
        recomputed(5237.228139634116, num_variables=998, form="inequality"),
        recomputed(
            10565.202236899517,
            "without the dense column that makes LUKVLE14.SIF's 3.08941E+07",
            num_variables=998,
            version="cutest",
        ),
        recomputed(
            4020.1827982685168,
            "without the dense column of LUKVLI14.SIF",
            num_variables=998,
            form="inequality",
            version="cutest",
        ),
    ),
    reference=REFERENCE,
)
