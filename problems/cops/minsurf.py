"""Minimal surface with an obstacle (COPS): the surface of least area above a block.

    minimize    int_D sqrt(1 + |grad v|^2) ds,   D = (0, 1) x (0, 1)
    subject to  v == 1 - (2 s_1 - 1)^2 for s_2 in {0, 1},   v == 0 for s_1 in {0, 1}
                v >= 1 on the block [1/4, 3/4] x [1/4, 3/4],   v >= 0 elsewhere

discretized with linear elements on the two triangles of every cell of an (nx + 1) x (ny + 1) grid.
The block is widened to the next grid lines: indices floor(k / 4) to ceil(3 k / 4) of the k = nx + 1
(or ny + 1) cells. All quantities are dimensionless.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 17.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

BLOCK_HEIGHT = 1.0


@checked(num_x=1, num_y=1)
def build(num_x: int = 50, num_y: int = 50) -> so.Model:
    """Return the model with num_x by num_y interior points; the boundary is fixed."""
    shape, s = (num_x + 2, num_y + 2), np.linspace(0.0, 1.0, num_x + 2)[:, None]
    start = np.broadcast_to(1 - (2 * s - 1) ** 2, shape)
    lower, upper = _bounds(start)
    model = so.Model("minsurf")
    v = model.variable("v", shape=shape, lower=lower, upper=upper, start=start)
    along_x, along_y = (v[1:, :] - v[:-1, :]) * (num_x + 1), (v[:, 1:] - v[:, :-1]) * (num_y + 1)
    lower_triangles = np.sqrt(1 + along_x[:, :-1] ** 2 + along_y[:-1, :] ** 2)
    upper_triangles = np.sqrt(1 + along_x[:, 1:] ** 2 + along_y[1:, :] ** 2)
    triangle = 0.5 / ((num_x + 1) * (num_y + 1))
    model.minimize(triangle * (np.sum(lower_triangles) + np.sum(upper_triangles)))
    return model


def _bounds(profile: Any) -> tuple[Any, Any]:
    """Return the obstacle and the upper limit, both equal to `profile` on the boundary."""
    edge = np.pad(np.zeros(np.subtract(profile.shape, 2), bool), 1, constant_values=True)
    obstacle = np.zeros(profile.shape)
    obstacle[_middle_half(profile.shape[0]), _middle_half(profile.shape[1])] = BLOCK_HEIGHT
    return np.where(edge, profile, obstacle), np.where(edge, profile, np.inf)


def _middle_half(num_points: int) -> slice:
    cells = num_points - 1
    return slice(cells // 4, -(-3 * cells // 4) + 1)


def counts(num_x: int = 50, num_y: int = 50) -> Counts:
    """Return the counts: a seven-point stencil, edges and one diagonal of every cell."""
    rows, columns = num_x + 2, num_y + 2
    edges = (rows - 1) * columns + rows * (columns - 1)
    hessian = rows * columns + edges + (rows - 1) * (columns - 1)
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
    name="minsurf",
    title="minimal surface with an obstacle (COPS)",
    family="bound-constrained, grid",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_x": 50, "num_y": 25},
        "medium": {"num_x": 200, "num_y": 200},
        "large": {"num_x": 500, "num_y": 500},
    },
    counts=counts,
    known=(
        _known(25, 2.519487667410796, "MINLPLib minsurf25: 2.519487676"),
        _known(50, 2.5148891683451513, "COPS 3.0: 2.51488; MINLPLib minsurf50: 2.51488916"),
        _known(75, 2.5056864996345674, "COPS 3.0: 2.50568; MINLPLib minsurf75: 2.505686479"),
        _known(100, 2.506949280148694, "COPS 3.0: 2.50694; MINLPLib minsurf100: 2.506949264"),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
)
