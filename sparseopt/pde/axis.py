"""`Axis`: the points of a grid along one axis, and the faces between their control volumes.

Every point has a control volume, whose faces lie on the boundary or halfway to its neighbors.  A
scheme needs nothing else: with cells the points are in the middle of the volumes; with nodes the
faces are in the middle between the points, and a node on the boundary has half a volume.

S. V. Patankar, Numerical heat transfer and fluid flow (1980), chapter 4, "practice A" and "B",
doi:10.1201/9781482234213.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DiscretizationError, NonFiniteError

__all__ = ["Axis", "axis_of_cells", "axis_of_nodes", "compact"]

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Axis:
    """Points along one axis.

    Attributes
    ----------
    points : ndarray, shape (n,)
        Where the unknowns are.
    faces : ndarray, shape (n + 1,)
        Where the control volumes end.
    distances : ndarray, shape (n + 1,)
        Across each face from point to point; at both ends from the boundary to the point.
    lower, upper : float
        The boundary.
    is_periodic : bool or None
        Whether the last point is a neighbor of the first; None where the conditions say so.
    """

    points: FloatArray
    faces: FloatArray
    distances: FloatArray
    lower: float
    upper: float
    is_periodic: bool | None

    @property
    def size(self) -> int:
        """The number of points."""
        return int(self.points.size)

    @property
    def widths(self) -> FloatArray:
        """The widths of the control volumes."""
        return np.diff(self.faces)

    @property
    def wrapped_distance(self) -> float:
        """The distance from the last point to the first, across the boundary."""
        return float(self.distances[0] + self.distances[-1])

    @property
    def wrapped_share(self) -> float:
        """Where the periodic face is between the last point and the first: 0.5 in the middle."""
        return 0.5 if self.is_periodic else float(self.distances[-1]) / self.wrapped_distance


def compact(values: FloatArray) -> Any:
    """Return one number for equal values, so that formulas contain no data, else the values.

    Examples
    --------
    >>> compact(np.array([0.1, 0.1])), compact(np.array([0.1, 0.2]))
    (0.1, array([0.1, 0.2]))
    """
    if values.size and np.ptp(values) <= _ROUNDING * np.max(np.abs(values)):
        return float(np.mean(values))
    return values


def axis_of_cells(edges: Any, name: str) -> Axis:
    """Return the axis of cells between given edges, at least one cell."""
    edges = _ascending(edges, name, 2, "the edges of the cells")
    points = (edges[1:] + edges[:-1]) / 2
    ends = np.concatenate([edges[:1], points, edges[-1:]])
    return Axis(points, edges, np.diff(ends), float(edges[0]), float(edges[-1]), None)


def axis_of_nodes(nodes: Any, name: str, known: tuple[bool, bool], periodic: bool = False) -> Axis:
    """Return the axis of given nodes, those of the boundary first and last.

    Parameters
    ----------
    nodes : array_like
    name : str
        For messages.
    known : pair of bool
        Whether the first and the last node are no unknowns.
    periodic : bool
        Whether the last node is the first one again.
    """
    nodes = _ascending(nodes, name, 2 + all(known), "the nodes")
    lower, upper = float(nodes[0]), float(nodes[-1])
    gaps = np.diff(nodes)
    middle = (nodes[1:] + nodes[:-1]) / 2
    if periodic:
        faces = np.concatenate([[lower - gaps[-1] / 2], middle])
        distances = np.concatenate([[0.0], gaps])
        return Axis(nodes[:-1], faces, distances, lower, upper, True)
    first, last = int(not known[0]), int(not known[1])
    points = nodes[1 - first : nodes.size - 1 + last]
    faces = np.concatenate([nodes[:first], middle, nodes[nodes.size - last :]])
    distances = np.concatenate([np.zeros(first), gaps, np.zeros(last)])
    return Axis(points, faces, distances, lower, upper, False)


def _ascending(given: Any, name: str, least: int, what: str) -> FloatArray:
    values = np.asarray(given)
    if values.ndim != 1 or values.dtype.kind not in "iuf" or values.size < least:
        raise DiscretizationError(
            f"the coordinates along {name} are no vector of {least} numbers or more",
            instead=f"give {what}, boundary included, in ascending order",
        )
    values = values.astype(np.float64)
    if not np.all(np.isfinite(values)):
        first = int(np.flatnonzero(~np.isfinite(values))[0])
        raise NonFiniteError(f"the coordinate {name}[{first}] is {values[first]}")
    steps = np.diff(values)
    if not np.all(steps > _ROUNDING * np.max(np.abs(values))):
        at = int(np.argmin(steps))
        raise DiscretizationError(
            f"the spacing between {name}[{at}] = {values[at]:g} and {name}[{at + 1}] = "
            f"{values[at + 1]:g} is not positive",
            instead=f"give {what} in strictly ascending order",
        )
    return values
