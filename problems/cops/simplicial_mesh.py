"""Meshes of triangles and tetrahedra, some vertices fixed: reading, uniform refinement, counts.

The files in `data` hold three arrays: `vertices` (N, d), `elements` (E, d + 1) of vertex indices
from 0, and `fixed` (N,), true where a vertex must stay. See `data/ORIGIN.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class SimplicialMesh:
    """Vertices (N, d), elements (E, d + 1) and which vertices are fixed (N,)."""

    vertices: NDArray[np.float64]
    elements: NDArray[np.int64]
    fixed: NDArray[np.bool_]

    @property
    def dimension(self) -> int:
        """Return 2 for triangles, 3 for tetrahedra."""
        return int(self.vertices.shape[1])

    def edges(self) -> NDArray[np.int64]:
        """Return the vertex pairs (smaller, larger) of all edges, each once."""
        return np.unique(_pairs(self.elements).reshape(-1, 2), axis=0)

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return bounds of the vertices that hold the fixed ones where they are."""
        fixed = self.fixed[:, None]
        return np.where(fixed, self.vertices, -np.inf), np.where(fixed, self.vertices, np.inf)


@lru_cache(maxsize=8)
def read_mesh(name: str, refinements: int = 0) -> SimplicialMesh:
    """Return a stored mesh, each element cut `refinements` times into 4 (or 8) elements.

    Its arrays are kept for the next call, and cannot be written to.

    Examples
    --------
    >>> mesh = read_mesh("triangle_pacman", refinements=1)
    >>> mesh.elements.shape
    (4728, 3)
    """
    with np.load(DATA / f"{name}.npz") as arrays:
        elements = arrays["elements"].astype(np.int64)
        mesh = SimplicialMesh(arrays["vertices"], elements, arrays["fixed"])
    for _ in range(refinements):
        mesh = _refined(mesh)
    for array in (mesh.vertices, mesh.elements, mesh.fixed):
        array.flags.writeable = False
    return mesh


def _pairs(simplices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sorted vertex pairs of every simplex, (E, number of edges, 2)."""
    first, second = np.triu_indices(simplices.shape[1], k=1)
    pairs = np.stack([simplices[:, first], simplices[:, second]], axis=2)
    return np.sort(pairs, axis=2)


def _refined(mesh: SimplicialMesh) -> SimplicialMesh:
    """Cut every element at the middles of its edges; those on the boundary become fixed."""
    pairs = _pairs(mesh.elements)
    edges, middles = np.unique(pairs.reshape(-1, 2), axis=0, return_inverse=True)
    corners_and_middles = np.concatenate(
        [mesh.elements, len(mesh.vertices) + middles.reshape(pairs.shape[:2])], axis=1
    )
    return SimplicialMesh(
        np.concatenate([mesh.vertices, mesh.vertices[edges].mean(axis=1)]),
        np.concatenate([corners_and_middles[:, child] for child in _CHILDREN[mesh.dimension]]),
        np.concatenate([mesh.fixed, _on_boundary(mesh, edges)]),
    )


# Corners come first, then the middles of the edges in the order of `np.triu_indices`. All children
# keep their parent's orientation. An octahedron is left in a tetrahedron: it is cut along the
# diagonal between the middles of the edges (0, 2) and (1, 3) (Bey, Tetrahedral grid refinement,
# Computing 55 (1995), doi:10.1007/BF02238487).
_CHILDREN = {
    2: ((0, 3, 4), (3, 1, 5), (4, 5, 2), (3, 5, 4)),
    3: (
        (0, 4, 5, 6),
        (4, 1, 7, 8),
        (5, 7, 2, 9),
        (6, 8, 9, 3),
        (4, 5, 6, 8),
        (4, 7, 5, 8),
        (5, 6, 8, 9),
        (5, 8, 7, 9),
    ),
}


def _on_boundary(mesh: SimplicialMesh, edges: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the sorted edges lie on a face that only one element has."""
    corners = mesh.elements.shape[1]
    without = [np.delete(np.arange(corners), corner) for corner in range(corners)]
    faces = np.sort(np.concatenate([mesh.elements[:, face] for face in without]), axis=1)
    unique, times = np.unique(faces, axis=0, return_counts=True)
    outer = np.unique(_pairs(unique[times == 1]).reshape(-1, 2), axis=0)
    size = len(mesh.vertices)
    keys: Any = outer @ [size, 1]
    return np.isin(edges @ [size, 1], keys)
