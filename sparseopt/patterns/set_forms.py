"""Index sets: for every element of a vector the set of variables it depends on.

The set of element i is a union of rows looked up in tables::

    set(i) = union over parts of  part.table[part.rows[i]]

Most code needs one table only, the single variables, which is never stored: a slice of x is one
part whose ``rows`` are an offset and strides, a five-point stencil is five such parts, and a union
appends parts and touches no element.  A sum over many elements makes a stored `Table` of distinct
rows; broadcasting it to n elements stores one row and a map, never n rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import Index, StridedIndex, compose, ranges, selector

__all__ = ["EMPTY", "IndexSets", "Map", "Part", "Table", "map_array", "same_map", "union"]

Map = StridedIndex | NDArray[np.int32]
"""The row of each element: affine, or an array in which -1 means no row."""


@dataclass(frozen=True, eq=False)
class Table:
    """Distinct sets of variables as compressed rows, ascending in each; compared by identity."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Number of variables in each row."""
        return np.diff(self.indptr)

    def expand(self, rows: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return the lengths of some rows, and their variables one row after another."""
        lengths = self.lengths[rows]
        return lengths, self.indices[ranges(self.indptr[rows], lengths)]


@dataclass(frozen=True, eq=False)
class Part:
    """One row of a table for each element; without a table, one variable for each element."""

    table: Table | None
    rows: Map

    def take(self, index: Index) -> Part:
        """Return the part of elements ``index``."""
        return Part(self.table, _take(self.rows, index))

    def choose(self, positions: NDArray[np.integer]) -> Part:
        """Return the part of the elements at ``positions``."""
        if isinstance(self.rows, StridedIndex):
            return Part(self.table, self.rows.take(positions).astype(np.int32, copy=False))
        return Part(self.table, self.rows[positions])

    def keep(self, mask: NDArray[np.bool_]) -> Part:
        """Return the part with empty sets where the mask is False."""
        return Part(self.table, np.where(mask, map_array(self.rows), np.int32(-1)))


@dataclass(frozen=True, eq=False)
class IndexSets:
    """The index sets of all elements of a vector; without parts, all are empty."""

    parts: tuple[Part, ...]

    def take(self, index: Index) -> IndexSets:
        """Return the sets of elements ``index``."""
        return IndexSets(tuple(part.take(index) for part in self.parts))

    def choose(self, positions: NDArray[np.integer]) -> IndexSets:
        """Return the sets of the elements at ``positions``."""
        return IndexSets(tuple(part.choose(positions) for part in self.parts))

    def keep(self, mask: NDArray[np.bool_]) -> IndexSets:
        """Return the sets, empty where the mask is False."""
        return IndexSets(tuple(part.keep(mask) for part in self.parts))

    @property
    def num_bytes(self) -> int:
        """Memory of maps and tables; what is shared counts once."""
        maps = {id(p.rows): p.rows.nbytes for p in self.parts if isinstance(p.rows, np.ndarray)}
        tables = {id(p.table): p.table for p in self.parts if p.table}.values()
        return sum(maps.values()) + sum(t.indptr.nbytes + t.indices.nbytes for t in tables)


EMPTY = IndexSets(())
"""The sets of a constant."""


def map_array(rows: Map) -> NDArray[np.int32]:
    """Return a map written out."""
    if isinstance(rows, StridedIndex):
        return rows.materialize().astype(np.int32, copy=False)
    return rows


def _take(rows: Map, index: Index) -> Map:
    if not isinstance(rows, StridedIndex):
        return rows[selector(index)]
    composed = compose(index, rows)
    if isinstance(composed, StridedIndex):
        return composed
    return composed.values.astype(np.int32, copy=False)


def same_map(one: Map, other: Map) -> bool:
    """Whether two maps of the same number of elements are equal."""
    if one is other:
        return True
    if isinstance(one, StridedIndex) or isinstance(other, StridedIndex):
        return isinstance(one, StridedIndex) and isinstance(other, StridedIndex) and one == other
    middle = one.size // 2  # most maps differ there, and a glance costs nothing
    return bool((one[middle : middle + 8] == other[middle : middle + 8]).all()) and np.array_equal(
        one, other
    )


def union(sets: Sequence[IndexSets]) -> IndexSets:
    """Return the union element by element: the parts of all, equal ones once."""
    filled = [s for s in sets if s.parts]
    if not filled:
        return EMPTY
    if all(s is filled[0] for s in filled):
        return filled[0]
    parts: list[Part] = []
    for part in (p for s in filled for p in s.parts):
        if not any(part.table is p.table and same_map(part.rows, p.rows) for p in parts):
            parts.append(part)
    first = filled[0].parts
    unchanged = len(parts) == len(first) and all(p is q for p, q in zip(parts, first, strict=True))
    return filled[0] if unchanged else IndexSets(tuple(parts))
