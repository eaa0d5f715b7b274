"""Differential operators as plain NumPy code on fields: for the constraints of a model, or numbers.

Everything is a sum over faces: what flows through them is computed once for each axis, and a
point's equation is the difference of its two faces.  So finite volumes conserve to rounding, and a
tracer sees one formula for the interior and one for every side, edge and corner.

R. J. LeVeque, Finite volume methods for hyperbolic problems (2002), chapter 4,
doi:10.1017/CBO9780511791253; S. V. Patankar, Numerical heat transfer and fluid flow (1980),
chapter 4, doi:10.1201/9781482234213.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from sparseopt.pde.boundary import Boundary, conditions_at_ends, conditions_of
from sparseopt.pde.conditions import Condition
from sparseopt.pde.faces import FaceMean, along, difference, joined, of_axis, times
from sparseopt.pde.fluxes import diffusive_fluxes, require_fluxes
from sparseopt.pde.grid import Grid

__all__ = ["diffusion", "divergence", "divergence_of_flux", "gradient", "laplacian"]


def laplacian(u: Any, grid: Grid, boundary: Boundary) -> Any:
    """Return the Laplacian of a field at the points: of the shape of u.

    Parameters
    ----------
    u : array or traced array, shape (..., *grid.shape)
    grid : Grid
    boundary : condition, or mapping from sides to conditions

    Raises
    ------
    ShapeError, DiscretizationError, UnknownNameError, NonFiniteError
        As `conditions_of` says, and for fields of another shape.

    Examples
    --------
    >>> from sparseopt import pde
    >>> grid = pde.Grid.uniform(3, centering="nodes", known=["left", "right"])
    >>> x = grid.axes[0].points
    >>> pde.laplacian(x**2, grid, {"left": pde.Dirichlet(0.0), "right": pde.Dirichlet(1.0)})
    array([2., 2., 2.])
    """
    return diffusion(u, 1.0, grid, boundary)


def diffusion(
    u: Any, coefficient: Any, grid: Grid, boundary: Boundary, mean: FaceMean | None = None
) -> Any:
    """Return div(c grad u) at the points: of the shape of u.

    Parameters
    ----------
    u : array or traced array, shape (..., *grid.shape)
    coefficient : number, array or traced array of the grid's shape, or function of u
        c, or a tuple with one for each axis.
    grid : Grid
    boundary : condition, or mapping from sides to conditions
    mean : {"harmonic", "arithmetic"}, optional
        Of the coefficients of two points on the face between them; without it harmonic for
        fields, arithmetic for functions of u, which may vanish.

    Raises
    ------
    ShapeError, DiscretizationError, UnknownNameError, NonFiniteError
        As `conditions_of` says, and for fields of another shape, coefficients that are NaN, or
        not positive where their harmonic mean is taken.

    Examples
    --------
    >>> from sparseopt import pde
    >>> grid = pde.Grid.uniform(2)
    >>> hot, cold = pde.Dirichlet(1.0), pde.Dirichlet(0.0)
    >>> pde.diffusion(np.array([1.0, 0.0]), [1.0, 3.0], grid, {"left": hot, "right": cold})
    array([-6.,  6.])
    """
    return divergence(diffusive_fluxes(u, coefficient, grid, boundary, mean), grid)


def divergence(fluxes: Sequence[Any], grid: Grid) -> Any:
    """Return the divergence at the points of fluxes on the faces across each axis.

    Parameters
    ----------
    fluxes : sequence of arrays, one for each axis
        Of shape ``(..., *grid.face_shape(axis))``, in the direction of the axis.
    grid : Grid

    Raises
    ------
    ShapeError
        For fluxes of other shapes.

    Examples
    --------
    >>> from sparseopt import pde
    >>> pde.divergence([np.array([0.0, 1.0, 4.0])], pde.Grid.uniform(2)).tolist()
    [2.0, 6.0]
    """
    require_fluxes(fluxes, grid)
    widths = [of_axis(axis.widths, grid, k) for k, axis in enumerate(grid.axes)]
    return _total([difference(q, grid, k) / widths[k] for k, q in enumerate(fluxes)])


def divergence_of_flux(
    u: Any, coefficient: Any, grid: Grid, boundary: Boundary, mean: FaceMean | None = None
) -> Any:
    """Return the integrals of div(c grad u) over the control volumes: the balance of each.

    It is `diffusion` times `grid.volumes`, without the division by widths.  Parameters and errors
    are those of `diffusion`.

    Examples
    --------
    >>> from sparseopt import pde
    >>> grid, u = pde.Grid.uniform(4), np.array([0.0, 1.0, 4.0, 9.0])
    >>> pde.divergence_of_flux(u, 1.0, grid, pde.Neumann(0.0)).tolist()
    [4.0, 8.0, 8.0, -20.0]
    """
    fluxes = diffusive_fluxes(u, coefficient, grid, boundary, mean)
    return _total([times(_areas(grid, k), difference(q, grid, k)) for k, q in enumerate(fluxes)])


def gradient(u: Any, grid: Grid, boundary: Boundary) -> tuple[Any, ...]:
    """Return du/dx along each axis at the points: arrays of the shape of u.

    The slopes on the two faces of a point are interpolated, which is exact for parabolas.
    Parameters and errors are those of `laplacian`.

    Examples
    --------
    >>> from sparseopt import pde
    >>> grid = pde.Grid([[0.0, 1.0, 3.0, 4.0]], "nodes", known=["left", "right"])
    >>> pde.gradient(np.array([1.0, 9.0]), grid, {"left": pde.Dirichlet(0.0),
    ...              "right": pde.Dirichlet(16.0)})[0].tolist()
    [2.0, 6.0]
    """
    conditions = conditions_of(boundary, grid)
    slopes = diffusive_fluxes(u, 1.0, grid, boundary)
    found = []
    for k, slope in enumerate(slopes):
        share = _share_of_upper(grid, k, conditions)
        lower, upper = along(slope, grid, k, None, -1), along(slope, grid, k, 1, None)
        found.append((1 - share) * lower + share * upper)
    return tuple(found)


def _share_of_upper(grid: Grid, axis: int, conditions: dict[str, Condition]) -> Any:
    """Return the weight of the slope on a point's upper face, 0.5 if both are equally far."""
    distances = grid.axes[axis].distances
    if (at_ends := conditions_at_ends(conditions, grid, axis)) is None:
        ends: tuple[Any, Any] = (grid.axes[axis].wrapped_distance,) * 2
    else:
        low, high = at_ends
        ends = low.reach(float(distances[0])), high.reach(float(distances[-1]))
    if all(isinstance(end, float) for end in ends):
        reach = np.concatenate([ends[:1], distances[1:-1], ends[1:]])
        return of_axis(reach[:-1] / (reach[:-1] + reach[1:]), grid, axis)
    inner = of_axis(distances[1:-1], grid, axis) if distances.size > 2 else None
    reach = joined([ends[0], inner, ends[1]], grid, axis)
    lower, upper = along(reach, grid, axis, None, -1), along(reach, grid, axis, 1, None)
    return lower / (lower + upper)


def _areas(grid: Grid, axis: int) -> Any:
    """Return the areas of the faces across an axis, which the widths of the other axes give."""
    others = [of_axis(a.widths, grid, k) for k, a in enumerate(grid.axes) if k != axis]
    return functools.reduce(operator.mul, others, 1.0)


def _total(terms: list[Any]) -> Any:
    return functools.reduce(operator.add, terms)
