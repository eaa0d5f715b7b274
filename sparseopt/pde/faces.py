"""From points to the faces between them and back, along one axis, for plain and traced fields.

Only slices and one concatenation, whose indices are affine: a field falls into the interior and
its sides, edges and corners, whatever the grid's size, and derivatives write contiguous runs.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from sparseopt.errors import DiscretizationError, did_you_mean
from sparseopt.pde.axis import compact
from sparseopt.pde.grid import Grid

__all__ = ["FaceMean", "along", "difference", "face_mean", "joined", "of_axis", "shares", "times"]

FaceMean = Literal["harmonic", "arithmetic"]


def along(field: Any, grid: Grid, axis: int, start: int | None, stop: int | None) -> Any:
    """Return the part of a field between two places of an axis; numbers are the same anywhere."""
    if np.ndim(field) == 0:
        return field
    place = [slice(None)] * grid.ndim
    place[axis] = slice(start, stop)
    return field[(..., *place)]


def of_axis(values: Any, grid: Grid, axis: int) -> Any:
    """Return numbers along one axis in a shape that broadcasts with fields, or one if all equal."""
    values = compact(values)
    if np.ndim(values) == 0:
        return values
    return values.reshape((-1, *(1,) * (grid.ndim - 1 - axis)))


def shares(grid: Grid, axis: int) -> Any:
    """Return where inner faces are between their points: 0.5 in the middle."""
    points, faces = grid.axes[axis].points, grid.axes[axis].faces[1:-1]
    return of_axis((faces - points[:-1]) / np.diff(points), grid, axis)


def face_mean(kind: FaceMean, first: Any, second: Any, share: Any) -> Any:
    """Return the mean on a face of the values at the two points beside it.

    The harmonic mean is that of resistances in series (Patankar 1980, section 4.2-3); it keeps the
    flux right where a coefficient jumps at the face.

    Examples
    --------
    >>> face_mean("harmonic", 1.0, 3.0, 0.5), face_mean("arithmetic", 1.0, 3.0, 0.5)
    (1.5, 2.0)
    """
    if kind not in ("harmonic", "arithmetic"):
        raise DiscretizationError(
            f"there is no mean {kind!r}",
            instead=did_you_mean(str(kind), ("harmonic", "arithmetic")),
        )
    if first is second and np.ndim(first) == 0:
        return first
    if kind == "arithmetic":
        if np.ndim(share) == 0 and share == 0.5:
            return 0.5 * (first + second)
        return (1 - share) * first + share * second
    if np.ndim(share) == 0 and share == 0.5:
        return 2 * first * second / (first + second)
    return first * second / (share * second + (1 - share) * first)


def joined(parts: list[Any], grid: Grid, axis: int) -> Any:
    """Return parts behind each other along an axis; other axes and numbers are broadcast."""
    used = [part for part in parts if part is not None]
    shapes = []
    for part, width in zip(used, _widths(parts, grid, axis), strict=True):
        shape = list(grid.shape)
        shape[axis] = width
        shapes.append((np.broadcast_shapes(np.shape(part), shape), part))
    batch = np.broadcast_shapes(*(s[: len(s) - grid.ndim] for s, _ in shapes))
    full = [_broadcast(part, batch + s[len(s) - grid.ndim :]) for s, part in shapes]
    return np.concatenate(full, axis=axis - grid.ndim)


def difference(on_faces: Any, grid: Grid, axis: int) -> Any:
    """Return for each point the value on its upper face less that on its lower face."""
    return along(on_faces, grid, axis, 1, None) - along(on_faces, grid, axis, None, -1)


def times(factor: Any, field: Any) -> Any:
    """Return a product, without a factor that is the number 1."""
    return field if isinstance(factor, float) and factor == 1.0 else factor * field


def _widths(parts: list[Any], grid: Grid, axis: int) -> list[int]:
    """Return how long the parts (low side, inner faces, high side) are; None is no part."""
    widths = (1, grid.shape[axis] - 1, 1)
    return [w for w, part in zip(widths, parts, strict=True) if part is not None]


def _broadcast(part: Any, shape: tuple[int, ...]) -> Any:
    return part if np.shape(part) == shape else np.broadcast_to(part, shape)
