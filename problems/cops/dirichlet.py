"""Transition state of a Dirichlet problem on a disk (COPS): a mountain pass of its energy.

    minimize    z
    subject to  J(u_k) <= z,   k = 1 … K
                ||u_{k+1} - u_k||_2 <= h,   k = 0 … K
                u_k = 0 on the boundary,   u_0 = 0,   u_{K+1} = e

    with        J(u) = int_D a/2 |grad u|^2 + u^2 / 2 - u^4 / 4 ds,   D = {|s| < 1}

so that the highest function of the path is a solution of -a Laplace u + u = u^3. e is the first
function of negative energy in direction 1 - (1 - d^2)^2, d the distance to the boundary (1 at the
point farthest from it), found by COPS' bisection; h = 2 ||e||_2 / (K + 1), norms of the vectors of
values at the points.

Constant (dimensionless): a = 0.01, diffusion.

Functions are linear on triangles. COPS' mesh is unstructured: 531 points in a polygon of 50 sides.
For other sizes there is a mesh of our own: n x n squares, each cut by its diagonals, of which (x,
y) goes to (x sqrt(1 - y^2 / 2), y sqrt(1 - x^2 / 2)). Values agree as far as meshes resolve u.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 20.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops.simplicial_mesh import read_mesh
from problems.cops.transition_states import (
    Domain,
    Equation,
    MountainPass,
    bump,
    crisscross,
    distance_to_polygon,
)
from problems.record import Counts, KnownObjective, ProblemRecord

DIFFUSION = 0.01


@checked(num_breaks=1, num_cells=1)
def build(num_breaks: int = 20, num_cells: int | None = None) -> so.Model:
    """Return the model of a path with `num_breaks` free functions.

    The mesh is COPS' where `num_cells` is None, and has num_cells^2 cells otherwise.
    """
    return PASS.build(num_breaks, num_cells)


def _equation(domain: Domain) -> Equation:
    return Equation(DIFFUSION, decay=1.0, reaction=np.ones(len(domain.points)))


def _domain(num_cells: int | None) -> Domain:
    if num_cells is None:
        return _cops_domain()
    square, triangles, boundary = crisscross(num_cells)
    points = square * np.sqrt(1 - square[:, ::-1] ** 2 / 2)
    radius = np.where(boundary, 1.0, np.linalg.norm(points, axis=1))
    return Domain(points, triangles, boundary, bump(1 - radius))


def _cops_domain() -> Domain:
    mesh = read_mesh("disk")
    distance = distance_to_polygon(mesh.vertices)
    distance[mesh.fixed] = 0.0
    return Domain(mesh.vertices, mesh.elements, mesh.fixed, bump(distance / distance.max()))


PASS = MountainPass("dirichlet", _domain, _equation)


def counts(num_breaks: int = 20, num_cells: int | None = None) -> Counts:
    """Return the counts of the path on this mesh."""
    return PASS.counts(num_breaks, num_cells)


def _known(num_breaks: int, num_cells: int | None, value: float, source: str) -> KnownObjective:
    size = {"num_breaks": num_breaks, "num_cells": num_cells}
    doi = "10.2172/834714" if source.startswith("COPS") else ""
    return KnownObjective(size, value, 6e-6, source, doi)


RECORD = ProblemRecord(
    name="dirichlet",
    title="transition state of a Dirichlet problem on a disk (COPS)",
    family="mountain pass, finite elements",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_breaks": 12, "num_cells": 5},
        "medium": {"num_breaks": 20, "num_cells": None},
        "large": {"num_breaks": 20, "num_cells": 48},
    },
    counts=counts,
    known=(
        _known(20, None, 0.0171464, "COPS 3.0 report, on this mesh (the seventh digit cut)"),
        _known(12, 5, 0.02605943898, "this project, with IPOPT 3.14.19; not published"),
        _known(20, 16, 0.01777099255, "this project, with IPOPT 3.14.19; not published"),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    second_size={"num_breaks": 9, "num_cells": 4},
    solved_sizes=("small", "medium"),
    data=PASS.start,
)
