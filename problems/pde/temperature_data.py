"""Synthetic temperatures: a conductivity that is known, a grid finer than the fit's, seeded noise.

The balance of heat, -div(k grad u) = s, is solved by finite volumes on 3/2 as many cells along each
axis as the fit has, and interpolated linearly to the fit's cells, so that a fit cannot repeat the
errors of the scheme that made its data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator
from scipy.sparse.linalg import splu

import sparseopt as so

Field = NDArray[np.float64]

SEED = 2026
NOISE = 0.01
"""Standard deviation, as a fraction of the greatest temperature."""


def measured(
    num_cells: int,
    log_conductivity: Callable[..., Field],
    source: float,
    sides: dict[str, Any],
    dimension: int,
) -> tuple[Field, float]:
    """Return the temperatures at the centers of the fit's cells with noise, and its deviation."""
    fine = so.pde.Grid.uniform((num_cells + (num_cells + 1) // 2,) * dimension)
    exact = temperature(fine, log_conductivity(*fine.coordinates), source, sides)
    between = RegularGridInterpolator([axis.points for axis in fine.axes], exact)
    centers = so.pde.Grid.uniform((num_cells,) * dimension).coordinates
    at_centers = between(np.stack(centers, axis=-1))
    deviation = NOISE * float(exact.max())
    noise = np.random.default_rng(SEED).standard_normal(at_centers.shape)
    picture = at_centers + deviation * noise
    picture.flags.writeable = False  # callers keep it
    return picture, deviation


def temperature(
    grid: Any, log_conductivity: Field, source: float | Field, sides: dict[str, Any]
) -> Field:
    """Return the temperatures that balance the heat for a given field."""
    flow = so.pde.laplacian_operator(grid, sides, np.exp(log_conductivity))
    volumes = grid.volumes.ravel()
    balance = sp.csc_array(sp.diags_array(-volumes) @ flow.matrix)  # symmetric, positive definite
    factors = splu(
        balance,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    found = factors.solve(volumes * (np.ravel(source) + flow.vector))
    return np.asarray(found, np.float64).reshape(grid.shape)


def differences(shape: tuple[int, ...]) -> sp.csr_array:
    """Return the matrix of all differences of neighboring cells, of flat fields.

    Examples
    --------
    >>> differences((2, 2)).toarray().tolist()
    [[-1.0, 0.0, 1.0, 0.0], [0.0, -1.0, 0.0, 1.0], [-1.0, 1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.0]]
    """
    index, pairs = np.arange(np.prod(shape)).reshape(shape), []
    for axis in range(len(shape)):
        moved = np.moveaxis(index, axis, 0)
        pairs.append(np.stack([moved[:-1], moved[1:]], axis=-1).reshape(-1, 2))
    ends = np.concatenate(pairs)
    starts, values = np.arange(0, ends.size + 1, 2), np.tile([-1.0, 1.0], len(ends))
    return sp.csr_array((values, ends.ravel(), starts), shape=(len(ends), index.size))
