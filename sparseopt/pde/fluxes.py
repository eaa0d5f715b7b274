"""What flows through the faces between points, along the gradient of a field.

Two points exchange c (u_2 - u_1) / d, with the mean c of their coefficients; on the boundary the
condition says what enters.  In formulas of plain NumPy, for numbers and for traced arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparseopt.errors import DiscretizationError, ShapeError
from sparseopt.pde.boundary import Boundary, checked_values, conditions_at_ends, conditions_of
from sparseopt.pde.conditions import Condition, Dirichlet
from sparseopt.pde.faces import FaceMean, along, ends, face_mean, joined, of_axis, shares, times
from sparseopt.pde.grid import Grid
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["coefficient_at_points", "diffusive_fluxes", "per_axis", "require_fluxes"]


def diffusive_fluxes(
    u: Any, coefficient: Any, grid: Grid, boundary: Boundary, mean: FaceMean | None = None
) -> tuple[Any, ...]:
    """Return c du/dx on the faces across each axis, boundary included, each of `face_shape`.

    Parameters and errors are those of `diffusion`.

    Examples
    --------
    >>> from sparseopt import pde
    >>> pde.diffusive_fluxes(np.array([1.0, 3.0]), 2.0, pde.Grid.uniform(2), pde.Neumann(0.5))
    (array([-0.5,  8. ,  0.5]),)
    """
    u = grid.field(u, "the field u")
    conditions = conditions_of(boundary, grid)
    parts = per_axis(coefficient, grid, "coefficients")
    return tuple(_flux(u, c, grid, k, conditions, mean) for k, c in enumerate(parts))


def _flux(
    u: Any,
    coefficient: Any,
    grid: Grid,
    axis: int,
    conditions: dict[str, Condition],
    kind: FaceMean | None,
) -> Any:
    """Return c du/dx on all faces across an axis."""
    kind = kind or ("arithmetic" if _is_function(coefficient) else "harmonic")
    c = coefficient_at_points(coefficient, u, grid, kind)
    distances = grid.axes[axis].distances
    inner = _inner_flux(u, c, grid, axis, kind) if grid.shape[axis] > 1 else None
    (first, last), (c_first, c_last) = (ends(field, grid, axis) for field in (u, c))
    if (at_ends := conditions_at_ends(conditions, grid, axis)) is None:
        distance = grid.axes[axis].wrapped_distance
        share = grid.axes[axis].wrapped_share
        wrapped = times(face_mean(kind, c_last, c_first, share), (first - last) / distance)
        return joined([wrapped, inner, wrapped], grid, axis)
    low, high = at_ends
    c_first = _on_side(coefficient, c_first, low, kind)
    c_last = _on_side(coefficient, c_last, high, kind)
    entering_low = low.inflow(first, c_first, float(distances[0]))
    entering_high = high.inflow(last, c_last, float(distances[-1]))
    return joined([-entering_low, inner, entering_high], grid, axis)


def _inner_flux(u: Any, c: Any, grid: Grid, axis: int, kind: FaceMean) -> Any:
    step = along(u, grid, axis, 1, None) - along(u, grid, axis, None, -1)
    slope = step / of_axis(grid.axes[axis].distances[1:-1], grid, axis)
    lower, upper = along(c, grid, axis, None, -1), along(c, grid, axis, 1, None)
    return times(face_mean(kind, lower, upper, shares(grid, axis)), slope)


def _is_function(coefficient: Any) -> bool:
    return callable(coefficient) and not isinstance(coefficient, TracedArray)


def _on_side(coefficient: Any, beside: Any, condition: Condition, kind: FaceMean) -> Any:
    """Return the coefficient on a side: that of the point, or of a function of a known value."""
    if _is_function(coefficient) and isinstance(condition, Dirichlet):
        return face_mean(kind, beside, coefficient(condition.value), 0.5)
    return beside


def coefficient_at_points(coefficient: Any, u: Any, grid: Grid, kind: FaceMean | None) -> Any:
    """Return a coefficient as a number or a field; functions are of u.

    Raises
    ------
    ShapeError, NonFiniteError
        A field of another shape than the grid's, or with NaN.
    DiscretizationError
        Numbers that are not positive, for a harmonic mean.
    """
    values = coefficient(u) if _is_function(coefficient) else coefficient
    if isinstance(u, TracedArray) or not _is_function(coefficient):
        values = checked_values(values, "the coefficient")
    if np.ndim(values):
        values = grid.field(values, "the coefficient")
    plain = not isinstance(values, TracedArray)
    if kind == "harmonic" and plain and np.ndim(values) and np.min(values) <= 0.0:
        raise DiscretizationError(
            f"the coefficient is {np.min(values):g} somewhere",
            why="a harmonic mean is of positive numbers",
            instead='give mean="arithmetic", or a positive coefficient',
        )
    return values


def per_axis(given: Any, grid: Grid, what: str) -> tuple[Any, ...]:
    """Return a tuple with one value for each axis, of one value or of such a tuple."""
    parts = given if isinstance(given, tuple) else (given,) * grid.ndim
    if len(parts) != grid.ndim:
        raise ShapeError(
            f"{len(parts)} {what} for {grid.ndim} axes",
            instead=f"give a tuple of {grid.ndim}, one for each axis",
        )
    return parts


def require_fluxes(fluxes: Sequence[Any], grid: Grid) -> None:
    """Raise a `ShapeError` unless there is a flux on all faces across each axis."""
    if not isinstance(fluxes, Sequence) or len(fluxes) != grid.ndim:
        count = len(fluxes) if hasattr(fluxes, "__len__") else type(fluxes).__name__
        raise ShapeError(
            f"{count} fluxes for {grid.ndim} axes",
            instead="give a tuple with one for each axis, as diffusive_fluxes returns",
        )
    for axis, flux in enumerate(fluxes):
        expected = grid.face_shape(axis)
        if np.shape(flux)[-grid.ndim :] != expected:
            raise ShapeError(
                f"the flux along axis {axis} has shape {np.shape(flux)}, its faces {expected}",
                instead="give a flux on all faces, boundary included",
            )
