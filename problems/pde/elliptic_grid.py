"""Uniform grids on the unit square or cube: stencils, faces and bounds of elliptic problems.

A field has N + 2 points along every axis, spacing h = 1 / (N + 1), boundary included. Points on two
or more faces at once (corners, and edges of the cube) are in no stencil.

Source: the discretization of H. Maurer and H. D. Mittelmann, Optimization techniques for solving
elliptic control problems with control and state constraints, Part 1: Boundary control,
Computational Optimization and Applications 16 (2000), pp. 29-55; Part 2: Distributed control, 18
(2001), pp. 141-160.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]


def coordinates(num_points: int, dimension: int = 2) -> tuple[Field, ...]:
    """Return the coordinates x1, x2, ... of all points, boundary included.

    Examples
    --------
    >>> x1, x2 = coordinates(1)
    >>> x1[:, 0], x2[0]
    (array([0. , 0.5, 1. ]), array([0. , 0.5, 1. ]))
    """
    axis = np.arange(num_points + 2) / (num_points + 1)
    return np.meshgrid(*dimension * [axis], indexing="ij")


def interior(y: Any) -> Any:
    """Return the values off the boundary."""
    return y[y.ndim * (slice(1, -1),)]


def scaled_laplacian(y: Any) -> Any:
    """Return h^2 times the Laplacian at the interior points: neighbors less 2 d times the point."""
    neighbors = -2 * y.ndim * interior(y)
    for axis in range(y.ndim):
        neighbors = (
            neighbors + _shifted(y, axis, slice(None, -2)) + _shifted(y, axis, slice(2, None))
        )
    return neighbors


def faces(y: Any, depth: int = 0) -> Any:
    """Return the values on the 2 d faces, or `depth` points inside, without corners and edges."""
    ends = [(axis, end) for axis in range(y.ndim) for end in (depth, -1 - depth)]
    return np.stack([_shifted(y, axis, end) for axis, end in ends])


def _shifted(y: Any, axis: int, place: Any) -> Any:
    return y[tuple(place if k == axis else slice(1, -1) for k in range(y.ndim))]


def num_faces_at(num_points: int, dimension: int = 2) -> NDArray[np.int64]:
    """Return on how many faces each point lies: 0 inside, more than 1 at corners and edges."""
    index = np.indices(dimension * (num_points + 2,))
    count: NDArray[np.int64] = np.sum((index == 0) | (index == num_points + 1), axis=0)
    return count


def bounded(num_faces: NDArray[np.int64], inside: float, face: float) -> Field:
    """Return a bound for every point: `inside`, `face`, and 0 at corners and edges, never used."""
    return np.choose(np.minimum(num_faces, 2), [inside, face, 0.0])
