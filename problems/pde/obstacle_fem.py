"""Membrane over a ball, with finite elements: the obstacle problem.

    minimize    1/2 int |grad u|^2
    subject to  u >= psi  in (-2, 2)^2,   u == g  on the boundary

discretized with linear elements on the 2 N^2 right-angled triangles of an N x N grid; the obstacle
acts at the vertices. psi is the upper half of the unit ball, psi(r) = sqrt(1 - r^2), continued by
its tangent from r = 0.9 on. The membrane touches it where r <= a, a^2 (1 - log(a/2)) = 1, and is

    u(r) = -a^2 log(r/2) / sqrt(1 - a^2)

outside, which gives the boundary values g (dimensionless). The start is the obstacle.

Source: E. Bueler, PETSc for Partial Differential Equations: Numerical Solutions in C and Python,
SIAM (2021), doi:10.1137/1.9781611976311, chapter 12 (example program obstacle.c), with finite
differences there; the exact solution is from it.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord
from sparseopt import pde

HALF_WIDTH = 2.0
CONTACT_RADIUS = 0.697965148223374
TANGENT_RADIUS = 0.9

Field = NDArray[np.float64]


@checked(num_cells=1)
def build(num_cells: int = 16) -> so.Model:
    """Return the model on a grid of num_cells by num_cells squares of two triangles."""
    basis, boundary = elements(num_cells=num_cells)  # as the record asks for them
    radius = np.hypot(*basis.doflocs)
    lower, upper = obstacle(radius), np.full(basis.N, np.inf)
    lower[boundary] = upper[boundary] = membrane(radius[boundary])
    model = so.Model("obstacle_fem")
    u = model.variable("u", basis.N, lower, upper, start=np.minimum(np.maximum(lower, 0.0), upper))
    model.minimize(pde.FiniteElements(basis).energy(density, u))
    return model


@functools.cache
def elements(num_cells: int = 16) -> tuple[Any, NDArray[np.int64]]:
    """Return the basis on the mesh, and the vertices on the boundary.

    A mesh generator and a finite-element package make them, whatever is computed with them.
    """
    import skfem  # a package of its own, which the collection can be listed without

    axis = np.linspace(-HALF_WIDTH, HALF_WIDTH, num_cells + 1)
    basis = skfem.Basis(skfem.MeshTri.init_tensor(axis, axis), skfem.ElementTriP1())
    return basis, basis.get_dofs().flatten()


def density(u: Any, w: Any) -> Any:
    """Return the energy of the membrane at a point."""
    return np.sum(u.grad**2, axis=0) / 2


def obstacle(radius: Field) -> Field:
    """Return the height of the obstacle."""
    end = TANGENT_RADIUS
    height = np.sqrt(1 - end**2)
    ball = np.sqrt(1 - np.minimum(radius, end) ** 2)
    return np.where(radius <= end, ball, height - end / height * (radius - end))


def membrane(radius: Field) -> Field:
    """Return the exact height of the membrane off the contact."""
    a = CONTACT_RADIUS
    return -(a**2) * np.log(radius / 2) / np.sqrt(1 - a**2)


def counts(num_cells: int = 16) -> Counts:
    """Return the counts: the Hessian joins the ends of every edge."""
    n = num_cells
    return Counts((n + 1) ** 2, 0, jacobian=0, hessian=(n + 1) ** 2 + 3 * n**2 + 2 * n)


def _known(num_cells: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells},
        value=value,
        relative_tolerance=1e-6,
        source="this project, active sets with matrices of scikit-fem 12.0.2; not published",
    )


RECORD = ProblemRecord(
    name="obstacle_fem",
    title="membrane over a ball, linear finite elements",
    family="variational inequality, finite elements",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 16},
        "medium": {"num_cells": 64},
        "large": {"num_cells": 256},
    },
    counts=counts,
    known=(
        _known(16, 1.9470144502513158),
        _known(64, 1.9726060668876546),
        _known(256, 1.9740292895904143),
    ),
    reference="Bueler (2021), doi:10.1137/1.9781611976311, chapter 12",
    data=elements,
)
