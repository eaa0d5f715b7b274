"""`EntryMap`: which entry of a matrix each instance of a slot belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import Index, StridedIndex, bounds, index_of

__all__ = ["EntryMap"]


@dataclass(frozen=True, eq=False)
class EntryMap:
    """Row and column of a slot's entry, for every instance.

    They are ``first`` and ``second``; or, if folded into the lower triangle, the larger and the
    smaller of the two, instance by instance.  Those are written out only where they are asked for.
    """

    first: Index
    second: Index
    is_constant: bool = False
    is_folded: bool = False

    @property
    def size(self) -> int:
        """Number of instances."""
        return self.first.size

    @property
    def rows(self) -> Index:
        """Row of each instance's entry."""
        return self._folded[0] if self.is_folded else self.first

    @property
    def cols(self) -> Index:
        """Column of each instance's entry."""
        return self._folded[1] if self.is_folded else self.second

    @cached_property
    def _folded(self) -> tuple[Index, Index]:
        one, other = self.first.materialize(), self.second.materialize()
        return index_of(np.maximum(one, other)), index_of(np.minimum(one, other))

    def at(self, instances: Index) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
        """Return rows and columns of some instances."""
        if isinstance(instances, StridedIndex) and instances.is_identity(self.size):
            one, other = self.first.materialize(), self.second.materialize()
        else:
            chosen = instances.materialize()
            one, other = self.first.take(chosen), self.second.take(chosen)
        return (np.maximum(one, other), np.minimum(one, other)) if self.is_folded else (one, other)

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """(Low row, high row, low column, high column); folded ones may be smaller."""
        low, high = bounds(self.first)
        other_low, other_high = bounds(self.second)
        if self.is_folded:
            return (
                max(low, other_low),
                max(high, other_high),
                min(low, other_low),
                min(high, other_high),
            )
        return low, high, other_low, other_high
