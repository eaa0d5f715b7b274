"""Smoothing of a tetrahedral mesh (COPS): vertices that make the elements most alike regular ones.

    minimize    sum_e  ||A_e W^-1||_F^2 / (3 det(A_e W^-1)^(2/3))
    subject to  det(A_e W^-1) >= 0 for every tetrahedron e,   vertices of the boundary fixed

where A_e = [x_b - x_a, x_c - x_a, x_d - x_a] holds three edges of tetrahedron e = (a, b, c, d), and
W those of the regular tetrahedron. The summand, the inverse mean ratio, is 1 for a regular one.
With p, q, r the columns of A_e, ||A W^-1||_F^2 = |p|^2 + |2 q - p|^2 / 3 + |3 r - q - p|^2 / 6 and
det(A W^-1) = sqrt(2) p . (q x r). Lengths are in the units of the mesh.

`refinements` cuts every tetrahedron of the stored mesh into eight, so many times.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 19; T. S. Munson,
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


@checked(mesh=("duct20", "foam5", "gear", "hook"), refinements=0)
def build(mesh: str = "gear", refinements: int = 0) -> so.Model:
    """Return the model of a stored mesh ("gear", "hook", "foam5", "duct20"), refined."""
    grid = elements(mesh, refinements)
    lower, upper = grid.bounds()
    model = so.Model(f"tetra_{mesh}")
    x = model.variable("x", grid.vertices.shape, lower, upper, start=grid.vertices)
    a, b, c, d = x[grid.elements.T]
    p, q, r = b - a, c - a, d - a
    norm = np.sum(p**2 + (2 * q - p) ** 2 / 3 + (3 * r - q - p) ** 2 / 6, axis=1)
    determinant = np.sqrt(2) * np.sum(p * np.cross(q, r), axis=1)
    model.minimize(np.sum(norm / (3 * determinant ** (2 / 3))))
    model.subject_to(determinant >= 0, name="orientation")
    return model


def elements(mesh: str = "gear", refinements: int = 0) -> SimplicialMesh:
    """Return the mesh, which is then kept: what a mesh generator would have written to a file."""
    return read_mesh(f"tetra_{mesh}", refinements)


@functools.cache  # refining a mesh takes a while
def counts(mesh: str = "gear", refinements: int = 0) -> Counts:
    """Return the counts: vertices that share an edge interact in all their coordinates."""
    grid = elements(mesh, refinements)
    used, num_elements = np.unique(grid.elements).size, len(grid.elements)
    return Counts(
        variables=3 * len(grid.vertices),
        constraints=num_elements,
        jacobian=12 * num_elements,
        hessian=6 * used + 9 * len(grid.edges()),
    )


def _known(mesh: str, value: float, tolerance: float, source: str) -> KnownObjective:
    size = {"mesh": mesh, "refinements": 0}
    doi = "10.2172/834714" if source.startswith("COPS") else ""
    return KnownObjective(size, value, tolerance, source, doi)


RECORD = ProblemRecord(
    name="tetra",
    title="smoothing of a tetrahedral mesh (COPS)",
    family="mesh, nonconvex",
    sense="minimize",
    build=build,
    sizes={
        "small": {"mesh": "gear", "refinements": 0},
        "medium": {"mesh": "foam5", "refinements": 0},
        "large": {"mesh": "gear", "refinements": 2},
    },
    counts=counts,
    known=(
        _known("gear", 4151.63, 2.5e-6, "COPS 3.0 report (the seventh digit cut)"),
        _known("hook", 6057.3536094, 1e-6, "this project, with IPOPT 3.14.19; not published"),
        _known("foam5", 6425.6002195, 1e-6, "this project, with IPOPT 3.14.19; not published"),
        _known("duct20", 4826.8532675, 1e-6, "this project, with IPOPT 3.14.19; not published"),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    second_size={"mesh": "hook", "refinements": 0},
    solved_sizes=("small", "medium"),
    data=elements,
)
