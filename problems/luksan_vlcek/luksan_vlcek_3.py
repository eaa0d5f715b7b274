"""Lukšan–Vlček 5.3: chained Powell singular function with simplified constraints.

    minimize    sum_{i=1}^{n/2-1}  (x_{2i-1} + 10 x_{2i})^2 + 5 (x_{2i+1} - x_{2i+2})^2
                + (x_{2i} - 2 x_{2i+1})^4 + 10 (x_{2i-1} - x_{2i+2})^4
    subject to  3 x_1^3 + 2 x_2 - 5 + sin(x_1 - x_2) sin(x_1 + x_2) == 0
                4 x_n - x_{n-1} exp(x_{n-1} - x_n) - 3 == 0
                the form "inequality" has >= 0 in the first, <= 0 in the second
    start       x = (3, -1, 0, 1, 3, -1, 0, 1, …)

All quantities are dimensionless. CUTEst has 4 x_{n-1} in the place of 4 x_n; this is version
"cutest".

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.3, hdl:11104/0123965;
CUTEst's LUKVLE3 and LUKVLI3.
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

START = (3.0, -1.0, 0.0, 1.0)


@checked(num_variables=from_on(4, 4), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 1000, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with a multiple of 4 of variables."""
    model = so.Model("luksan_vlcek_3")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    a, b, c, d = windows(x, width=4, stride=2, count=num_variables // 2 - 1)
    model.minimize(
        np.sum((a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4)
    )
    first = 3 * x[0] ** 3 + 2 * x[1] - 5 + np.sin(x[0] - x[1]) * np.sin(x[0] + x[1])
    linear = x[-1] if version == "report" else x[-2]
    last = 4 * linear - x[-2] * np.exp(x[-2] - x[-1]) - 3
    model.subject_to(constraint(first, form, ">="), name="first")
    model.subject_to(constraint(last, form, "<="), name="last")
    return model


def counts(
    num_variables: int = 1000, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts: two rows with two entries each; the Hessian of a chain."""
    return Counts(num_variables, 2, jacobian=4, hessian=5 * num_variables // 2 - 2)


RECORD = ProblemRecord(
    name="luksan_vlcek_3",
    title="chained Powell singular with two constraints (Lukšan–Vlček 5.3)",
    family="chained, few constraints",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 1000},
        "medium": {"num_variables": 10_000},
        "large": {"num_variables": 100_000},
    },
    second_size={"num_variables": 16},
    counts=counts,
    known=(
        recomputed(14.168513898231264, num_variables=1000),
        printed("LUKVLE3", "27.58658", num_variables=1000, version="cutest"),
        printed("LUKVLI3", "11.5775", num_variables=1000, form="inequality", version="cutest"),
        recomputed(11.57754161092054, num_variables=1000, form="inequality"),
        recomputed(27.5865837567046, num_variables=100, version="cutest"),
    ),
    reference=REFERENCE,
)
