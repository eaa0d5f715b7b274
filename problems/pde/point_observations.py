"""Fields seen at scattered points: what instruments that are no cells of a grid measure.

A field is linear between the centers of the cells along each axis, so that an observation is a
sparse row with four entries.  Data are those of a finer grid, so that a fit cannot repeat the
errors of the scheme that made them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Field = NDArray[np.float64]

SEED = 2026


def scattered_points(num_along_axis: int, length: float = 1.0) -> Field:
    """Return a point in each square of a lattice, off its center by at most 0.3 of its width.

    Parameters
    ----------
    num_along_axis : int
        Of the lattice's squares.
    length : float
        The side of the whole square.

    Returns
    -------
    ndarray, shape (num_along_axis**2, 2)
        Coordinates; no two points are nearer than 0.4 of a lattice square's width along both axes.
    """
    centers = np.indices((num_along_axis, num_along_axis)).reshape(2, -1).T + 0.5
    shift = np.random.default_rng(SEED).uniform(-0.3, 0.3, centers.shape)
    return length / num_along_axis * (centers + shift)


def interpolation(grid: Any, points: Field) -> sp.csr_array:
    """Return the matrix from flat fields on a grid of cells to their values at points.

    Its transpose distributes what enters at the points to the cells around them.

    Examples
    --------
    >>> import sparseopt as so
    >>> grid = so.pde.Grid.uniform((2, 2))
    >>> interpolation(grid, np.array([[0.25, 0.25], [0.5, 0.625]])).toarray()
    array([[1.   , 0.   , 0.   , 0.   ],
           [0.125, 0.375, 0.125, 0.375]])
    """
    nearest = [_beside(axis, x) for axis, x in zip(grid.axes, points.T, strict=True)]
    (i, along_x), (j, along_y) = nearest
    columns = i[:, :, None] * grid.shape[1] + j[:, None, :]
    values = along_x[:, :, None] * along_y[:, None, :]
    starts = np.arange(0, columns.size + 1, 4)
    return sp.csr_array((values.ravel(), columns.ravel(), starts), (len(points), grid.size))


def _beside(axis: Any, x: Field) -> tuple[NDArray[np.int64], Field]:
    """Return the two cells whose centers are beside each x, and their weights."""
    below = np.clip(np.searchsorted(axis.points, x) - 1, 0, axis.size - 2)
    share = (x - axis.points[below]) / np.diff(axis.points)[below]
    return np.stack([below, below + 1], axis=1), np.stack([1 - share, share], axis=1)


def finer(num_cells: int) -> int:
    """Return how many cells along each axis data are made with: 3/2 as many as the fit has."""
    return num_cells + (num_cells + 1) // 2


def with_noise(exact: Field, deviation: float) -> Field:
    """Return measurements: normal noise of a standard deviation, drawn with a fixed seed."""
    measured = exact + deviation * np.random.default_rng(SEED + 1).standard_normal(exact.shape)
    measured.flags.writeable = False  # callers keep it
    return measured
