"""Stored tables of index sets: unions over the elements of a sum, stacking, equal rows once."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import PatternError
from sparseopt.graph.index import StridedIndex, ranges
from sparseopt.graph.nodes import Where
from sparseopt.patterns.entry_keys import decode, distinct, encode
from sparseopt.patterns.set_forms import Map, Part, Table, map_array

__all__ = ["LARGEST", "Tables", "check_size", "entries", "num_entries", "segment_keys"]

LARGEST = 2**31 - 1
"""Entries of a pattern are numbered by int32."""


class Tables:
    """Makes tables; equal ones become one object, so that equal parts are found by identity."""

    def __init__(self, num_variables: int) -> None:
        self.num_variables = num_variables
        self._known: dict[tuple[int, int, int], list[Table]] = {}

    def segment_union(
        self, targets: NDArray[np.integer], parts: Sequence[Part], num_rows: int
    ) -> Part:
        """Return the part whose row t is the union of the sets of the elements with target t."""
        keys = segment_keys(targets, parts, num_rows, self.num_variables)
        rows, cols = decode(keys)
        counts = np.bincount(rows, minlength=num_rows)
        table = Table(np.concatenate([[0], np.cumsum(counts)]), cols)
        table, place = _distinct_rows(table)
        return Part(self.unique(table), place)

    def unique(self, table: Table) -> Table:
        """Return the one object that stands for equal tables; bytes decide, not the checksum."""
        checksum = zlib.crc32(table.indices.data)
        key = (table.indices.size, table.indptr.size, checksum)
        alike = self._known.setdefault(key, [])
        for other in alike:
            if np.array_equal(other.indptr, table.indptr) and np.array_equal(
                other.indices, table.indices
            ):
                return other
        alike.append(table)
        return table

    def stack(self, tables: Sequence[Table]) -> tuple[Table, list[int]]:
        """Return the rows of several tables as one table, and where each begins."""
        rows = np.cumsum([0] + [t.indptr.size - 1 for t in tables])
        starts = np.cumsum([0] + [t.indices.size for t in tables])
        pieces = [t.indptr[:-1] + s for t, s in zip(tables, starts[:-1], strict=True)]
        indptr = np.concatenate([*pieces, starts[-1:]])
        indices = np.concatenate([t.indices for t in tables])
        return self.unique(Table(indptr, indices)), rows[:-1].tolist()


def check_size(total: int, where: Where = None) -> None:
    """Raise `PatternError` for more entries than can be numbered, naming a line."""
    if total > LARGEST:
        raise PatternError(
            f"a pattern would have {total:,} entries",
            where=f"{where[0]}:{where[1]}" if where else "",
            why="entries are numbered by 32-bit integers, up to 2,147,483,647",
            instead="make the sums that depend on everything variables of their own, "
            "with constraints that define them",
        )


def num_entries(part: Part) -> int:
    """Return the sum of the sizes of a part's sets."""
    rows = map_array(part.rows)
    if part.table is None:
        return int(np.count_nonzero(rows >= 0))
    return int(part.table.lengths[rows[rows >= 0]].sum())


def entries(targets: NDArray[np.integer], part: Part) -> NDArray[np.int64]:
    """Return the keys (target, variable) of a part's sets, each possibly several times."""
    rows = map_array(part.rows)
    if not isinstance(part.rows, StridedIndex) and rows.size and rows.min() < 0:
        present = np.flatnonzero(rows >= 0)
        targets, rows = targets[present], rows[present]
    if part.table is None:
        return encode(targets, rows)
    # A row that many elements of a segment share is expanded once.
    targets, rows = decode(distinct([encode(targets, rows)]))
    check_size(int(part.table.lengths[rows].sum()))
    lengths, cols = part.table.expand(rows)
    return encode(np.repeat(targets, lengths), cols)


def segment_keys(
    targets: NDArray[np.integer], parts: Sequence[Part], num_rows: int, num_variables: int
) -> NDArray[np.int64]:
    """Return the distinct keys (target, variable) of several parts, ascending."""
    if num_rows * num_variables <= targets.size * len(parts):
        flags = np.zeros((num_rows, num_variables), bool)
        for part in parts:
            flags[decode(entries(targets, part))] = True
        return encode(*np.nonzero(flags))
    return distinct([entries(targets, part) for part in parts])


def _row_hashes(table: Table) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        mixed: Any = table.indices.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(15))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        hashes = np.zeros(table.lengths.size, np.uint64)
        filled = np.flatnonzero(table.lengths)
        if filled.size:
            hashes[filled] = np.add.reduceat(mixed, table.indptr[filled])
        return hashes * np.uint64(31) + table.lengths.astype(np.uint64)


def _distinct_rows(table: Table) -> tuple[Table, Map]:
    """Return the table with equal rows stored once, and the place of each row in it."""
    count = table.lengths.size
    identity = StridedIndex.of(0, (count,), (1,))
    if count == 1:
        return table, identity
    _, first, place = np.unique(_row_hashes(table), return_index=True, return_inverse=True)
    if first.size == count or not _rows_equal(table, first[place]):
        return table, identity
    kept = np.sort(first)  # the order of first occurrence
    rank = np.empty(first.size, np.int32)
    rank[np.argsort(first)] = np.arange(first.size, dtype=np.int32)
    lengths, indices = table.expand(kept)
    smaller = Table(np.concatenate([[0], np.cumsum(lengths)]), indices)
    if first.size == 1:
        return smaller, StridedIndex.of(0, (count,), (0,))
    return smaller, rank[place.reshape(-1)]


def _rows_equal(table: Table, others: NDArray[np.integer]) -> bool:
    """Whether every row equals the row it is to be replaced by: hashes alone prove nothing."""
    if not np.array_equal(table.lengths, table.lengths[others]):
        return False
    replaced = table.indices[ranges(table.indptr[others], table.lengths)]
    return np.array_equal(table.indices, replaced)
