"""Lukšan–Vlček 5.1: chained Rosenbrock function with trigonometric-exponential constraints.

    minimize    sum_{i=1}^{n-1}  100 (x_i^2 - x_{i+1})^2 + (x_i - 1)^2
    subject to  3 x_{i+1}^3 + 2 x_{i+2} - 5 + sin(x_{i+1} - x_{i+2}) sin(x_{i+1} + x_{i+2})
                + 4 x_{i+1} - x_i exp(x_i - x_{i+1}) - 3 == 0,
                i = 1 … n-2;   the form "inequality" has <= 0
    start       x_i = -1.2 for odd i, 1.0 for even i

All quantities are dimensionless. The global optimum is x = 1 with objective 0; from the start given
by the authors, IPOPT ends at a local optimum with objective 6.2324586, whatever n is; with
inequalities it finds the global one.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.1, hdl:11104/0123965;
CUTEst's LUKVLE1 and LUKVLI1.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.luksan_vlcek.forms import (
    FORMS,
    REFERENCE,
    Form,
    constraint,
    printed,
    repeated,
)
from problems.record import Counts, KnownObjective, ProblemRecord

START = (-1.2, 1.0)


@checked(num_variables=3, form=FORMS)
def build(num_variables: int = 1000, form: Form = "equality") -> so.Model:
    """Return the model with `num_variables` >= 3 variables."""
    model = so.Model("luksan_vlcek_1")
    x = model.variable("x", shape=num_variables, start=repeated(START, num_variables))
    model.minimize(np.sum(100 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1) ** 2))
    a, b, c = x[:-2], x[1:-1], x[2:]
    rows = 3 * b**3 + 2 * c - 5 + np.sin(b - c) * np.sin(b + c) + 4 * b - a * np.exp(a - b) - 3
    model.subject_to(constraint(rows, form, "<="), name="chain")
    return model


def counts(num_variables: int = 1000, form: Form = "equality") -> Counts:
    """Return the counts: a tridiagonal Hessian and three entries in each row of the Jacobian."""
    rows = num_variables - 2
    return Counts(num_variables, rows, jacobian=3 * rows, hessian=2 * num_variables - 1)


def _local_optimum(num_variables: int) -> KnownObjective:
    return KnownObjective(
        size={"num_variables": num_variables},
        value=6.2324586324379885,
        relative_tolerance=1e-8,
        source="local optimum from the authors' start: CasADi 3.8.2 with IPOPT 3.14.19,"
        " tolerance 1e-9; x = 1 has 0",
        best=0.0,
    )


RECORD = ProblemRecord(
    name="luksan_vlcek_1",
    title="chained Rosenbrock with trigonometric-exponential constraints (Lukšan–Vlček 5.1)",
    family="chained, banded",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 1000},
        "medium": {"num_variables": 100_000},
        "large": {"num_variables": 1_000_000},
    },
    counts=counts,
    known=(
        *(_local_optimum(size) for size in (100, 1000, 10_000, 100_000)),
        printed("LUKVLI1", "0.0", num_variables=100, form="inequality"),
    ),
    reference=REFERENCE,
)
