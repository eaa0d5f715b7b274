"""The conditions on all sides of a grid: complete, of the right shapes, with numbers for functions.

People write a mapping from sides to conditions; a key may be a tuple of sides, and one condition
alone holds on all sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from sparseopt.errors import DiscretizationError, NonFiniteError, ProblemError, ShapeError
from sparseopt.modeling.real_arrays import real_array
from sparseopt.pde.callables import require_callable
from sparseopt.pde.conditions import Condition, Dirichlet, Neumann, OpenCondition, Periodic, Robin
from sparseopt.pde.grid import Grid
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["Boundary", "checked_values", "conditions_at_ends", "conditions_of"]

Boundary: TypeAlias = Condition | Mapping[Any, Condition]
_CONDITIONS = (Dirichlet, Neumann, Robin, Periodic)


def conditions_of(boundary: Boundary, grid: Grid) -> dict[str, Condition]:
    """Return the condition of each side, its values with the side's axis in their shape.

    Raises
    ------
    UnknownNameError
        A side that the grid does not have.
    DiscretizationError
        Sides without a condition or with two, one periodic side of a pair, a Dirichlet condition
        where the boundary's nodes are unknowns, another where they are not.
    ShapeError, NonFiniteError
        Values of another shape than the side, values that are NaN or infinite.
    """
    given = _by_side(boundary, grid)
    for low, high in zip(grid.sides[::2], grid.sides[1::2], strict=True):
        if isinstance(given[low], Periodic) != isinstance(given[high], Periodic):
            one, other = (low, high) if isinstance(given[low], Periodic) else (high, low)
            raise DiscretizationError(
                f"side {one!r} is periodic, the opposite side {other!r} is not",
                instead="give Periodic() to both",
            )
    for side, condition in given.items():
        _require_place(condition, side, grid)
    found = {side: c.mapped(partial(_on_side, side, grid)) for side, c in given.items()}
    for side, condition in found.items():
        _require_relation(condition, side, grid)
    return found


def conditions_at_ends(
    conditions: Mapping[str, Condition], grid: Grid, axis: int
) -> tuple[OpenCondition, OpenCondition] | None:
    """Return the conditions at the lower and the upper end of an axis, None if it is periodic."""
    low, high = (conditions[side] for side in grid.sides[2 * axis : 2 * axis + 2])
    if isinstance(low, Periodic) or isinstance(high, Periodic):
        return None
    return low, high


def _by_side(boundary: Any, grid: Grid) -> dict[str, Condition]:
    if isinstance(boundary, _CONDITIONS):
        return dict.fromkeys(grid.sides, boundary)
    if not isinstance(boundary, Mapping):
        raise DiscretizationError(
            f"{boundary!r} is no boundary",
            instead='give a condition, or {"left": Dirichlet(0.0), "right": Neumann(1.0), ...}',
        )
    found: dict[str, Condition] = {}
    for key, condition in boundary.items():
        if not isinstance(condition, _CONDITIONS):
            raise DiscretizationError(
                f"{condition!r} on side {key!r} is no boundary condition",
                instead="give Dirichlet, Neumann, Robin or Periodic()",
            )
        for side in key if isinstance(key, (tuple, list, set, frozenset)) else (key,):
            grid.axis_and_end(side)
            if side in found:
                raise DiscretizationError(f"side {side!r} has two conditions")
            found[side] = condition
    missing = [side for side in grid.sides if side not in found]
    if missing:
        raise DiscretizationError(
            f"no condition on {', '.join(map(repr, missing))}",
            instead="give every side one; Neumann(0.0) where nothing enters",
        )
    return found


def _require_place(condition: Condition, side: str, grid: Grid) -> None:
    """Raise unless the nodes of a side are unknowns where their equation needs it."""
    number, end = grid.axis_and_end(side)
    axis = grid.axes[number]
    periodic = isinstance(condition, Periodic)
    if axis.is_periodic is not None and periodic != axis.is_periodic:
        raise DiscretizationError(
            f"the condition on side {side!r} is {type(condition).__name__}, the grid's nodes are "
            f"{'periodic' if axis.is_periodic else 'not periodic'} there",
            instead="make the grid with periodic=(...) for exactly the periodic sides",
        )
    if grid.centering == "cells" or periodic:
        return
    on_boundary = axis.distances[end] == 0.0
    if on_boundary == isinstance(condition, Dirichlet):
        raise DiscretizationError(
            f"{type(condition).__name__} on side {side!r}, whose nodes are "
            f"{'unknowns' if on_boundary else 'known'}",
            why="a Dirichlet condition gives the nodes' values; others leave them unknown",
            instead="make the grid with known=(...) for exactly the sides with Dirichlet",
        )


def _require_relation(condition: Condition, side: str, grid: Grid) -> None:
    """Raise where a Robin condition with plain coefficients says nothing about its point."""
    if not isinstance(condition, Robin) or isinstance(condition.b, TracedArray):
        return
    number, end = grid.axis_and_end(side)
    if np.any(condition.b == 0.0) and grid.axes[number].distances[end] == 0.0:
        raise DiscretizationError(
            f"b of the Robin condition on side {side!r} is zero, the side's nodes are unknowns",
            instead="give Dirichlet and make the grid with this side in known=(...)",
        )
    if not isinstance(condition.a, TracedArray) and np.any((condition.a == 0) & (condition.b == 0)):
        raise DiscretizationError(
            f"a and b of the Robin condition on side {side!r} are both zero",
            why="it relates nothing then",
        )


def _on_side(side: str, grid: Grid, name: str, value: Any) -> Any:
    """Return a value as numbers or traced array that broadcast with the points next to a side."""
    where = f"{name} of the condition on side {side!r}"
    if callable(value) and not isinstance(value, TracedArray):
        require_callable(value, f"the function for {where}", *"xyz"[: grid.ndim])
        value = value(*grid.side_coordinates(side))
    value = checked_values(value, where)
    shape, expected = np.shape(value), grid.side_shape(side)
    if shape == ():
        return value
    if len(shape) < len(expected) or shape[len(shape) - len(expected) :] != expected:
        raise ShapeError(
            f"{where} has shape {shape}, the side {expected}",
            instead=f"give a number or an array of shape {expected}, with axes such as time before",
        )
    axis, _ = grid.axis_and_end(side)
    at = len(shape) - len(expected) + axis
    return value.reshape((*shape[:at], 1, *shape[at:]))


def checked_values(value: Any, where: str) -> Any:
    """Return a traced array as it is, anything else as finite float64 numbers."""
    if isinstance(value, TracedArray):
        return value
    if is_traced(value):  # a list of traced numbers
        return as_traced(value)
    try:
        numbers = real_array(value, where)
    except ProblemError as error:
        raise DiscretizationError(
            f"{where} is {type(value).__name__}, not numbers", why=str(error).splitlines()[0]
        ) from error
    if not np.all(np.isfinite(numbers)):
        at = tuple(int(k) for k in np.argwhere(~np.isfinite(numbers))[0])
        raise NonFiniteError(f"{where} is {numbers[at]}" + (f" at {list(at)}" if at else ""))
    return float(numbers) if numbers.ndim == 0 else numbers
