"""`Grid`: points in an interval, a rectangle or a box, their control volumes, and the sides.

A field on a grid is an array of shape `grid.shape`; axes before these, such as time, are carried
along by every function of this package.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import DiscretizationError, ShapeError, UnknownNameError, did_you_mean
from sparseopt.pde.axis import axis_of_cells, axis_of_nodes, compact
from sparseopt.tracing.conversion import as_traced, is_traced

__all__ = ["Grid"]

FloatArray = NDArray[np.float64]
Centering = Literal["cells", "nodes"]

SIDES = ("left", "right", "bottom", "top", "front", "back")
AXIS_NAMES = "xyz"


class Grid:
    """A rectangular grid of one, two or three dimensions.

    Parameters
    ----------
    coordinates : sequence of array_like, or one array_like
        For each axis ascending numbers that include the boundary: with ``centering="cells"`` the
        edges of the cells (finite volumes), with ``"nodes"`` the nodes (finite differences).
    centering : {"cells", "nodes"}
    known : names of sides
        Nodes only: the sides whose nodes are no unknowns because a Dirichlet condition gives their
        values.  Nodes of other sides are unknowns.
    periodic : names of sides
        Nodes only: pairs of sides that are one and the same; the nodes of the second are no
        unknowns.  For cells the conditions alone say so.

    Attributes
    ----------
    axes : tuple of Axis
    centering : str
    sides : tuple of str
        "left", "right" (x), "bottom", "top" (y), "front", "back" (z), as many as there are.

    Raises
    ------
    DiscretizationError
        Coordinates that do not ascend, too few of them, sides that cannot be known or periodic.
    NonFiniteError
        A coordinate that is NaN or infinite.
    UnknownNameError
        A side that the grid does not have.

    Examples
    --------
    >>> grid = Grid([[0.0, 1.0, 4.0], [0.0, 0.5]])
    >>> grid.shape, grid.volumes.tolist(), grid.coordinates[0].tolist()
    ((2, 1), [[0.5], [1.5]], [[0.5], [2.5]])
    """

    def __init__(
        self,
        coordinates: Sequence[ArrayLike] | ArrayLike,
        centering: Centering = "cells",
        *,
        known: Collection[str] = (),
        periodic: Collection[str] = (),
    ) -> None:
        given = _per_axis(coordinates)
        self.sides = SIDES[: 2 * len(given)]
        self.centering = centering
        known, periodic = self._named(known), self._named(periodic)
        self._require_meaning(known, periodic)
        self.axes = tuple(
            axis_of_cells(values, AXIS_NAMES[k])
            if centering == "cells"
            else axis_of_nodes(
                values,
                AXIS_NAMES[k],
                (SIDES[2 * k] in known, SIDES[2 * k + 1] in known),
                SIDES[2 * k] in periodic,
            )
            for k, values in enumerate(given)
        )

    @classmethod
    def uniform(
        cls,
        shape: int | Sequence[int],
        lower: float | Sequence[float] = 0.0,
        upper: float | Sequence[float] = 1.0,
        centering: Centering = "cells",
        *,
        known: Collection[str] = (),
        periodic: Collection[str] = (),
    ) -> Grid:
        """Return the grid of a given shape with equal spacing along each axis.

        Parameters
        ----------
        shape : int or sequence of int
            The number of points, which are unknowns, along each axis.
        lower, upper : float or sequence of float
            The boundary along each axis.
        centering, known, periodic
            As for `Grid`.

        Examples
        --------
        >>> Grid.uniform(4).axes[0].points.tolist()
        [0.125, 0.375, 0.625, 0.875]
        >>> Grid.uniform(3, centering="nodes", known=["left", "right"]).axes[0].points.tolist()
        [0.25, 0.5, 0.75]
        """
        counts = _counts(shape)
        ends = np.stack(_ends(lower, upper, len(counts)))
        extra = []
        for k, _ in enumerate(counts):
            pair = SIDES[2 * k : 2 * k + 2]
            not_unknown = sum(side in known for side in pair) + (pair[0] in periodic)
            extra.append(1 if centering == "cells" else not_unknown)
        coordinates = [
            np.linspace(a, b, count + more)
            for a, b, count, more in zip(*ends, counts, extra, strict=True)
        ]
        return cls(coordinates, centering, known=known, periodic=periodic)

    # ---- sizes
    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a field."""
        return tuple(axis.size for axis in self.axes)

    @property
    def size(self) -> int:
        """The number of points."""
        return math.prod(self.shape)

    @property
    def spacing(self) -> tuple[Any, ...]:
        """The distances between neighboring points along each axis: one number if equal."""
        return tuple(compact(np.diff(axis.points)) for axis in self.axes)

    @cached_property
    def coordinates(self) -> tuple[FloatArray, ...]:
        """The coordinates of all points: for each axis an array of the grid's shape."""
        return tuple(np.meshgrid(*(axis.points for axis in self.axes), indexing="ij"))

    @cached_property
    def volumes(self) -> FloatArray:
        """The control volumes (lengths, areas) of all points: an array of the grid's shape."""
        total = np.ones(())
        for axis in self.axes:
            total = total[..., None] * axis.widths
        return total

    # ---- sides
    def axis_and_end(self, side: str) -> tuple[int, int]:
        """Return the axis that a side is at an end of, and 0 for its lower end or -1.

        Examples
        --------
        >>> Grid.uniform((2, 2)).axis_and_end("top")
        (1, -1)
        """
        if side not in self.sides:
            raise UnknownNameError(
                f"a grid of {self.ndim} dimensions has no side {side!r}",
                instead=did_you_mean(str(side), self.sides),
            )
        number = self.sides.index(side)
        return number // 2, -(number % 2)

    def side_shape(self, side: str) -> tuple[int, ...]:
        """Return the shape of a field on a side: that of the grid without the side's axis."""
        axis, _ = self.axis_and_end(side)
        return self.shape[:axis] + self.shape[axis + 1 :]

    def side_coordinates(self, side: str) -> tuple[FloatArray, ...]:
        """Return the coordinates of a side's points, on the boundary, each of `side_shape`.

        Examples
        --------
        >>> [c.tolist() for c in Grid.uniform((4, 2)).side_coordinates("right")]
        [[1.0, 1.0], [0.25, 0.75]]
        """
        at, end = self.axis_and_end(side)
        place = self.axes[at].upper if end else self.axes[at].lower
        found = [np.take(c, 0, axis=at) for c in self.coordinates]
        found[at] = np.full(self.side_shape(side), place)
        return tuple(found)

    def side_areas(self, side: str) -> FloatArray:
        """Return the areas (lengths) of the faces on a side: an array of `side_shape`."""
        at, _ = self.axis_and_end(side)
        return np.asarray(np.take(self.volumes, 0, axis=at) / self.axes[at].widths[0])

    def face_shape(self, axis: int) -> tuple[int, ...]:
        """Return the shape of what lives on the faces across an axis: one more along it."""
        return tuple(n + (k == axis) for k, n in enumerate(self.shape))

    def field(self, values: Any, what: str) -> Any:
        """Return a field as an array; raise a `ShapeError` unless its last axes are the grid's."""
        if not hasattr(values, "shape"):
            values = as_traced(values) if is_traced(values) else np.asarray(values)
        shape = np.shape(values)
        if len(shape) < self.ndim or shape[len(shape) - self.ndim :] != self.shape:
            raise ShapeError(
                f"{what} has shape {shape}, the grid {self.shape}",
                instead=f"give an array of shape {self.shape}, or with more axes before these",
            )
        return values

    def __repr__(self) -> str:
        return f"Grid(shape={self.shape}, centering={self.centering!r})"

    # ---- checks
    def _named(self, names: Collection[str]) -> tuple[str, ...]:
        for name in (found := (names,) if isinstance(names, str) else tuple(names)):
            if name not in self.sides:
                raise UnknownNameError(
                    f"a grid of {len(self.sides) // 2} dimensions has no side {name!r}",
                    instead=did_you_mean(str(name), self.sides),
                )
        return found

    def _require_meaning(self, known: tuple[str, ...], periodic: tuple[str, ...]) -> None:
        if self.centering not in ("cells", "nodes"):
            raise DiscretizationError(
                f"there is no centering {self.centering!r}", instead='give "cells" or "nodes"'
            )
        if self.centering == "cells" and (known or periodic):
            raise DiscretizationError(
                "known and periodic sides belong to grids of nodes",
                why="all cells are unknowns, whatever the conditions",
                instead="leave them out; conditions say which sides are periodic",
            )
        for low, high in zip(self.sides[::2], self.sides[1::2], strict=True):
            if (low in periodic) != (high in periodic):
                raise DiscretizationError(
                    f"only one of the sides {low!r} and {high!r} is periodic",
                    instead=f"name both: periodic=({low!r}, {high!r})",
                )
            if low in periodic and (low in known or high in known):
                raise DiscretizationError(f"the sides {low!r}, {high!r} are periodic and known")


def _per_axis(coordinates: Any) -> list[Any]:
    """Return the coordinates of each axis; one vector of numbers is the only axis."""
    try:
        given = list(coordinates)
    except TypeError:
        given = []
    if given and all(np.ndim(value) == 0 for value in given):
        given = [given]
    if not 1 <= len(given) <= 3:
        raise DiscretizationError(
            f"coordinates of {len(given)} axes", instead="give an array for each of 1 to 3 axes"
        )
    return given


def _counts(shape: Any) -> list[int]:
    counts = np.atleast_1d(np.asarray(shape))
    if counts.ndim != 1 or not 1 <= counts.size <= 3 or counts.dtype.kind not in "iu":
        raise ShapeError(f"{shape!r} is no shape of a grid", instead="give 1 to 3 integers")
    if counts.min() < 1:
        raise ShapeError(f"a grid of shape {tuple(counts.tolist())} has no points")
    return [int(count) for count in counts]


def _ends(lower: Any, upper: Any, ndim: int) -> list[FloatArray]:
    try:
        return [np.broadcast_to(np.asarray(end, np.float64), (ndim,)) for end in (lower, upper)]
    except ValueError as error:
        raise ShapeError(
            f"lower {lower!r} and upper {upper!r} do not fit {ndim} axes",
            instead="give a number, or one for each axis",
        ) from error
