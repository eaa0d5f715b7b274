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

__all__ = [
    "FaceMean",
    "along",
    "difference",
    "ends",
    "extended",
    "face_mean",
    "joined",
    "of_axis",
    "shares",
    "times",
]

FaceMean = Literal["harmonic", "arithmetic"]


def along(field: Any, grid: Grid, axis: int, start: int | None, stop: int | None) -> Any:
    """Return the part of a field between two places of an axis; numbers are the same anywhere."""
    if np.ndim(field) == 0:
        return field
    place = [slice(None)] * grid.ndim
    place[axis] = slice(start, stop)
    return field[(..., *place)]


def ends(field: Any, grid: Grid, axis: int) -> tuple[Any, Any]:
    """Return the first and the last values along an axis."""
    size = grid.shape[axis]
    return along(field, grid, axis, 0, 1), along(field, grid, axis, size - 1, size)


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
    """Return what is on all faces: low side, inner faces (None if there are none), high side.

    Axes before the grid's and numbers are broadcast.
    """
    widths = (1, grid.shape[axis] - 1, 1)
    return _concatenated([(p, w) for p, w in zip(parts, widths, strict=True) if w], grid, axis)


def extended(before: Any, field: Any, after: Any, grid: Grid, axis: int) -> Any:
    """Return a field behind a value on its low side, or before one on its high side; None: no."""
    sized = [(before, 1), (field, grid.shape[axis]), (after, 1)]
    return _concatenated([(part, w) for part, w in sized if part is not None], grid, axis)


def _concatenated(parts: list[tuple[Any, int]], grid: Grid, axis: int) -> Any:
    shapes = []
    for part, width in parts:
        shape = (*grid.shape[:axis], width, *grid.shape[axis + 1 :])
        shapes.append(np.broadcast_shapes(np.shape(part), shape))
    batch = np.broadcast_shapes(*(shape[: len(shape) - grid.ndim] for shape in shapes))
    full = [batch + shape[len(shape) - grid.ndim :] for shape in shapes]
    arrays = [
        part if np.shape(part) == shape else np.broadcast_to(part, shape)
        for (part, _), shape in zip(parts, full, strict=True)
    ]
    return np.concatenate(arrays, axis=axis - grid.ndim)


def difference(on_faces: Any, grid: Grid, axis: int) -> Any:
    """Return for each point the value on its upper face less that on its lower face."""
    return along(on_faces, grid, axis, 1, None) - along(on_faces, grid, axis, None, -1)


def times(factor: Any, field: Any) -> Any:
    """Return a product, without a factor that is the number 1."""
    return field if isinstance(factor, float) and factor == 1.0 else factor * field
