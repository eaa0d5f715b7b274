"""Lukšan–Vlček 5.2: chained Wood function with Broyden banded constraints.

    minimize    sum_{i=1}^{n/2-1}  100 (x_{2i-1}^2 - x_{2i})^2 + (x_{2i-1} - 1)^2
                + 90 (x_{2i+1}^2 - x_{2i+2})^2 + (x_{2i+1} - 1)^2
                + 10 (x_{2i} + x_{2i+2} - 2)^2 + (x_{2i} - x_{2i+2})^2 / 10
    subject to  (2 + 5 x_{k+5}^2) x_{k+5} + 1 + sum_{i=max(1,k-5)}^{k+1} x_i (1 + x_i) == 0,
                k = 1 … n-7;   the form "inequality" has <= 0
    start       x = (-2, 1, -2, 1, …)

All quantities are dimensionless. In CUTEst the sum of row k runs from k to k+6, which is the band
around x_{k+5}; this is version "cutest". Its file gives a group name to objective and constraints,
so that its objective is another one and its printed optimum is no reference here.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.2, hdl:11104/0123965;
CUTEst's LUKVLE2 and LUKVLI2.
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

START = (-2.0, 1.0)
BAND = 7  # elements in a row of a Broyden banded function


@checked(num_variables=from_on(8, 2), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 1000, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with an even number >= 8 of variables."""
    model = so.Model("luksan_vlcek_2")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    a, b, c, d = windows(x, width=4, stride=2, count=num_variables // 2 - 1)
    model.minimize(
        np.sum(
            100 * (a**2 - b) ** 2
            + (a - 1) ** 2
            + 90 * (c**2 - d) ** 2
            + (c - 1) ** 2
            + 10 * (b + d - 2) ** 2
            + (b - d) ** 2 / 10
        )
    )
    band = np.convolve(x * (1 + x), np.ones(BAND))[1:-5]  # i-5 … i+1 for every i
    center = x[5:-2]
    sums = band[:-7] if version == "report" else band[5:-2]
    model.subject_to(constraint((2 + 5 * center**2) * center + 1 + sums, form, "<="), name="banded")
    return model


def counts(
    num_variables: int = 1000, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts: 8 entries in a row (7 in CUTEst's), fewer in the first five."""
    rows = num_variables - 7
    jacobian = 8 * rows - 15 if version == "report" else 7 * rows
    return Counts(num_variables, rows, jacobian=jacobian, hessian=2 * num_variables - 1)


RECORD = ProblemRecord(
    name="luksan_vlcek_2",
    title="chained Wood with Broyden banded constraints (Lukšan–Vlček 5.2)",
    family="chained, banded",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 1000},
        "medium": {"num_variables": 10_000},
        "large": {"num_variables": 100_000},
    },
    second_size={"num_variables": 14},
    counts=counts,
    known=(
        recomputed(28115.891230215835, num_variables=1000),
        recomputed(26465.12756590163, num_variables=1000, form="inequality"),
        recomputed(28060.49259217598, num_variables=1000, version="cutest"),
        recomputed(24299.174208487297, num_variables=1000, form="inequality", version="cutest"),
        recomputed(307.5053207824025, num_variables=14),
    ),
    reference=REFERENCE,
)
