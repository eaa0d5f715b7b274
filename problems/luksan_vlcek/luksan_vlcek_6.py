"""Lukšan–Vlček 5.6: generalized Broyden banded function with exponential constraints.

    minimize    sum_{i=1}^{n}  |(2 + 5 x_i^2) x_i + 1 + s_i|^(7/3),
                s_i = sum_{j=max(1,i-5)}^{min(n,i+1)} x_j (1 + x_j)
    subject to  4 x_{2k} - (x_{2k-1} - x_{2k+1}) exp(x_{2k-1} - x_{2k} - x_{2k+1}) - 3 == 0,
                k = 1 … (n-1)/2;   the form "inequality" has >= 0
    start       x = 3

All quantities are dimensionless.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.6, hdl:11104/0123965;
CUTEst's LUKVLE6 and LUKVLI6.
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
    windows,
)
from problems.record import Counts, ProblemRecord

START = 3.0
EXPONENT = 7 / 3
BAND = 7  # elements in a row of a Broyden banded function


@checked(num_variables=from_on(7, 2), form=FORMS)
def build(num_variables: int = 999, form: Form = "equality") -> so.Model:
    """Return the model with an odd number >= 7 of variables."""
    model = so.Model("luksan_vlcek_6")
    x = model.variable("x", shape=num_variables, start=START)
    band = np.convolve(x * (1 + x), np.ones(BAND))[1:-5]  # i-5 … i+1 for every i
    model.minimize(np.sum(np.abs((2 + 5 * x**2) * x + 1 + band) ** EXPONENT))
    a, b, c = windows(x, width=3, stride=2, count=num_variables // 2)
    rows = 4 * b - (a - c) * np.exp(a - b - c) - 3
    model.subject_to(constraint(rows, form, ">="), name="exponential")
    return model


def counts(num_variables: int = 999, form: Form = "equality") -> Counts:
    """Return the counts: three entries in each row, a Hessian of seven lower diagonals."""
    rows = num_variables // 2
    return Counts(num_variables, rows, jacobian=3 * rows, hessian=7 * num_variables - 21)


RECORD = ProblemRecord(
    name="luksan_vlcek_6",
    title="generalized Broyden banded with exponential constraints (Lukšan–Vlček 5.6)",
    family="chained, banded",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 999},
        "medium": {"num_variables": 9_999},
        "large": {"num_variables": 99_999},
    },
    second_size={"num_variables": 101},
    counts=counts,
    known=(
        printed("LUKVLE6", "62638.2", num_variables=999),
        printed("LUKVLI6", "62638.2", num_variables=999, form="inequality"),
        recomputed(6037.653246971872, num_variables=99),
        recomputed(6037.653187947074, num_variables=99, form="inequality"),
    ),
    reference=REFERENCE,
)
