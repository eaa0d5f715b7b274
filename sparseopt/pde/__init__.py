"""Partial differential equations: grids, boundary conditions, operators, time stepping.

``grid`` says where the unknowns are, ``conditions`` what holds on the sides.  ``formulas`` are
plain NumPy on fields, which a tracer sees as few blocks; ``operators`` the same as constant sparse
matrices.  ``time_stepping`` writes the equations of all time steps at once.  ``finite_elements``
are forms on scikit-fem's bases.
"""

from __future__ import annotations

from sparseopt.pde.advection import advection, advective_fluxes
from sparseopt.pde.conditions import Dirichlet, Neumann, Periodic, Robin
from sparseopt.pde.finite_elements import FiniteElements, InterpolatedField
from sparseopt.pde.fluxes import diffusive_fluxes
from sparseopt.pde.formulas import diffusion, divergence, divergence_of_flux, gradient, laplacian
from sparseopt.pde.grid import Grid
from sparseopt.pde.operators import (
    AffineOperator,
    divergence_operator,
    gradient_operator,
    identity_operator,
    interpolation_operator,
    laplacian_operator,
)
from sparseopt.pde.schemes import scheme_names
from sparseopt.pde.time_stepping import stage_times, time_steps

__all__ = [
    "AffineOperator",
    "Dirichlet",
    "FiniteElements",
    "Grid",
    "InterpolatedField",
    "Neumann",
    "Periodic",
    "Robin",
    "advection",
    "advective_fluxes",
    "diffusion",
    "diffusive_fluxes",
    "divergence",
    "divergence_of_flux",
    "divergence_operator",
    "gradient",
    "gradient_operator",
    "identity_operator",
    "interpolation_operator",
    "laplacian",
    "laplacian_operator",
    "scheme_names",
    "stage_times",
    "time_steps",
]
