"""Smoothing of a triangular mesh (COPS): vertices that make the triangles most alike regular ones.

    minimize    sum_e  ||A_e W^-1||_F^2 / (2 det(A_e W^-1))
    subject to  det(A_e W^-1) >= 0 for every triangle e,   vertices of the boundary fixed

where A_e = [x_b - x_a, x_c - x_a] holds two sides of triangle e = (a, b, c), and W those of the
equilateral triangle. The summand, the inverse mean ratio, is 1 for an equilateral triangle. With
p = b - a and q = c - a, ||A W^-1||_F^2 = |p|^2 + |2 q - p|^2 / 3, det(A W^-1) = 2 p x q / sqrt(3).
Lengths are in the units of the mesh.

`refinements` cuts every triangle of the stored mesh into four, so many times.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 18; T. S. Munson,
Mesh shape-quality optimization using the inverse mean-ratio metric, Mathematical Programming 110
(2007), doi:10.1007/s10107-006-0014-3.
"""

from __future__ import annotations

import functools

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops.simplicial_mesh import SimplicialMesh, read_mesh
from problems.record import Counts, KnownObjective, ProblemRecord


@checked(mesh=("deer", "pacman", "turtle"), refinements=0)
def build(mesh: str = "deer", refinements: int = 0) -> so.Model:
    """Return the model of a stored mesh ("deer", "pacman", "turtle"), refined."""
    grid = elements(mesh, refinements)
    lower, upper = grid.bounds()
    model = so.Model(f"triangle_{mesh}")
    x = model.variable("x", grid.vertices.shape, lower, upper, start=grid.vertices)
    a, b, c = x[grid.elements.T]
    p, q = b - a, c - a
    norm = np.sum(p**2 + (2 * q - p) ** 2 / 3, axis=1)
    determinant = 2 / np.sqrt(3) * (p[:, 0] * q[:, 1] - q[:, 0] * p[:, 1])
    model.minimize(np.sum(norm / (2 * determinant)))
    model.subject_to(determinant >= 0, name="orientation")
    return model


def elements(mesh: str = "deer", refinements: int = 0) -> SimplicialMesh:
    """Return the mesh, which is then kept: what a mesh generator would have written to a file."""
    return read_mesh(f"triangle_{mesh}", refinements)


@functools.cache  # refining a mesh takes a while
def counts(mesh: str = "deer", refinements: int = 0) -> Counts:
    """Return the counts: vertices that share an edge interact in all their coordinates."""
    grid = elements(mesh, refinements)
    used, num_elements = np.unique(grid.elements).size, len(grid.elements)
    return Counts(
        variables=2 * len(grid.vertices),
        constraints=num_elements,
        jacobian=6 * num_elements,
        hessian=3 * used + 4 * len(grid.edges()),
    )


def _known(mesh: str, value: float, tolerance: float, source: str) -> KnownObjective:
    size = {"mesh": mesh, "refinements": 0}
    doi = "10.2172/834714" if source.startswith("COPS") else ""
    return KnownObjective(size, value, tolerance, source, doi)


RECORD = ProblemRecord(
    name="triangle",
    title="smoothing of a triangular mesh (COPS)",
    family="mesh, nonconvex",
    sense="minimize",
    build=build,
    sizes={
        "small": {"mesh": "deer", "refinements": 0},
        "medium": {"mesh": "turtle", "refinements": 1},
        "large": {"mesh": "deer", "refinements": 3},
    },
    counts=counts,
    known=(
        _known("deer", 2011.74, 2.5e-6, "COPS 3.0 report (the seventh digit cut)"),
        _known("pacman", 1250.4501156, 1e-6, "this project, with IPOPT 3.14.19; not published"),
        _known("turtle", 4215.2324980, 1e-6, "this project, with IPOPT 3.14.19; not published"),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    second_size={"mesh": "turtle", "refinements": 0},
    solved_sizes=("small", "medium"),
    data=elements,
)
