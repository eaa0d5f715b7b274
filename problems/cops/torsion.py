"""Elastic-plastic torsion (COPS): stress in a bar that is twisted beyond its elastic limit.

    minimize    1/2 int_D |grad v|^2 ds - c int_D v ds,   D = (0, 1) x (0, 1)
    subject to  |v(s)| <= dist(s, boundary of D)

discretized with linear elements on the two triangles of every cell of an (nx + 1) x (ny + 1) grid;
v, the stress function, is 0 on the boundary by its own bounds. The distance is counted in grid
lines: min(min(i, nx - i + 1) / (nx + 1), min(j, ny - j + 1) / (ny + 1)).

Constant (dimensionless): c = 5, angle of twist per unit length.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 15; J. J. Moré and
G. Toraldo, On the solution of large quadratic programming problems with bound constraints, SIAM
Journal on Optimization 1 (1991), doi:10.1137/0801008.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

TWIST = 5.0


@checked(num_x=1, num_y=1)
def build(num_x: int = 50, num_y: int = 50) -> so.Model:
    """Return the model with num_x by num_y interior points; the boundary is fixed at 0."""
    x, y = np.linspace(0.0, 1.0, num_x + 2)[:, None], np.linspace(0.0, 1.0, num_y + 2)
    distance = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    model = so.Model("torsion")
    v = model.variable("v", shape=distance.shape, lower=-distance, upper=distance, start=distance)
    squared_x = ((v[1:, :] - v[:-1, :]) * (num_x + 1)) ** 2
    squared_y = ((v[:, 1:] - v[:, :-1]) * (num_y + 1)) ** 2
    energy = np.sum(squared_x[:, :-1] + squared_y[:-1, :] + squared_x[:, 1:] + squared_y[1:, :])
    lower_corners = v[1:, :-1] + v[:-1, :-1] + v[:-1, 1:]
    upper_corners = v[1:, 1:] + v[:-1, 1:] + v[1:, :-1]
    triangle = 0.5 / ((num_x + 1) * (num_y + 1))
    model.minimize(triangle * (energy / 2 - TWIST * np.sum(lower_corners + upper_corners) / 3))
    return model


def counts(num_x: int = 50, num_y: int = 50) -> Counts:
    """Return the counts: the Hessian is a five-point stencil."""
    rows, columns = num_x + 2, num_y + 2
    hessian = rows * columns + (rows - 1) * columns + rows * (columns - 1)
    return Counts(rows * columns, 0, jacobian=0, hessian=hessian)


def _known(num_y: int, value: float, published: str) -> KnownObjective:
    return KnownObjective(
        size={"num_x": 50, "num_y": num_y},
        value=value,
        relative_tolerance=1e-6,
        source=f"CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10; {published}",
        doi="10.2172/834714",
    )


RECORD = ProblemRecord(
    name="torsion",
    title="elastic-plastic torsion of a bar (COPS)",
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
        _known(25, -0.4175107389197485, "MINLPLib torsion25: -0.4175107296"),
        _known(50, -0.4180876382154659, "COPS 3.0: -0.418087; MINLPLib torsion50: -0.418087632"),
        _known(75, -0.41819940417472, "MINLPLib torsion75: -0.4181994007"),
        _known(100, -0.41823921338299547, "MINLPLib torsion100: -0.4182392133"),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
)
