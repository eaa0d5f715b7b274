"""Lukšan–Vlček 5.10: generalized Brown function with Broyden tridiagonal constraints.

    minimize    sum_{i=1}^{n/2}  (x_{2i-1}^2)^(x_{2i}^2 + 1) + (x_{2i}^2)^(x_{2i-1}^2 + 1)
    subject to  (3 - 2 x_{k+1}) x_{k+1} + 1 - x_k - 2 x_{k+2} == 0,
                k = 1 … n-2;   the form "inequality" has <= 0
    start       x = (-1, 1, -1, 1, …)

All quantities are dimensionless.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.10, hdl:11104/0123965;
CUTEst's LUKVLE10 and LUKVLI10.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked, from_on
from problems.luksan_vlcek.forms import (
    FORMS,
    REFERENCE,
    Form,
    constraint,
    printed,
    recomputed,
    repeated,
)
from problems.record import Counts, ProblemRecord

START = (-1.0, 1.0)


@checked(num_variables=from_on(4, 2), form=FORMS)
def build(num_variables: int = 1000, form: Form = "equality") -> so.Model:
    """Return the model with an even number >= 4 of variables."""
    model = so.Model("luksan_vlcek_10")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    a, b = x[0::2] ** 2, x[1::2] ** 2
    model.minimize(np.sum(a ** (b + 1) + b ** (a + 1)))
    rows = (3 - 2 * x[1:-1]) * x[1:-1] + 1 - x[:-2] - 2 * x[2:]
    model.subject_to(constraint(rows, form, "<="), name="tridiagonal")
    return model


def counts(num_variables: int = 1000, form: Form = "equality") -> Counts:
    """Return the counts: three entries in each row, a Hessian of dense pairs."""
    rows = num_variables - 2
    return Counts(num_variables, rows, jacobian=3 * rows, hessian=3 * num_variables // 2)


RECORD = ProblemRecord(
    name="luksan_vlcek_10",
    title="generalized Brown with Broyden tridiagonal constraints (Lukšan–Vlček 5.10)",
    family="separable pairs, banded constraints",
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
        recomputed(
            353.1224549152833,
            "a local optimum, as LUKVLI10.SIF's 353.122; the global one is 352.2380254",
            best=352.2380254,
            num_variables=1000,
        ),
        printed("LUKVLI10", "353.122", num_variables=1000, form="inequality"),
        recomputed(34.92440338133727, num_variables=100),
    ),
    reference=REFERENCE,
)
