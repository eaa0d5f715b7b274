"""The source field of Poisson's equation from noisy values of its solution at scattered points.

    minimize    1/2 sum ((u(x_k) - d_k) / sigma)^2 + 1/2 sum ((f_i - f_j) / rho)^2
    subject to  -div(grad u) == f  in (0, 1)^2,   u == 0  on the boundary

Unknown are the potential u and the source f in N x N cells, discretized by finite volumes; u is
linear between the centers of the cells.  Sensors are at S x S scattered points x_k, many fewer than
cells.  The second sum, over pairs of neighboring cells, is Tikhonov's: it approximates an integral
of |grad f|^2, decides between sensors, and makes the source unique.

Data are synthetic: the potential of two smooth sources of opposite signs, computed on 3/2 as many
cells along each axis, at the sensors, plus normal noise drawn with a fixed seed.

Constants (dimensionless): sources of height 100 and -60 and of width 0.12 (a Gaussian's) at (0.35,
0.3) and (0.65, 0.7); sigma = 1 % of the greatest potential; a sensor in each square of a lattice,
off its center by at most 0.3 of its width, seed 2026; seed of the noise 2027; rho = 15, standard
deviation of the difference of two neighbors.  The start is without sources.

Source: all constants are our own; the form is the standard one (A. M. Stuart, Inverse problems: a
Bayesian perspective, Acta Numerica 19 (2010), doi:10.1017/S0962492910000061; A. N. Tikhonov's
regularization as in C. R. Vogel, Computational Methods for Inverse Problems, SIAM (2002),
doi:10.1137/1.9780898717570).  There is no published value.
"""

from __future__ import annotations

import functools

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.pde.point_observations import finer, interpolation, scattered_points, with_noise
from problems.pde.temperature_data import Field, differences, temperature
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

SOURCES = ((100.0, 0.35, 0.3), (-60.0, 0.65, 0.7))
WIDTH = 0.12
NOISE = 0.01
ROUGHNESS = 15.0
GROUNDED = so.pde.Dirichlet(0.0)


@checked(num_cells=2, num_sensors=1)
def build(num_cells: int = 20, num_sensors: int = 4) -> so.Model:
    """Return the model with num_cells by num_cells cells, num_sensors by num_sensors sensors."""
    grid = so.pde.Grid.uniform((num_cells, num_cells))
    # As the record asks for it.
    data, deviation = measured_potential(num_cells=num_cells, num_sensors=num_sensors)
    sensors = interpolation(grid, scattered_points(num_sensors))
    model = so.Model("poisson_source")
    u = model.variable("u", grid.shape)
    f = model.variable("f", grid.shape)
    model.fit({"sensors": sensors @ u.ravel() - data}, weights={"sensors": 1 / deviation})
    model.prior(f, std=ROUGHNESS, operator=differences(grid.shape))
    inflow = so.pde.divergence_of_flux(u, 1.0, grid, GROUNDED)
    model.subject_to(-inflow == f * grid.volumes, name="poisson")
    return model


def true_source(x: Field, y: Field) -> Field:
    """Return the field behind the data."""
    bumps = [
        height * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * WIDTH**2))
        for height, x0, y0 in SOURCES
    ]
    return np.asarray(sum(bumps))


@functools.cache
def measured_potential(num_cells: int, num_sensors: int) -> tuple[Field, float]:
    """Return the potential at the sensors with noise, and its deviation."""
    grid = so.pde.Grid.uniform((finer(num_cells),) * 2)
    sides = dict.fromkeys(grid.sides, GROUNDED)
    exact = temperature(grid, np.zeros(grid.shape), true_source(*grid.coordinates), sides)
    deviation = NOISE * float(np.abs(exact).max())
    at_sensors = interpolation(grid, scattered_points(num_sensors)) @ exact.ravel()
    return with_noise(at_sensors, deviation), deviation


def counts(num_cells: int = 20, num_sensors: int = 4) -> Counts:
    """Return the counts: five-point stencils, and four cells that each sensor couples.

    The Hessian's are claimed where the sensors are far enough apart to share no cell.
    """
    cells, faces = num_cells**2, 2 * num_cells * (num_cells - 1)
    is_sparse = num_cells >= 5 * num_sensors
    return Counts(
        variables=2 * cells,
        constraints=cells,
        jacobian=2 * cells + 2 * faces,
        hessian=10 * num_sensors**2 + cells + faces if is_sparse else None,
    )


def _known(num_cells: int, num_sensors: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells, "num_sensors": num_sensors},
        value=value,
        relative_tolerance=1e-6,
        source="this project, with IPOPT 3.14.19, tolerance 1e-9; not published",
    )


RECORD = ProblemRecord(
    name="poisson_source",
    title="source of Poisson's equation from values of its solution at scattered points",
    family="inverse problem, PDE-constrained, linear",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 20, "num_sensors": 4},
        "medium": {"num_cells": 60, "num_sensors": 10},
        "large": {"num_cells": 250, "num_sensors": 25},
    },
    counts=counts,
    known=(
        _known(20, 4, 52.37219107032),
        _known(60, 10, 121.6299527427),
        _known(250, 25, 402.9704962854),
    ),
    reference="Stuart (2010), doi:10.1017/S0962492910000061 (form); data synthetic",
    reduction=Reduction(states=("u",), by=("poisson",)),
    second_size={"num_cells": 24, "num_sensors": 3},
    data=measured_potential,
)
