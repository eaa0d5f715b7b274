"""Nested sums: every pair of variables interacts, through three sums alone.

    minimize    sum_i (x_i - 1)^2  +  sum_i (exp(d_i) - d_i)
                + n (sum_i x_i^2 / n - 1)^2  +  n sqrt(1 + (sum_i sin(x_i - 1) / n)^2)
    where       d_i = sum_{j <= i} (x_j - 1) / n
    start       x_i = 0.3

Unconstrained, dimensionless.  Each of the four terms is smallest at x = 1, where exp(0) - 0 = 1 and
sqrt(1) = 1, so the optimum is x = 1 with objective 2 n.  The Hessian has n (n + 1) / 2 entries;
with the sums as variables (``lift="auto"``) the derivatives have about 10 n.

Source: this project, an example of lifting: J. Albersmeyer, M. Diehl, The lifted Newton method and
its application in optimization, SIAM Journal on Optimization 20 (2010), doi:10.1137/080724885.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

START = 0.3


@checked(num_variables=1)
def build(num_variables: int = 1000, lift: str = "auto") -> so.Model:
    """Return the model with `num_variables` >= 2 variables."""
    n = num_variables
    model = so.Model("nested_sums", lift=lift)
    x = model.variable("x", shape=n, start=START)
    distance = np.cumsum(x - 1.0) / n
    size, slope = np.sum(x**2) / n, np.sum(np.sin(x - 1.0)) / n
    model.minimize(
        np.sum((x - 1.0) ** 2)
        + np.sum(np.exp(distance) - distance)
        + n * (size - 1.0) ** 2
        + n * np.sqrt(1.0 + slope**2)
    )
    return model


def counts(num_variables: int = 1000, lift: str = "auto") -> Counts:
    """Return the counts: as it is written every variable meets every other one."""
    del lift
    return Counts(num_variables, 0, jacobian=0, hessian=num_variables * (num_variables + 1) // 2)


def _known(num_variables: int) -> KnownObjective:
    return KnownObjective(
        size={"num_variables": num_variables},
        value=2.0 * num_variables,
        relative_tolerance=1e-9,
        source="this project: exact, at x = 1",
    )


RECORD = ProblemRecord(
    name="nested_sums",
    title="sums inside sums: a dense Hessian that lifting makes sparse",
    family="unconstrained, dense",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 50},
        "medium": {"num_variables": 10_000},
        "large": {"num_variables": 100_000},
    },
    counts=counts,
    known=(_known(50), _known(10_000), _known(100_000)),
    reference="Albersmeyer and Diehl (2010), doi:10.1137/080724885",
)
