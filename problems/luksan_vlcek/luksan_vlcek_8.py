"""Lukšan–Vlček 5.8: augmented Lagrangian function with discrete boundary-value constraints.

    minimize    sum_{i=1}^{n/5}  exp(x_{5i-4} x_{5i-3} x_{5i-2} x_{5i-1} x_{5i})
                + 10 (x_{5i-4}^2 + x_{5i-3}^2 + x_{5i-2}^2 + x_{5i-1}^2 + x_{5i}^2 - 10 - l_1)^2
                + 10 (x_{5i-3} x_{5i-2} - 5 x_{5i-1} x_{5i} - l_2)^2
                + 10 (x_{5i-4}^3 + x_{5i-3}^3 + 1 - l_3)^2,
                multipliers l = (-0.002008, -0.001900, -0.000261)
    subject to  2 x_{k+1} + h^2 (x_{k+1} + h (k+1) + 1)^3 / 2 - x_k - x_{k+2} == 0,
                h = 1 / (n+1),   k = 1 … n-2;   the form "inequality" has <= 0
    start       x = (-1, 2, -1, 2, …)

All quantities are dimensionless. The objective is the augmented Lagrangian of Hock–Schittkowski 80,
block by block. CUTEst squares what the report cubes in the constraints, so its printed optimum is
no reference here.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.8, hdl:11104/0123965;
CUTEst's LUKVLE8 and LUKVLI8.
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
    recomputed,
    repeated,
)
from problems.record import Counts, ProblemRecord

START = (-1.0, 2.0)
MULTIPLIERS = (-0.002008, -0.001900, -0.000261)
PENALTY = 10.0


@checked(num_variables=from_on(5, 5), form=FORMS)
def build(num_variables: int = 1000, form: Form = "equality") -> so.Model:
    """Return the model with a multiple of 5 of variables."""
    model = so.Model("luksan_vlcek_8")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    blocks = x.reshape(-1, 5)
    a, b, c, d, e = blocks.T
    model.minimize(
        np.sum(np.exp(a * b * c * d * e))
        + PENALTY * np.sum((np.sum(blocks**2, axis=1) - 10 - MULTIPLIERS[0]) ** 2)
        + PENALTY * np.sum((b * c - 5 * d * e - MULTIPLIERS[1]) ** 2)
        + PENALTY * np.sum((a**3 + b**3 + 1 - MULTIPLIERS[2]) ** 2)
    )
    step = 1 / (num_variables + 1)
    time = step * np.arange(2, num_variables)
    inner = x[1:-1]
    rows = 2 * inner + step**2 * (inner + time + 1) ** 3 / 2 - x[:-2] - x[2:]
    model.subject_to(constraint(rows, form, "<="), name="boundary_value")
    return model


def counts(num_variables: int = 1000, form: Form = "equality") -> Counts:
    """Return the counts: three entries in each row, a Hessian of dense blocks."""
    rows = num_variables - 2
    return Counts(num_variables, rows, jacobian=3 * rows, hessian=3 * num_variables)


RECORD = ProblemRecord(
    name="luksan_vlcek_8",
    title="augmented Lagrangian with discrete boundary-value constraints (Lukšan–Vlček 5.8)",
    family="blocks, banded constraints",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 1000},
        "medium": {"num_variables": 10_000},
        "large": {"num_variables": 100_000},
    },
    second_size={"num_variables": 20},
    counts=counts,
    known=(
        recomputed(82599.68278207819, "CUTEst's squares have 82593.6", num_variables=1000),
        recomputed(
            123117.86130459403,
            "a local optimum; CUTEst's squares have 82306.0",
            num_variables=1000,
            form="inequality",
        ),
    ),
    reference=REFERENCE,
    solved_sizes=("small", "medium"),
)
