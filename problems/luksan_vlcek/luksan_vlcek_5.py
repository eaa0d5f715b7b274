"""Lukšan–Vlček 5.5: generalized Broyden tridiagonal function with five-diagonal constraints.

    minimize    sum_{i=1}^{n}  |(3 - 2 x_i) x_i + 1 - x_{i-1} - x_{i+1}|^(7/3),   x_0 = x_{n+1} = 0
    subject to  8 x_{k+2} (x_{k+2}^2 - x_{k+1}) - 2 (1 - x_{k+2}) + 4 (x_{k+2} - x_{k+3}^2)
                + x_{k+1}^2 - x_k + x_{k+3} - x_{k+4}^2 == 0,
                k = 1 … n-4;   the form "inequality" has >= 0
    start       x = -1

All quantities are dimensionless. The objective has two continuous derivatives; its third is
infinite where a term vanishes.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.5, hdl:11104/0123965;
CUTEst's LUKVLE5 and LUKVLI5.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.luksan_vlcek.forms import FORMS, REFERENCE, Form, constraint, printed, recomputed
from problems.record import Counts, ProblemRecord

START = -1.0
EXPONENT = 7 / 3


@checked(num_variables=5, form=FORMS)
def build(num_variables: int = 1000, form: Form = "equality") -> so.Model:
    """Return the model with at least 5 variables."""
    model = so.Model("luksan_vlcek_5")
    x = model.variable("x", shape=num_variables, start=START)
    neighbors = np.pad(x, 1)
    broyden = (3 - 2 * x) * x + 1 - neighbors[:-2] - neighbors[2:]
    model.minimize(np.sum(np.abs(broyden) ** EXPONENT))
    p, q, r, s, t = x[:-4], x[1:-3], x[2:-2], x[3:-1], x[4:]
    rows = 8 * r * (r**2 - q) - 2 * (1 - r) + 4 * (r - s**2) + q**2 - p + s - t**2
    model.subject_to(constraint(rows, form, ">="), name="five_diagonal")
    return model


def counts(num_variables: int = 1000, form: Form = "equality") -> Counts:
    """Return the counts: five entries in each row, a five-diagonal Hessian."""
    rows = num_variables - 4
    return Counts(num_variables, rows, jacobian=5 * rows, hessian=3 * num_variables - 3)


RECORD = ProblemRecord(
    name="luksan_vlcek_5",
    title="generalized Broyden tridiagonal with five-diagonal constraints (Lukšan–Vlček 5.5)",
    family="chained, banded",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 1000},
        "medium": {"num_variables": 10_000},
        "large": {"num_variables": 100_000},
    },
    second_size={"num_variables": 13},
    counts=counts,
    known=(
        printed("LUKVLE5", "2.63928", num_variables=1000),
        recomputed(
            0.48900217620748604,
            "lower than LUKVLI5.SIF's 0.526762, which is reached with n = 100",
            num_variables=1000,
            form="inequality",
        ),
        printed("LUKVLI5", "0.526762", num_variables=100, form="inequality"),
        recomputed(2.639283703056487, num_variables=100),
    ),
    reference=REFERENCE,
)
