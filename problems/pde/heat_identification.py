"""Identification of a heat conductivity field in two dimensions from measured temperatures.

    minimize    1/2 int (u - u_data)^2 + beta/2 int |grad k|^2
    subject to  -div(k grad u) == s  in (0, 1)^2,   u == 0 on the boundary,   k_min <= k <= k_max

discretized by finite volumes on N x N square cells of width h = 1/N: u and k sit at the cell
centers, the conductance of a face between two cells is their harmonic mean 2 k1 k2 / (k1 + k2), and
a boundary face lies half a cell away, which doubles its conductance. Balance of one cell:

    sum over its faces of conductance (u_cell - u_neighbor) == h^2 s

Data are synthetic: the temperatures of the same scheme for a known conductivity (a warm disk and a
cold one in a uniform plate), plus noise that is normal, independent, and drawn with a fixed seed.

Constants (dimensionless): s = 100, heat source; plate 1, disks 3 and 1/3 of radius 0.15 at (0.3,
0.3) and (0.7, 0.65); noise 1 % of the greatest temperature, seed 2026; k_min = 0.05, k_max = 20;
beta = 1e-3, weight of the regularization. The start is the uniform plate.

Source: all constants are our own; the form is the standard one (C. R. Vogel, Computational Methods
for Inverse Problems, SIAM (2002), doi:10.1137/1.9780898717570). There is no published value.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

SOURCE = 100.0
PLATE = 1.0
DISKS = ((3.0, 0.3, 0.3), (1 / 3, 0.7, 0.65))
DISK_RADIUS = 0.15
NOISE = 0.01
SEED = 2026
CONDUCTIVITY_LOWER = 0.05
CONDUCTIVITY_UPPER = 20.0
REGULARIZATION = 1e-3

Field = NDArray[np.float64]


@checked(num_cells=2)
def build(num_cells: int = 20) -> so.Model:
    """Return the model with num_cells by num_cells cells."""
    width = 1.0 / num_cells
    data, start = temperatures(num_cells=num_cells)  # as the record asks for them
    model = so.Model("heat_identification")
    u = model.variable("u", shape=data.shape, start=start)
    k = model.variable("k", data.shape, CONDUCTIVITY_LOWER, CONDUCTIVITY_UPPER, start=PLATE)
    roughness = np.sum(np.diff(k, axis=0) ** 2) + np.sum(np.diff(k, axis=1) ** 2)
    model.minimize(0.5 * width**2 * np.sum((u - data) ** 2) + 0.5 * REGULARIZATION * roughness)
    model.subject_to(heat_outflow(u, k) == width**2 * SOURCE, name="heat_balance")
    return model


def heat_outflow(u: Any, k: Any) -> Any:
    """Return the heat that leaves each cell through its four faces."""
    down = _conductance(k[:-1, :], k[1:, :]) * (u[:-1, :] - u[1:, :])
    right = _conductance(k[:, :-1], k[:, 1:]) * (u[:, :-1] - u[:, 1:])
    boundary = 2 * k * u
    vertical = np.concatenate([boundary[:1], -down]) + np.concatenate([down, boundary[-1:]])
    horizontal = np.concatenate([boundary[:, :1], -right], axis=1) + np.concatenate(
        [right, boundary[:, -1:]], axis=1
    )
    return vertical + horizontal


def _conductance(first: Any, second: Any) -> Any:
    return 2 * first * second / (first + second)


def true_conductivity(num_cells: int) -> Field:
    """Return the conductivity behind the data."""
    center = (np.arange(num_cells) + 0.5) / num_cells
    x, y = np.meshgrid(center, center, indexing="ij")
    field = np.full(x.shape, PLATE)
    for conductivity, x0, y0 in DISKS:
        field[np.hypot(x - x0, y - y0) < DISK_RADIUS] = conductivity
    return field


@functools.cache
def temperatures(num_cells: int = 20) -> tuple[Field, Field]:
    """Return the measured temperatures, and those that a simulation gives for the uniform plate."""
    data = measured_temperature(num_cells)
    uniform = temperature(np.full(data.shape, PLATE))
    data.flags.writeable = uniform.flags.writeable = False  # the cache keeps them
    return data, uniform


def measured_temperature(num_cells: int) -> Field:
    """Return the temperatures for the true conductivity, with noise."""
    exact = temperature(true_conductivity(num_cells))
    noise = np.random.default_rng(SEED).standard_normal(exact.shape)
    return exact + NOISE * float(exact.max()) * noise


def temperature(k: Field) -> Field:
    """Return the temperatures that balance the heat for a given conductivity."""
    heat = np.full(k.size, SOURCE / k.shape[0] ** 2)
    balanced: Field = np.asarray(spsolve(_balance_matrix(k), heat), np.float64)
    return balanced.reshape(k.shape)


def _balance_matrix(k: Field) -> sp.csc_array:
    """Return the matrix of `heat_outflow` for a given conductivity."""
    index = np.arange(k.size).reshape(k.shape)
    first = np.concatenate([index[:-1].ravel(), index[:, :-1].ravel()])
    second = np.concatenate([index[1:].ravel(), index[:, 1:].ravel()])
    face = _conductance(k.ravel()[first], k.ravel()[second])
    edges = np.zeros(k.shape)
    edges[[0, -1], :] += 1
    edges[:, [0, -1]] += 1
    diagonal = (2 * k * edges).ravel()
    np.add.at(diagonal, first, face)
    np.add.at(diagonal, second, face)
    off = sp.coo_array((face, (first, second)), shape=(k.size, k.size))
    return sp.csc_array(sp.diags_array(diagonal) - off - off.T)


def counts(num_cells: int = 20) -> Counts:
    """Return the counts: a five-point stencil in both fields, which the Hessian couples."""
    cells, faces = num_cells**2, 2 * num_cells * (num_cells - 1)
    return Counts(
        variables=2 * cells,
        constraints=cells,
        jacobian=2 * (cells + 2 * faces),
        hessian=3 * cells + 3 * faces,
    )


def _known(num_cells: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells},
        value=value,
        relative_tolerance=1e-6,
        source="this project, with CasADi 3.8.2 and IPOPT 3.14.19, tolerance 1e-10; not published",
    )


RECORD = ProblemRecord(
    name="heat_identification",
    title="identification of a conductivity field from temperatures",
    family="inverse problem, PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 20},
        "medium": {"num_cells": 60},
        "large": {"num_cells": 200},
    },
    counts=counts,
    known=(
        _known(20, 0.0080677142219798),
        _known(60, 0.0081010714366131),
        _known(200, 0.0081376619166059),
    ),
    reference="Vogel (2002), doi:10.1137/1.9780898717570 (form); data synthetic",
    data=temperatures,
    reduction=Reduction(states=("u",), by=("heat_balance",)),
)
