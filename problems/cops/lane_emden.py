"""Transition state of the Lane-Emden equation on a square (COPS): a mountain pass of its energy.

    minimize    z
    subject to  J(u_k) <= z,   k = 1 … K
                ||u_{k+1} - u_k||_2 <= h,   k = 0 … K
                u_k = 0 on the boundary,   u_0 = 0,   u_{K+1} = e

    with        J(u) = int_D 1/2 |grad u|^2 - u^4 / 4 ds,   D = (-1, 1)^2

so that the highest function of the path is a solution of -Laplace u = u^3. Functions are linear on
triangles: n x n squares, each cut by its diagonals (COPS' mesh has n = 16). e is the first function
of negative energy in direction 1 - (1 - d^2)^2, d the distance to the boundary, found by COPS'
bisection; h = 2 ||e||_2 / (K + 1), norms of the vectors of values at the points. All quantities are
dimensionless.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 21.
"""

from __future__ import annotations

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.cops.transition_states import Domain, Equation, MountainPass, bump, crisscross
from problems.record import Counts, KnownObjective, ProblemRecord


@checked(num_breaks=1, num_cells=1)
def build(num_breaks: int = 20, num_cells: int = 16) -> so.Model:
    """Return the model of a path with `num_breaks` free functions on num_cells^2 squares."""
    return PASS.build(num_breaks, num_cells)


def _equation(domain: Domain) -> Equation:
    return Equation(diffusion=1.0, decay=0.0, reaction=np.ones(len(domain.points)))


def _domain(num_cells: int) -> Domain:
    points, triangles, boundary = crisscross(num_cells)
    return Domain(points, triangles, boundary, bump(1 - np.abs(points).max(axis=1)))


PASS = MountainPass("lane_emden", _domain, _equation)


def counts(num_breaks: int = 20, num_cells: int = 16) -> Counts:
    """Return the counts of the path on this mesh."""
    return PASS.counts(num_breaks, num_cells)


def _known(num_breaks: int, num_cells: int, value: float, source: str) -> KnownObjective:
    size = {"num_breaks": num_breaks, "num_cells": num_cells}
    doi = "10.2172/834714" if source.startswith("COPS") else ""
    return KnownObjective(size, value, 1e-6, source, doi)


RECORD = ProblemRecord(
    name="lane_emden",
    title="transition state of the Lane-Emden equation (COPS)",
    family="mountain pass, finite elements",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_breaks": 8, "num_cells": 6},
        "medium": {"num_breaks": 20, "num_cells": 16},
        "large": {"num_breaks": 20, "num_cells": 48},
    },
    counts=counts,
    known=(
        _known(20, 16, 9.11, "COPS 3.0: 9.11000, on this mesh"),
        _known(8, 6, 7.098682918854, "this project, with IPOPT 3.14.19; not published"),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    second_size={"num_breaks": 6, "num_cells": 5},
    solved_sizes=("small", "medium"),
    data=PASS.start,
)
