"""Advection in conservative form: what velocities carry through the faces of control volumes.

Upwind values make a scheme of order one that adds no new extrema; the mean of both sides (central)
has order two.  The velocity may be traced: the value on a face is chosen by a ``where``, whose
derivative by the velocity is that value.

R. J. LeVeque, Finite volume methods for hyperbolic problems (2002), sections 4.8 and 9.2,
doi:10.1017/CBO9780511791253.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from sparseopt.errors import DiscretizationError, ShapeError, did_you_mean
from sparseopt.pde.boundary import Boundary, checked_values, conditions_at_ends, conditions_of
from sparseopt.pde.conditions import Condition
from sparseopt.pde.faces import along, ends, extended, face_mean, joined, shares
from sparseopt.pde.fluxes import per_axis
from sparseopt.pde.formulas import divergence
from sparseopt.pde.grid import Grid
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["advection", "advective_fluxes", "faces_of"]

Scheme = Literal["upwind", "central"]
_SCHEMES = ("upwind", "central")


def advection(
    u: Any,
    velocity: Any,
    grid: Grid,
    boundary: Boundary,
    scheme: Scheme = "upwind",
    smoothing: float = 0.0,
) -> Any:
    """Return div(v u) at the points: of the shape of u.

    Parameters
    ----------
    u : array or traced array, shape (..., *grid.shape)
    velocity : number, array or traced array, or a tuple with one for each axis
        At the points (the grid's shape) or on the faces across the axis (`Grid.face_shape`).  With
        u / 2 it is Burgers' equation.
    grid : Grid
    boundary : condition, or mapping from sides to conditions
        What flows in has the value that the condition gives, with the coefficient 1.
    scheme : {"upwind", "central"}
    smoothing : float
        With a positive one |v| is sqrt(v² + smoothing²), so that the scheme has all derivatives
        where a traced velocity changes its sign, and a little more diffusion.

    Raises
    ------
    ShapeError, DiscretizationError, UnknownNameError, NonFiniteError
        As for `diffusion`, and for schemes that do not exist.

    Examples
    --------
    >>> from sparseopt import pde
    >>> walls = {"left": pde.Dirichlet(1.0), "right": pde.Neumann(0.0)}
    >>> pde.advection(np.array([1.0, 3.0]), 2.0, pde.Grid.uniform(2), walls).tolist()
    [0.0, 8.0]
    """
    return divergence(advective_fluxes(u, velocity, grid, boundary, scheme, smoothing), grid)


def advective_fluxes(
    u: Any,
    velocity: Any,
    grid: Grid,
    boundary: Boundary,
    scheme: Scheme = "upwind",
    smoothing: float = 0.0,
) -> tuple[Any, ...]:
    """Return v u on the faces across each axis, boundary included, each of `face_shape`.

    Parameters and errors are those of `advection`.
    """
    if scheme not in _SCHEMES:
        raise DiscretizationError(
            f"there is no scheme {scheme!r}", instead=did_you_mean(str(scheme), _SCHEMES)
        )
    if not (isinstance(smoothing, (int, float)) and 0.0 <= smoothing < np.inf):
        raise DiscretizationError(f"the smoothing is {smoothing!r}", instead="give 0.0 or more")
    u = grid.field(u, "the field u")
    conditions = conditions_of(boundary, grid)
    found = []
    for axis, part in enumerate(per_axis(velocity, grid, "velocities")):
        v = _on_faces(checked_values(part, "the velocity"), grid, axis, conditions)
        below, above = _beside_faces(u, grid, axis, conditions, scheme)
        found.append(_carried(v, below, above, scheme, smoothing))
    return tuple(found)


def faces_of(u: Any, grid: Grid, axis: int, conditions: dict[str, Condition]) -> Any:
    """Return a field on the faces across an axis: means between points, conditions at the sides."""
    inner = _inner_mean(u, grid, axis)
    first, last = ends(u, grid, axis)
    if (at_ends := conditions_at_ends(conditions, grid, axis)) is None:
        wrapped = face_mean("arithmetic", last, first, grid.axes[axis].wrapped_share)
        return joined([wrapped, inner, wrapped], grid, axis)
    low, high = at_ends
    d = grid.axes[axis].distances
    below = low.value_on_side(first, float(d[0]))
    return joined([below, inner, high.value_on_side(last, float(d[-1]))], grid, axis)


def _inner_mean(u: Any, grid: Grid, axis: int) -> Any:
    if grid.shape[axis] == 1:
        return None
    lower, upper = along(u, grid, axis, None, -1), along(u, grid, axis, 1, None)
    return face_mean("arithmetic", lower, upper, shares(grid, axis))


def _on_faces(v: Any, grid: Grid, axis: int, conditions: dict[str, Condition]) -> Any:
    """Return the velocity on the faces; on the boundary the line through two points continues."""
    if np.ndim(v) == 0 or np.shape(v)[-grid.ndim :] == grid.face_shape(axis):
        return v
    if np.shape(v)[-grid.ndim :] != grid.shape:
        raise ShapeError(
            f"the velocity along axis {axis} has shape {np.shape(v)}",
            instead=f"give shape {grid.shape} (at points) or {grid.face_shape(axis)} (on faces)",
        )
    first, last = ends(v, grid, axis)
    inner = _inner_mean(v, grid, axis)
    if conditions_at_ends(conditions, grid, axis) is None:
        wrapped = face_mean("arithmetic", last, first, grid.axes[axis].wrapped_share)
        return joined([wrapped, inner, wrapped], grid, axis)
    size, d = grid.shape[axis], grid.axes[axis].distances
    if size > 1:
        second, before = along(v, grid, axis, 1, 2), along(v, grid, axis, size - 2, size - 1)
        first = first + (first - second) * float(d[0] / d[1]) if d[0] else first
        last = last + (last - before) * float(d[-1] / d[-2]) if d[-1] else last
    return joined([first, inner, last], grid, axis)


def _beside_faces(
    u: Any, grid: Grid, axis: int, conditions: dict[str, Condition], scheme: str
) -> tuple[Any, Any]:
    """Return the values that are carried upward and downward through the faces of an axis."""
    if scheme == "central":
        on_faces = faces_of(u, grid, axis, conditions)
        return on_faces, on_faces
    first, last = ends(u, grid, axis)
    low_value, high_value = last, first
    if (at_ends := conditions_at_ends(conditions, grid, axis)) is not None:
        d = grid.axes[axis].distances
        low_value = at_ends[0].value_on_side(first, float(d[0]))
        high_value = at_ends[1].value_on_side(last, float(d[-1]))
    below = extended(low_value, u, None, grid, axis)
    return below, extended(None, u, high_value, grid, axis)


def _carried(v: Any, below: Any, above: Any, scheme: str, smoothing: float) -> Any:
    if scheme == "central":
        return v * below
    if smoothing:
        speed = np.sqrt(v * v + smoothing**2)
        return 0.5 * (v + speed) * below + 0.5 * (v - speed) * above
    if isinstance(v, TracedArray):
        return v * np.where(v > 0.0, below, above)
    if np.ndim(v) == 0:
        return v * (below if v > 0.0 else above)
    return np.maximum(v, 0.0) * below + np.minimum(v, 0.0) * above
