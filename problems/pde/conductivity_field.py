"""The conductivity field of a plate from a picture of its temperatures, by finite volumes.

    minimize    1/2 sum ((u - d) / sigma)^2 + 1/2 sum ((q_i - q_j) / rho)^2
    subject to  -div(exp(q) grad u) == s  in (0, 1)^2
                u == 0  on the left side,   exp(q) du/dn == h (u_a - u)  on the right side,
                du/dn == 0  on the other two

Unknown are the temperature u and the logarithm q of the conductivity in N x N cells.  The equation
is the balance of heat of each cell: the conductance of a face between two cells is the harmonic
mean of their conductivities, on a side the condition gives the flux.  The second sum, over pairs
of neighboring cells, says that q is smooth; it approximates an integral of |grad q|^2.

Data are synthetic (`temperature_data`): the temperatures for two smooth inclusions, one that
conducts three times better and one three times worse than the plate, computed on 3/2 as many cells
along each axis, interpolated to the fit's cells, plus normal noise drawn with a fixed seed.

Constants (dimensionless): s = 10, heat source; h = 2, heat transfer; u_a = 0.5, temperature beyond
the right side; inclusions of log-conductivity log 3 and -log 3 and of width 0.15 (a Gaussian's) at
(0.3, 0.3) and (0.7, 0.65); sigma = 1 % of the greatest temperature, seed 2026; rho = 0.1, standard
deviation of the difference of two neighbors.  The start is the uniform plate and the picture.

Source: all constants are our own; the form is the standard one (C. R. Vogel, Computational Methods
for Inverse Problems, SIAM (2002), doi:10.1137/1.9780898717570).  There is no published value.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.pde.temperature_data import Field, differences, measured
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

SOURCE = 10.0
TRANSFER = 2.0
AMBIENT = 0.5
INCLUSIONS = ((np.log(3.0), 0.3, 0.3), (-np.log(3.0), 0.7, 0.65))
WIDTH = 0.15
ROUGHNESS = 0.1


@checked(num_cells=1)
def build(num_cells: int = 16) -> so.Model:
    """Return the model with num_cells by num_cells cells."""
    grid = so.pde.Grid.uniform((num_cells, num_cells))
    data, deviation = picture(num_cells=num_cells)  # as the record asks for it
    model = so.Model("conductivity_field")
    u = model.variable("u", grid.shape, start=data)
    q = model.variable("q", grid.shape)
    model.fit({"picture": u - data}, weights={"picture": 1 / deviation})
    model.prior(q, std=ROUGHNESS, operator=differences(grid.shape))
    inflow = so.pde.divergence_of_flux(u, np.exp(q), grid, sides())
    model.subject_to(inflow + SOURCE * grid.volumes == 0, name="heat_balance")
    return model


@cache
def picture(num_cells: int = 16) -> tuple[Field, float]:
    """Return the measured temperatures and the standard deviation of their noise."""
    return measured(num_cells, true_log_conductivity, SOURCE, sides(), dimension=2)


def sides() -> dict[str, Any]:
    """Return the boundary conditions."""
    return {
        "left": so.pde.Dirichlet(0.0),
        "right": so.pde.Robin(TRANSFER, 1.0, TRANSFER * AMBIENT),
        "bottom": so.pde.Neumann(0.0),
        "top": so.pde.Neumann(0.0),
    }


def true_log_conductivity(x: Field, y: Field) -> Field:
    """Return the field behind the data."""
    bumps = [
        height * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * WIDTH**2))
        for height, x0, y0 in INCLUSIONS
    ]
    return np.asarray(sum(bumps))


def counts(num_cells: int = 16) -> Counts:
    """Return the counts: a five-point stencil in both fields, which the Hessian couples."""
    cells, faces = num_cells**2, 2 * num_cells * (num_cells - 1)
    return Counts(
        variables=2 * cells,
        constraints=cells,
        jacobian=2 * (cells + 2 * faces),
        hessian=3 * cells + 3 * faces,
    )


def _known(num_cells: int, value: float, source: str) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells},
        value=value,
        relative_tolerance=1e-6,
        source=source + "; not published",
    )


RECORD = ProblemRecord(
    name="conductivity_field",
    title="conductivity field of a plate from a picture of its temperatures",
    family="inverse problem, PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 16},
        "medium": {"num_cells": 60},
        "large": {"num_cells": 400},
    },
    counts=counts,
    known=(
        _known(16, 313.1793150605, "SciPy's least_squares, in the field alone"),
        _known(60, 2119.8492653057, "this project, with IPOPT, tolerance 1e-9"),
        _known(400, 80121.760780345, "this project, with IPOPT, tolerance 1e-9"),
    ),
    reference="Vogel (2002), doi:10.1137/1.9780898717570 (form); data synthetic",
    data=picture,
    reduction=Reduction(states=("u",), by=("heat_balance",)),
)
