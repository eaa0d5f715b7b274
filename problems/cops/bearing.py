"""Pressure in a journal bearing (COPS): a bound-constrained quadratic problem on a grid.

    minimize    1/2 int_D w_q(s) |grad v|^2 ds - int_D w_l(s) v ds
    over        v >= 0 on D,  v = 0 on the boundary
    with        D = (0, 2 pi) x (0, 2 b),   w_q(s) = (1 + e cos s_1)^3,   w_l(s) = e sin s_1

discretized with linear elements on the two triangles of every cell of an (nx + 1) x (ny + 1) grid.
In the lower triangles w_q is weighted as w_q(i) + 2 w_q(i + 1), in the upper ones as 2 w_q(i) + 2
w_q(i - 1). The second factor 2 of the latter is COPS' own (the quadrature rule would have 1); all
ports keep it and the published values belong to it.

Constants (dimensionless): b = 10, half length of the bearing; e = 0.1, eccentricity.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 16; J. J. Moré and
G. Toraldo, On the solution of large quadratic programming problems with bound constraints, SIAM
Journal on Optimization 1 (1991), doi:10.1137/0801008.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

HALF_LENGTH = 10.0
ECCENTRICITY = 0.1


@checked(num_x=1, num_y=1)
def build(num_x: int = 50, num_y: int = 50) -> so.Model:
    """Return the model with num_x by num_y interior points; the boundary is fixed at 0."""
    model = so.Model("bearing")
    shape, s = (num_x + 2, num_y + 2), np.linspace(0.0, 2 * np.pi, num_x + 2)[:, None]
    upper, start = np.zeros(shape), np.zeros(shape)
    upper[1:-1, 1:-1] = np.inf
    start[1:-1, 1:-1] = np.maximum(np.sin(s[1:-1]), 0.0)
    v = model.variable("v", shape=shape, lower=0.0, upper=upper, start=start)
    cell = 2 * np.pi / (num_x + 1) * (2 * HALF_LENGTH / (num_y + 1))
    load = np.sum(ECCENTRICITY * np.sin(s) * v)
    model.minimize(cell / 12 * _energy(v, s, num_x, num_y) - cell * load)
    return model


def _energy(v: Any, s: Any, num_x: int, num_y: int) -> Any:
    """Return the sum over both triangles of every cell of weight times squared gradient."""
    weight = (1 + ECCENTRICITY * np.cos(s)) ** 3
    squared_x = ((v[1:, :] - v[:-1, :]) / (2 * np.pi / (num_x + 1))) ** 2
    squared_y = ((v[:, 1:] - v[:, :-1]) / (2 * HALF_LENGTH / (num_y + 1))) ** 2
    lower = (weight[:-1] + 2 * weight[1:]) * (squared_x[:, :-1] + squared_y[:-1, :])
    upper = (2 * weight[1:] + 2 * weight[:-1]) * (squared_x[:, 1:] + squared_y[1:, :])
    return np.sum(lower) + np.sum(upper)


def counts(num_x: int = 50, num_y: int = 50) -> Counts:
    """Return the counts: the Hessian is a five-point stencil."""
    rows, columns = num_x + 2, num_y + 2
    hessian = rows * columns + (rows - 1) * columns + rows * (columns - 1)
    return Counts(rows * columns, 0, jacobian=0, hessian=hessian)


def _known(num_x: int, num_y: int, value: float, published: str) -> KnownObjective:
    return KnownObjective(
        size={"num_x": num_x, "num_y": num_y},
        value=value,
        relative_tolerance=1e-6,
        source=f"CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10; MINLPLib jbearing: {published}",
        doi="10.2172/834714",
    )


RECORD = ProblemRecord(
    name="bearing",
    title="pressure in a journal bearing (COPS)",
    family="bound-constrained quadratic, grid",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_x": 50, "num_y": 25},
        "medium": {"num_x": 200, "num_y": 200},
        "large": {"num_x": 1000, "num_y": 1000},
    },
    counts=counts,
    known=(
        _known(50, 25, -0.15401556358137614, "-0.1540155401"),
        _known(50, 50, -0.15482424238396872, "-0.1548242221"),
        _known(50, 75, -0.15498455121064814, "-0.1549845346"),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
)
