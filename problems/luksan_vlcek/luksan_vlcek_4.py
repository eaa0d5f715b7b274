"""Lukšan–Vlček 5.4: chained Cragg–Levy function with tridiagonal constraints.

    minimize    sum_{i=1}^{n/2-1}  (exp(x_{2i-1}) - x_{2i})^4 + 100 (x_{2i} - x_{2i+1})^6
                + tan(x_{2i+1} - x_{2i+2})^4 + x_{2i-1}^8 + (x_{2i+2} - 1)^2
    subject to  8 x_{k+1} (x_{k+1}^2 - x_k) - 2 (1 - x_{k+1}) + 4 (x_{k+1} - x_{k+2}^2) == 0,
                k = 1 … n-2;   the form "inequality" has <= 0
    start       x = (1, 2, 2, 2, 1, 2, 2, 2, …)

All quantities are dimensionless. CUTEst adds the argument, (tan(u) + u)^4 with u = x_{2i+1} -
x_{2i+2}; this is version "cutest" (LUKVLE4 itself gives a group name to objective and constraints,
which LUKVLE4C corrects).

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.4, hdl:11104/0123965;
CUTEst's LUKVLE4C and LUKVLI4C.
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

START = (1.0, 2.0, 2.0, 2.0)


@checked(num_variables=from_on(4, 2), form=FORMS, version=VERSIONS)
def build(
    num_variables: int = 1000, form: Form = "equality", version: Version = "report"
) -> so.Model:
    """Return the model with an even number >= 4 of variables."""
    model = so.Model("luksan_vlcek_4")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    a, b, c, d = windows(x, width=4, stride=2, count=num_variables // 2 - 1)
    tangent = np.tan(c - d) if version == "report" else np.tan(c - d) + c - d
    model.minimize(
        np.sum((np.exp(a) - b) ** 4 + 100 * (b - c) ** 6 + tangent**4 + a**8 + (d - 1) ** 2)
    )
    p, q, r = x[:-2], x[1:-1], x[2:]
    rows = 8 * q * (q**2 - p) - 2 * (1 - q) + 4 * (q - r**2)
    model.subject_to(constraint(rows, form, "<="), name="tridiagonal")
    return model


def counts(
    num_variables: int = 1000, form: Form = "equality", version: Version = "report"
) -> Counts:
    """Return the counts: three entries in each row, a tridiagonal Hessian."""
    rows = num_variables - 2
    return Counts(num_variables, rows, jacobian=3 * rows, hessian=2 * num_variables - 1)


RECORD = ProblemRecord(
    name="luksan_vlcek_4",
    title="chained Cragg–Levy with tridiagonal constraints (Lukšan–Vlček 5.4)",
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
        recomputed(4827.390946700809, num_variables=1000),
        recomputed(399.7324265760971, num_variables=1000, form="inequality"),
        recomputed(
            4827.45856301156,
            "a local optimum; LUKVLE4C.SIF prints 3362.67",
            num_variables=1000,
            version="cutest",
        ),
        recomputed(
            428.7014723266176,
            "lower than LUKVLI4C.SIF's 4784.73",
            num_variables=1000,
            form="inequality",
            version="cutest",
        ),
    ),
    reference=REFERENCE,
)
