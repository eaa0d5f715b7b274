"""Transition state of the Henon equation on a disk with a square hole (COPS): a mountain pass.

    minimize    z
    subject to  J(u_k) <= z,   k = 1 … K
                ||u_{k+1} - u_k||_2 <= h,   k = 0 … K
                u_k = 0 on the boundary,   u_0 = 0,   u_{K+1} = e

    with        J(u) = int_D 1/2 |grad u|^2 - |s| u^4 / 4 ds,   D = {|s|_2 < 1, |s|_inf > 1/2}

so that the highest function of the path is a solution of -Laplace u = |s| u^3. e is the first
function of negative energy in direction 1 - (1 - d^2)^2, d the distance to the boundary (1 at the
point farthest from it), found by COPS' bisection; h = 2 ||e||_2 / (K + 1), norms of the vectors of
values at the points. All quantities are dimensionless.

Functions are linear on triangles. COPS' mesh is unstructured: 398 points between the square and a
polygon of 50 sides. For other sizes there is a mesh of our own: rays from the square to the circle,
n rings and 8 n angles, every cell cut by one diagonal; d is 4 t (1 - t) with t from 0 at the square
to 1 at the circle, and the direction is multiplied by 1 + s_1, so that one side is easier. There
are several optima, and which one is reached depends on the solver.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 22.
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
    distance_to_polygon,
)
from problems.record import Counts, KnownObjective, ProblemRecord

HALF_HOLE = 0.5


@checked(num_breaks=1, num_rings=2)
def build(num_breaks: int = 10, num_rings: int | None = None) -> so.Model:
    """Return the model of a path with `num_breaks` free functions.

    The mesh is COPS' where `num_rings` is None, and has 8 num_rings^2 cells otherwise.
    """
    return PASS.build(num_breaks, num_rings)


def _equation(domain: Domain) -> Equation:
    return Equation(1.0, decay=0.0, reaction=np.linalg.norm(domain.points, axis=1))


def _domain(num_rings: int | None) -> Domain:
    if num_rings is None:
        return _cops_domain()
    angle = 2 * np.pi * np.arange(8 * num_rings) / (8 * num_rings)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    hole = HALF_HOLE * circle / np.abs(circle).max(axis=1, keepdims=True)
    t = np.linspace(0.0, 1.0, num_rings + 1)[:, None, None]
    points = ((1 - t) * hole + t * circle).reshape(-1, 2)
    index = np.arange(len(points)).reshape(num_rings + 1, -1)
    turned = np.roll(index, -1, axis=1)
    a, b, c, d = index[:-1], index[1:], turned[1:], turned[:-1]
    triangles = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)]).reshape(-1, 3)
    part = np.repeat(t.ravel(), len(angle))
    direction = bump(4 * part * (1 - part)) * (1 + points[:, 0])
    return Domain(points, triangles, (part == 0) | (part == 1), direction)


def _cops_domain() -> Domain:
    mesh = read_mesh("disk_with_hole")
    to_polygon = distance_to_polygon(mesh.vertices)
    to_square = np.linalg.norm(np.maximum(np.abs(mesh.vertices) - HALF_HOLE, 0.0), axis=1)
    distance = np.where(mesh.fixed, 0.0, np.minimum(to_polygon, to_square))
    return Domain(mesh.vertices, mesh.elements, mesh.fixed, bump(distance / distance.max()))


PASS = MountainPass("henon", _domain, _equation)


def counts(num_breaks: int = 10, num_rings: int | None = None) -> Counts:
    """Return the counts of the path on this mesh."""
    return PASS.counts(num_breaks, num_rings)


def _known(num_breaks: int, num_rings: int | None, value: float, source: str) -> KnownObjective:
    size = {"num_breaks": num_breaks, "num_rings": num_rings}
    doi = "10.2172/834714" if source.startswith("COPS") else ""
    return KnownObjective(size, value, 1e-6, source, doi)


RECORD = ProblemRecord(
    name="henon",
    title="transition state of the Henon equation on a disk with a hole (COPS)",
    family="mountain pass, finite elements",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_breaks": 8, "num_rings": 3},
        "medium": {"num_breaks": 10, "num_rings": None},
        "large": {"num_breaks": 20, "num_rings": 24},
    },
    counts=counts,
    known=(
        _known(10, None, 6.667736, "COPS 3.0 as quoted in MadNLP/COPSBenchmark.jl, on this mesh"),
        _known(
            8,
            3,
            10.0212983705,
            "this project, with IPOPT 3.14.19, which reaches one of several optima; not published",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    second_size={"num_breaks": 6, "num_rings": 2},
    solved_sizes=("small", "medium"),
    data=PASS.start,
)
