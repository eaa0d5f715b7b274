"""Lukšan–Vlček 5.7: trigonometric tridiagonal function with simplified five-diagonal constraints.

    minimize    sum_{i=1}^{n}  i (1 - cos(x_i) + sin(x_{i-1}) - sin(x_{i+1})),   x_0 = x_{n+1} = 0
    subject to  4 (x_1 - x_2^2) + x_2 - x_3^2 == 0
                8 x_2 (x_2^2 - x_1) - 2 (1 - x_2) + 4 (x_2 - x_3^2) + x_3 - x_4^2 == 0
                8 x_{n-1} (x_{n-1}^2 - x_{n-2}) - 2 (1 - x_{n-1}) + 4 (x_{n-1} - x_n^2)
                + x_{n-2}^2 - x_{n-3} == 0
                8 x_n (x_n^2 - x_{n-1}) - 2 (1 - x_n) + x_{n-1}^2 - x_{n-2} == 0
                the form "inequality" has <= 0
    start       x = 1

All quantities are dimensionless. CUTEst's fourth constraint lacks the constant -2; with it left
out, -224.21 and -227.54 are reached, which its files print.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.7, hdl:11104/0123965;
CUTEst's LUKVLE7 and LUKVLI7.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.luksan_vlcek.forms import FORMS, REFERENCE, Form, constraint, recomputed
from problems.record import Counts, ProblemRecord

START = 1.0


@checked(num_variables=7, form=FORMS)
def build(num_variables: int = 1000, form: Form = "equality") -> so.Model:
    """Return the model with at least 7 variables."""
    model = so.Model("luksan_vlcek_7")
    x = model.variable("x", shape=num_variables, start=START)
    weight = np.arange(1, num_variables + 1)
    neighbors = np.pad(np.sin(x), 1)
    model.minimize(np.sum(weight * (1 - np.cos(x) + neighbors[:-2] - neighbors[2:])))
    a, b, c, d = x[:4]
    p, q, r, s = x[-4:]
    rows = {
        "first": 4 * (a - b**2) + b - c**2,
        "second": 8 * b * (b**2 - a) - 2 * (1 - b) + 4 * (b - c**2) + c - d**2,
        "last_but_one": 8 * r * (r**2 - q) - 2 * (1 - r) + 4 * (r - s**2) + q**2 - p,
        "last": 8 * s * (s**2 - r) - 2 * (1 - s) + r**2 - q,
    }
    for name, row in rows.items():
        model.subject_to(constraint(row, form, "<="), name=name)
    return model


def counts(num_variables: int = 1000, form: Form = "equality") -> Counts:
    """Return the counts: four rows, a diagonal Hessian but for three entries of theirs."""
    return Counts(num_variables, 4, jacobian=14, hessian=num_variables + 3)


RECORD = ProblemRecord(
    name="luksan_vlcek_7",
    title="trigonometric tridiagonal with four constraints (Lukšan–Vlček 5.7)",
    family="separable, few constraints",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 1000},
        "medium": {"num_variables": 10_000},
        "large": {"num_variables": 100_000},
    },
    second_size={"num_variables": 103},
    counts=counts,
    known=(
        recomputed(-309.7706996608192, num_variables=1000),
        recomputed(-385.26929598934424, num_variables=1000, form="inequality"),
        recomputed(-35.957990410010154, num_variables=103),
    ),
    reference=REFERENCE,
)
