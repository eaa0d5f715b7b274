"""Transition state of the Henon equation on a disk with a square hole (COPS): a mountain pass.

    minimize    z
    subject to  J(u_k) <= z,   k = 1 … K
                ||u_{k+1} - u_k||_2 <= h,   k = 0 … K
                u_k = 0 on the boundary,   u_0 = 0,   u_{K+1} = e

    with        J(u) = int_D 1/2 |grad u|^2 - |s| u^4 / 4 ds,   D = {|s|_2 < 1, |s|_inf > 1/2}

so that the highest function of the path is a solution of -Laplace u = |s| u^3. e is the first
function of negative energy, found by COPS' bisection, in direction 1 - (1 - d^2)^2 times 1 + s_1,
with d = 4 t (1 - t) and t from 0 at the hole to 1 at the circle; the second factor makes one side
the easier one. h = 2 ||e||_2 / (K + 1), norms of the vectors of values at the points. All
quantities are dimensionless.

Functions are linear on triangles. The mesh is our own: rays from the hole to the circle, n rings
and 8 n angles, every cell cut by one diagonal. COPS has an unstructured mesh of 398 points and its
own direction; ports of it quote 6.667736 for K = 10 and say that the value depends on the solver.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 22.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.cops.transition_states import Domain, Equation, build_path, bump, count_path
from problems.record import Counts, KnownObjective, ProblemRecord

HALF_HOLE = 0.5


def build(num_breaks: int = 10, num_rings: int = 6) -> so.Model:
    """Return the model of a path with `num_breaks` free functions on 8 num_rings^2 cells."""
    domain = _domain(num_rings)
    equation = Equation(1.0, decay=0.0, reaction=np.linalg.norm(domain.points, axis=1))
    return build_path("henon", num_breaks, domain, equation)


def _domain(num_rings: int) -> Domain:
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


def counts(num_breaks: int = 10, num_rings: int = 6) -> Counts:
    """Return the counts of the path on this mesh."""
    return count_path(num_breaks, _domain(num_rings))


def _known(num_breaks: int, num_rings: int, value: float, source: str) -> KnownObjective:
    size = {"num_breaks": num_breaks, "num_rings": num_rings}
    return KnownObjective(size, value, 1e-6, source)


RECORD = ProblemRecord(
    name="henon",
    title="transition state of the Henon equation on a disk with a hole (COPS)",
    family="mountain pass, finite elements",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_breaks": 8, "num_rings": 3},
        "medium": {"num_breaks": 10, "num_rings": 6},
        "large": {"num_breaks": 20, "num_rings": 24},
    },
    counts=counts,
    known=(
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
)
