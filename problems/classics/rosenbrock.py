"""Chained Rosenbrock function.

    minimize    sum_{i=1}^{n-1}  100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2
    start       x_i = -1.2 for odd i, 1.0 for even i

Unconstrained, dimensionless. The global optimum is x = 1 with objective 0; for n >= 4 there is a
local one near (-1, 1, …, 1).

Source: H. H. Rosenbrock, An automatic method for finding the greatest or least value of a function,
The Computer Journal 3 (1960), doi:10.1093/comjnl/3.3.175, n = 2; the chained form is that of A. R.
Conn, N. I. M. Gould, P. L. Toint, Testing a class of methods for solving minimization problems with
simple bounds on the variables, Mathematics of Computation 50 (1988),
doi:10.1090/S0025-5718-1988-0929544-3.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

START = (-1.2, 1.0)


@checked(num_variables=2)
def build(num_variables: int = 1000) -> so.Model:
    """Return the model with `num_variables` >= 2 variables."""
    model = so.Model("rosenbrock")
    start = np.tile(START, num_variables // 2 + 1)[:num_variables]
    x = model.variable("x", shape=num_variables, start=start)
    model.minimize(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))
    return model


def counts(num_variables: int = 1000) -> Counts:
    """Return the counts: no constraints, a tridiagonal Hessian."""
    return Counts(num_variables, 0, jacobian=0, hessian=2 * num_variables - 1)


RECORD = ProblemRecord(
    name="rosenbrock",
    title="chained Rosenbrock function",
    family="unconstrained, banded",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 2},
        "medium": {"num_variables": 10_000},
        "large": {"num_variables": 1_000_000},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"num_variables": 2},
            value=0.0,
            relative_tolerance=1e-9,
            source="Rosenbrock (1960): exact, at (1, 1)",
            doi="10.1093/comjnl/3.3.175",
        ),
    ),
    reference="Rosenbrock (1960), doi:10.1093/comjnl/3.3.175",
    # Newton steps follow the valley one variable after another: iterations grow with n.
    solved_sizes=("small",),
)
