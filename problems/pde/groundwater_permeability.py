"""The permeability of an aquifer from the heads in its boreholes, with a Gaussian prior.

    minimize    1/2 sum ((h(x_k) - d_k) / sigma)^2 + 1/2 int ((delta - gamma Laplace) (m - m_0))^2
    subject to  -div(exp(m) grad h) == q  in (0, L)^2
                h == h_left on the left side,  h == h_right on the right side,
                dh/dn == 0  on the other two

Unknown are the hydraulic head h (in m) and the logarithm m of the transmissivity exp(m) (in
m^2/day), which is the permeability times the thickness of the aquifer and the specific weight of
water over its viscosity, in N x N cells, discretized by finite volumes: Darcy's law on faces, with
the harmonic mean of two cells. The source q is recharge, less what wells pump; a well takes from
the four cells around it. Heads are measured in B x B boreholes at scattered points x_k, h being
linear between the centers of cells.

The prior is that of hIPPYlib: m - m_0 is normal with covariance A^-2, A = delta - gamma Laplace
with a Robin condition, gamma dm/dn + beta (m - m_0) == 0, which keeps the variance near the sides
from growing. A, times the root of a cell's area, is a factor of the precision matrix.

Data are synthetic: the heads for a buried channel that conducts well and a lens of clay, computed
on 3/2 as many cells along each axis, in the boreholes, plus normal noise drawn with a fixed seed.

Constants: L = 1000 m; h_left = 50 m, h_right = 46 m; recharge 2e-4 m/day; wells pump 150, 100 and
120 m^3/day at (300, 350), (700, 600) and (450, 800) m; m_0 = log(100 m^2/day); sigma = 0.05 m; a
borehole in each square of a lattice, off its center by at most 0.3 of its width, seed 2026; seed of
the noise 2027. The channel adds log 4 to m within about 90 m of the line y = 450 + 200 sin(2 pi x /
L) m, the lens subtracts log 5 with a width of 120 m (a Gaussian's) at (700, 250) m. The prior has a
standard deviation of 1 and a correlation length (where the correlation is near 0.1) of 400 m in an
infinite plane: kappa = sqrt(8) / 400 m, gamma = 1 / (sqrt(4 pi) kappa), delta = kappa^2 gamma, and
beta = sqrt(gamma delta) / 1.42. The start is m_0 and the heads that follow from it.

Source: the prior and the form are those of U. Villa, N. Petra, O. Ghattas, hIPPYlib: an extensible
software framework for large-scale inverse problems governed by PDEs, ACM Transactions on
Mathematical Software 47 (2021), doi:10.1145/3428447; its deviation and length by F. Lindgren, H.
Rue, J. Lindström, Journal of the Royal Statistical Society B 73 (2011), section 2.1,
doi:10.1111/j.1467-9868.2011.00777.x. All constants are our own; there is no published value.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.sparse as sp

import sparseopt as so
from problems.arguments import checked
from problems.pde.point_observations import finer, interpolation, scattered_points, with_noise
from problems.pde.temperature_data import Field, temperature
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

LENGTH = 1000.0  # m
HEAD_LEFT, HEAD_RIGHT = 50.0, 46.0  # m
RECHARGE = 2e-4  # m/day
WELLS = np.array([[300.0, 350.0], [700.0, 600.0], [450.0, 800.0]])  # m
PUMPED = np.array([150.0, 100.0, 120.0])  # m^3/day
MEAN = np.log(100.0)  # of transmissivity in m^2/day
DEVIATION = 1.0
CORRELATION_LENGTH = 400.0  # m
NOISE = 0.05  # m


@checked(num_cells=2, num_boreholes=1)
def build(num_cells: int = 20, num_boreholes: int = 4) -> so.Model:
    """Return the model with num_cells by num_cells cells, num_boreholes by num_boreholes heads."""
    grid = cells(num_cells)
    # As the record asks for them.
    data, uniform = known_heads(num_cells=num_cells, num_boreholes=num_boreholes)
    boreholes = interpolation(grid, scattered_points(num_boreholes, LENGTH))
    model = so.Model("groundwater_permeability")
    h = model.variable("h", grid.shape, start=uniform)
    m = model.variable("m", grid.shape, start=MEAN)
    model.fit({"boreholes": boreholes @ h.ravel() - data}, weights={"boreholes": 1 / NOISE})
    model.prior(m, MEAN, operator=precision_root(grid))
    inflow = so.pde.divergence_of_flux(h, np.exp(m), grid, sides())
    model.subject_to(inflow + entering(grid) == 0, name="darcy")
    return model


def cells(num_cells: int) -> Any:
    """Return the grid of square cells."""
    return so.pde.Grid.uniform((num_cells, num_cells), 0.0, LENGTH)


def sides() -> dict[str, Any]:
    """Return the boundary conditions of the head."""
    return {
        "left": so.pde.Dirichlet(HEAD_LEFT),
        "right": so.pde.Dirichlet(HEAD_RIGHT),
        "bottom": so.pde.Neumann(0.0),
        "top": so.pde.Neumann(0.0),
    }


def entering(grid: Any) -> Field:
    """Return the water that enters each cell: recharge less what wells pump, in m^3/day."""
    pumped = interpolation(grid, WELLS).T @ PUMPED
    return np.asarray(RECHARGE * grid.volumes - pumped.reshape(grid.shape))


def precision_root(grid: Any) -> sp.csr_array:
    """Return delta - gamma Laplace on flat fields, times the root of the cells' areas."""
    kappa = np.sqrt(8.0) / CORRELATION_LENGTH
    gamma = 1.0 / (np.sqrt(4 * np.pi) * kappa * DEVIATION)
    delta = kappa**2 * gamma
    leaving = so.pde.Robin(np.sqrt(gamma * delta) / 1.42, 1.0, 0.0)
    laplacian = so.pde.laplacian_operator(grid, dict.fromkeys(grid.sides, leaving), gamma)
    operator = delta * so.pde.identity_operator(grid) - laplacian.matrix
    return sp.csr_array(sp.diags_array(np.sqrt(grid.volumes.ravel())) @ operator)


def heads(grid: Any, log_transmissivity: Field) -> Field:
    """Return the heads that balance the water for a given field."""
    return temperature(grid, log_transmissivity, entering(grid) / grid.volumes, sides())


def true_log_transmissivity(x: Field, y: Field) -> Field:
    """Return the field behind the data."""
    channel = y - 450.0 - 200.0 * np.sin(2 * np.pi * x / LENGTH)
    lens = (x - 700.0) ** 2 + (y - 250.0) ** 2
    conducting = np.log(4.0) * np.exp(-((channel / 90.0) ** 2))
    return np.asarray(MEAN + conducting - np.log(5.0) * np.exp(-lens / (2 * 120.0**2)))


@functools.cache
def known_heads(num_cells: int, num_boreholes: int) -> tuple[Field, Field]:
    """Return the measured heads, and those that a simulation gives in all cells for m_0."""
    grid = cells(num_cells)
    uniform = heads(grid, np.full(grid.shape, MEAN))
    uniform.flags.writeable = False  # the cache keeps it
    return measured_heads(num_cells, num_boreholes), uniform


def measured_heads(num_cells: int, num_boreholes: int) -> Field:
    """Return the heads in the boreholes, with noise."""
    grid = cells(finer(num_cells))
    exact = heads(grid, true_log_transmissivity(*grid.coordinates))
    boreholes = interpolation(grid, scattered_points(num_boreholes, LENGTH))
    return with_noise(boreholes @ exact.ravel(), NOISE)


def counts(num_cells: int = 20, num_boreholes: int = 4) -> Counts:
    """Return the counts: five-point stencils, two in a row for the prior, boreholes of 4 cells.

    The Hessian's are claimed where the boreholes are far enough apart to share no cell.
    """
    n = num_cells
    squares, faces, is_sparse = n**2, 2 * n * (n - 1), n >= 5 * num_boreholes
    prior = squares + faces + 2 * n * (n - 2) + 2 * (n - 1) ** 2
    return Counts(
        variables=2 * squares,
        constraints=squares,
        jacobian=2 * (squares + 2 * faces),
        hessian=10 * num_boreholes**2 + squares + 2 * faces + prior if is_sparse else None,
    )


def _known(num_cells: int, num_boreholes: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells, "num_boreholes": num_boreholes},
        value=value,
        relative_tolerance=1e-6,
        source="this project, with IPOPT 3.14.19, tolerance 1e-9; not published",
    )


RECORD = ProblemRecord(
    name="groundwater_permeability",
    title="permeability of an aquifer from the heads in boreholes, with a Gaussian prior",
    family="inverse problem, PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 20, "num_boreholes": 4},
        "medium": {"num_cells": 60, "num_boreholes": 8},
        "large": {"num_cells": 250, "num_boreholes": 16},
    },
    counts=counts,
    known=(
        _known(20, 4, 2.256516066512),
        _known(60, 8, 13.26948323555),
        _known(250, 16, 116.7898414364),
    ),
    reference="Villa, Petra, Ghattas (2021), doi:10.1145/3428447 (form, prior); data synthetic",
    reduction=Reduction(states=("h",), by=("darcy",)),
    second_size={"num_cells": 24, "num_boreholes": 3},
    data=known_heads,
)
