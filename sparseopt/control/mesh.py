"""`Mesh`: where a phase is divided, in fractions of its duration, and the degree on each part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ProblemError

__all__ = ["Mesh"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """Mesh intervals of a phase.

    Attributes
    ----------
    breaks : ndarray, shape (intervals + 1,)
        Ascending fractions from 0 to 1.
    degrees : ndarray of int, shape (intervals,)
        The degree of the transcription on each interval.

    Examples
    --------
    >>> mesh = Mesh.of(4, 3)
    >>> mesh.widths.tolist(), mesh.degrees.tolist()
    ([0.25, 0.25, 0.25, 0.25], [3, 3, 3, 3])
    """

    breaks: FloatArray
    degrees: IntArray

    @classmethod
    def of(cls, intervals: int | ArrayLike, degree: int | Sequence[int]) -> Mesh:
        """Return a mesh of so many equal intervals, or with given fractions as their ends."""
        breaks = _breaks(intervals)
        try:
            degrees = np.array(np.broadcast_to(np.asarray(degree), (breaks.size - 1,)))
        except ValueError:
            degrees = np.zeros(0)
        if degrees.dtype.kind != "i" or degrees.size == 0 or degrees.min() < 1:
            raise ProblemError(
                f"the degree {degree!r} is no positive integer for each of {breaks.size - 1} "
                "intervals",
                instead="give degree=3, or a list of degrees",
            )
        return cls(breaks, degrees.astype(np.int64))

    @property
    def num_intervals(self) -> int:
        """The number of mesh intervals."""
        return int(self.degrees.size)

    @property
    def widths(self) -> FloatArray:
        """The widths of the intervals, which sum to 1."""
        return np.diff(self.breaks)

    def same_as(self, other: Mesh) -> bool:
        """Whether both meshes are equal."""
        return np.array_equal(self.breaks, other.breaks) and np.array_equal(
            self.degrees, other.degrees
        )


def _breaks(intervals: Any) -> FloatArray:
    given = np.asarray(intervals)
    if given.ndim == 0 and given.dtype.kind == "i" and given >= 1:
        return np.linspace(0.0, 1.0, int(given) + 1)
    usable = given.ndim == 1 and given.size >= 2 and given.dtype.kind in "if"
    if not usable or given[0] != 0.0 or given[-1] != 1.0 or not np.all(np.diff(given) > 0.0):
        raise ProblemError(
            f"{intervals!r} is no mesh",
            instead="give the number of intervals, or ascending fractions from 0.0 to 1.0",
        )
    return given.astype(np.float64)
