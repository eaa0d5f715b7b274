"""Minimal surface with a given boundary, by quadratic finite elements: Scherk's first surface.

    minimize    int sqrt(1 + |grad u|^2)     over (-1, 1)^2
    subject to  u == log(cos(x2) / cos(x1))  on the boundary

discretized with quadratic elements on the 2 N^2 right-angled triangles of an N x N grid, integrated
by the rule of degree 4 with six points; boundary values are interpolated. The boundary values are
those of an exact minimal surface, u = log(cos(x2) / cos(x1)) everywhere (dimensionless), so its
area is the limit, 5.697512211587. The start is zero inside.

Source: H. F. Scherk, Bemerkungen über die kleinste Fläche innerhalb gegebener Grenzen, Journal für
die reine und angewandte Mathematik 13 (1835), pp. 185-208, doi:10.1515/crll.1835.13.185.
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


@checked(num_cells=1)
def build(num_cells: int = 8) -> so.Model:
    """Return the model on a grid of num_cells by num_cells squares of two triangles."""
    basis, boundary = elements(num_cells=num_cells)  # as the record asks for them
    exact = scherk(*basis.doflocs)
    lower, upper, start = np.full(basis.N, -np.inf), np.full(basis.N, np.inf), np.zeros(basis.N)
    lower[boundary] = upper[boundary] = start[boundary] = exact[boundary]
    model = so.Model("minimal_surface_fem")
    u = model.variable("u", basis.N, lower, upper, start=start)
    model.minimize(pde.FiniteElements(basis).energy(area, u))
    return model


@functools.cache
def elements(num_cells: int = 8) -> tuple[Any, NDArray[np.int64]]:
    """Return the basis on the mesh, and its functions on the boundary.

    A mesh generator and a finite-element package make them, whatever is computed with them.
    """
    import skfem  # a package of its own, which the collection can be listed without

    axis = np.linspace(-1.0, 1.0, num_cells + 1)
    mesh = skfem.MeshTri.init_tensor(axis, axis)
    basis = skfem.Basis(mesh, skfem.ElementTriP2(), intorder=4)
    return basis, basis.get_dofs().flatten()


def area(u: Any, w: Any) -> Any:
    """Return the area of the surface above a unit of area."""
    return np.sqrt(1 + np.sum(u.grad**2, axis=0))


def scherk(x1: Any, x2: Any) -> Any:
    """Return the height of Scherk's surface."""
    return np.log(np.cos(x2) / np.cos(x1))


def counts(num_cells: int = 8) -> Counts:
    """Return the counts: six functions on a triangle, three of them shared across an edge."""
    n = num_cells
    functions, inner_edges = (2 * n + 1) ** 2, 3 * n**2 - 2 * n
    hessian = functions + 15 * 2 * n**2 - 3 * inner_edges
    return Counts(functions, 0, jacobian=0, hessian=hessian)


def _known(num_cells: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells},
        value=value,
        relative_tolerance=1e-6,
        source="this project, Newton's method with hand-derived forms in scikit-fem 12.0.2; "
        "not published",
    )


RECORD = ProblemRecord(
    name="minimal_surface_fem",
    title="Scherk's minimal surface, quadratic finite elements",
    family="variational, finite elements",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 8},
        "medium": {"num_cells": 40},
        "large": {"num_cells": 160},
    },
    counts=counts,
    known=(
        _known(8, 5.697536433406798),
        _known(40, 5.697512261411303),
        _known(160, 5.697512211783721),
    ),
    reference="Scherk (1835), doi:10.1515/crll.1835.13.185",
    data=elements,
)
