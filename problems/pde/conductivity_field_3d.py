"""The conductivity field of a block from temperatures at some of its points, by finite volumes.

    minimize    1/2 sum ((u - d) / sigma)^2 + 1/2 sum ((q_i - q_j) / rho)^2
    subject to  -div(exp(q) grad u) == s  in (0, 1)^3
                u == 0  on the left side,   exp(q) du/dn == h (u_a - u)  on the right side,
                du/dn == 0  on the other four

Unknown are the temperature u and the logarithm q of the conductivity in N x N x N cells, which are
discretized as in `conductivity_field`.  Thermometers are in every second cell along each axis, so
that there are eight times fewer data than unknown conductivities, and the second sum decides
between thermometers.

Data are synthetic (`temperature_data`): the temperatures for two smooth inclusions, one that
conducts three times better and one three times worse than the block, computed on 3/2 as many cells
along each axis, interpolated to the fit's cells, plus normal noise drawn with a fixed seed.

Constants (dimensionless): s = 10, heat source; h = 2, heat transfer; u_a = 0.5, temperature beyond
the right side; inclusions of log-conductivity log 3 and -log 3 and of width 0.2 (a Gaussian's) at
(0.3, 0.3, 0.4) and (0.7, 0.65, 0.6); sigma = 1 % of the greatest temperature, seed 2026; rho =
0.1 sqrt(N), standard deviation of the difference of two neighbors, for which the second sum
approximates a multiple of an integral of |grad q|^2.  The start is the uniform block.

Source: all constants are our own; the form is the standard one (C. R. Vogel, Computational Methods
for Inverse Problems, SIAM (2002), doi:10.1137/1.9780898717570).  There is no published value.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.pde.temperature_data import Field, differences, measured, temperature
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

SOURCE = 10.0
TRANSFER = 2.0
AMBIENT = 0.5
INCLUSIONS = ((np.log(3.0), 0.3, 0.3, 0.4), (-np.log(3.0), 0.7, 0.65, 0.6))
WIDTH = 0.2
ROUGHNESS = 0.1
THERMOMETERS = (slice(None, None, 2),) * 3


@checked(num_cells=1)
def build(num_cells: int = 5) -> so.Model:
    """Return the model with num_cells cells along each axis."""
    grid = so.pde.Grid.uniform((num_cells,) * 3)
    data, deviation, uniform = readings(num_cells=num_cells)  # as the record asks for them
    model = so.Model("conductivity_field_3d")
    u = model.variable("u", grid.shape, start=uniform)
    q = model.variable("q", grid.shape)
    residuals = u[THERMOMETERS] - data[THERMOMETERS]
    model.fit({"thermometers": residuals}, weights={"thermometers": 1 / deviation})
    model.prior(q, std=ROUGHNESS * np.sqrt(num_cells), operator=differences(grid.shape))
    inflow = so.pde.divergence_of_flux(u, np.exp(q), grid, sides())
    model.subject_to(inflow + SOURCE * grid.volumes == 0, name="heat_balance")
    return model


@cache
def readings(num_cells: int = 5) -> tuple[Field, float, Field]:
    """Return the temperatures, the deviation of their noise, and those of a uniform body."""
    grid = so.pde.Grid.uniform((num_cells,) * 3)
    uniform = temperature(grid, np.zeros(grid.shape), SOURCE, sides())
    data, deviation = measured(num_cells, true_log_conductivity, SOURCE, sides(), dimension=3)
    return data, deviation, uniform


def sides() -> dict[str, Any]:
    """Return the boundary conditions."""
    insulated = so.pde.Neumann(0.0)
    return {
        "left": so.pde.Dirichlet(0.0),
        "right": so.pde.Robin(TRANSFER, 1.0, TRANSFER * AMBIENT),
        **dict.fromkeys(("bottom", "top", "front", "back"), insulated),
    }


def true_log_conductivity(*x: Field) -> Field:
    """Return the field behind the data."""
    bumps = []
    for height, *center in INCLUSIONS:
        squares = sum((y - y0) ** 2 for y, y0 in zip(x, center, strict=True))
        bumps.append(height * np.exp(-squares / (2 * WIDTH**2)))
    return np.asarray(sum(bumps))


def counts(num_cells: int = 5) -> Counts:
    """Return the counts: a seven-point stencil in both fields, which the Hessian couples."""
    cells, faces = num_cells**3, 3 * num_cells**2 * (num_cells - 1)
    thermometers = ((num_cells + 1) // 2) ** 3
    return Counts(
        variables=2 * cells,
        constraints=cells,
        jacobian=2 * (cells + 2 * faces),
        hessian=thermometers + 2 * cells + 3 * faces,
    )


def _known(num_cells: int, value: float, source: str) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells},
        value=value,
        relative_tolerance=1e-6,
        source=source + "; not published",
    )


RECORD = ProblemRecord(
    name="conductivity_field_3d",
    title="conductivity field of a block from temperatures at some of its points",
    family="inverse problem, PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 5},
        "medium": {"num_cells": 12},
        "large": {"num_cells": 24},
    },
    counts=counts,
    known=(
        _known(5, 34.507239996668, "SciPy's least_squares, in the field alone"),
        _known(12, 158.51246728092, "this project, with IPOPT, tolerance 1e-9"),
    ),
    reference="Vogel (2002), doi:10.1137/1.9780898717570 (form); data synthetic",
    solved_sizes=("small", "medium"),
    data=readings,
    reduction=Reduction(states=("u",), by=("heat_balance",)),
)
