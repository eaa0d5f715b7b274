"""Second order: which pairs of variables a nonlinear operation makes interact.

An operation z = g(u, v) with a second partial in (u, v) contributes the products of the sets of u
and v, element by element.  They are collected as pairs of *rows of tables*, each distinct pair
once, however many operations and elements share it, and written out as entries at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import PatternError
from sparseopt.graph.index import StridedIndex, ranges
from sparseopt.graph.nodes import Where
from sparseopt.patterns.entry_keys import decode, distinct, encode
from sparseopt.patterns.set_forms import IndexSets, Map, Part, Table, map_array
from sparseopt.patterns.tables import LARGEST

__all__ = ["Interactions"]

CHUNK = 1 << 22
"""Products of rows written out at a time."""

BLOCK = 256
"""Rows multiplied at a time as dense matrices."""

LARGEST_FLAGS = 2**30
"""Bytes of the largest matrix of flags."""

MULTIPLY_ADDS = 500
"""About as many of a dense product take the time of writing out one entry."""

KeyArray = NDArray[np.int64]


def _map_key(rows: Map) -> object:
    return rows if isinstance(rows, StridedIndex) else id(rows)


class Interactions:
    """Collects interacting index sets, and gives the entries of the lower triangle."""

    def __init__(self, num_variables: int) -> None:
        self._num_variables = num_variables
        self._tables: dict[int, Table | None] = {id(None): None}
        self._pairs: dict[tuple[int, int], list[KeyArray]] = {}
        self._seen: dict[object, tuple[Part, Part]] = {}  # holds what its keys are the ids of

    def add(self, one: IndexSets, other: IndexSets, where: Where) -> None:
        """Let the sets of equal elements interact."""
        for a in one.parts:
            for b in other.parts:
                keys = [(id(part.table), _map_key(part.rows)) for part in (a, b)]
                key = frozenset(keys)
                if key not in self._seen:
                    self._seen[key] = (a, b)
                    self._add_parts(a, b, where)

    def _add_parts(self, a: Part, b: Part, where: Where) -> None:
        if id(a.table) > id(b.table):
            a, b = b, a
        rows, others = map_array(a.rows), map_array(b.rows)
        if not (isinstance(a.rows, StridedIndex) and isinstance(b.rows, StridedIndex)):
            both = (rows >= 0) & (others >= 0)
            if not both.all():
                rows, others = rows[both], others[both]
        if a.table is b.table:
            keys = encode(np.maximum(rows, others), np.minimum(rows, others))
        else:
            keys = encode(rows, others)
        if a.table or b.table:
            keys = distinct([keys])
            self._check_size(a.table, b.table, keys, where)
        for table in (a.table, b.table):
            self._tables[id(table)] = table
        self._pairs.setdefault((id(a.table), id(b.table)), []).append(keys)

    def _check_size(
        self, one: Table | None, other: Table | None, keys: KeyArray, where: Where
    ) -> None:
        """Refuse what one operation alone makes too large, before anything is written out."""
        if not keys.size:
            return
        rows, others = decode(keys)
        largest = int((_lengths(one, rows) * _lengths(other, others)).max())
        if largest // 2 > LARGEST:
            raise PatternError(
                f"one operation makes {largest // 2:,} entries of the Hessian",
                where=f"{where[0]}:{where[1]}" if where else "",
                why="a nonlinear function of values that depend on very many variables couples "
                "all of them; entries are numbered by 32-bit integers, up to 2,147,483,647",
                instead="make such a value a variable of its own, with a constraint that defines "
                "it",
            )

    def lower_triangle(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return rows and columns of the entries with row >= column, sorted by rows."""
        self._seen.clear()
        single = self._pairs.pop((id(None), id(None)), [])
        products = [
            _with_tables(self._tables[a], self._tables[b], distinct(keys))
            for (a, b), keys in self._pairs.items()
        ]
        n = self._num_variables
        total = sum(product.count for product in products)
        if products and total >= n * (n + 1) // 8 and n * n <= LARGEST_FLAGS:
            return _marked(single, products, n)
        collected, size = single, 0
        for chunk in chain.from_iterable(product.chunks() for product in products):
            collected.append(chunk)
            size += chunk.size
            if size > 8 * CHUNK:  # so that memory follows the result, not the products
                collected[:] = [distinct(collected)]
                size = 0
        return decode(_checked(distinct(collected)))


@dataclass(frozen=True, eq=False)
class _Product:
    """Products of rows of two tables, ``rows[k]`` of one with ``others[k]`` of the other."""

    one: Table
    other: Table
    rows: NDArray[np.int32]
    others: NDArray[np.int32]

    @property
    def count(self) -> int:
        """Number of entries, each as often as it is made."""
        return int((self.one.lengths[self.rows] * self.other.lengths[self.others]).sum())

    def chunks(self) -> Iterator[KeyArray]:
        """Yield the entries (larger, smaller), a bounded number at a time."""
        lengths, lefts = self.one.expand(self.rows)
        owners = np.repeat(np.arange(self.rows.size), lengths)
        counts = self.other.lengths[self.others][owners]
        if self.one is self.other:
            # Where a row meets itself, a variable's partners are those up to itself.
            upto = ranges(np.ones(self.rows.size, np.int64), lengths)
            counts = np.where((self.rows == self.others)[owners], upto, counts)
        ends = np.cumsum(counts)
        start = 0
        while start < lefts.size:
            done = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, done + CHUNK, "right")))
            chosen = slice(start, stop)
            first = self.other.indptr[self.others[owners[chosen]]]
            rights = self.other.indices[ranges(first, counts[chosen])]
            repeated = np.repeat(lefts[chosen], counts[chosen])
            yield encode(np.maximum(repeated, rights), np.minimum(repeated, rights))
            start = stop

    def mark(self, flags: NDArray[np.bool_]) -> None:
        """Set the flags of the entries, in either triangle, by products of dense 0/1 matrices."""
        n = len(flags)
        width = max(1, CHUNK // n)
        for start in range(0, self.rows.size, BLOCK):
            block = slice(start, start + BLOCK)
            left = _dense(self.one, self.rows[block], n)
            right = _dense(self.other, self.others[block], n)
            for column in range(0, n, width):
                stripe = slice(column, column + width)
                flags[:, stripe] |= (left.T @ right[:, stripe]) > 0.0


def _dense(table: Table, rows: NDArray[np.int32], n: int) -> NDArray[np.float32]:
    lengths, cols = table.expand(rows)
    matrix = np.zeros((rows.size, n), np.float32)
    matrix[np.repeat(np.arange(rows.size), lengths), cols] = 1.0
    return matrix


def _with_tables(one: Table | None, other: Table | None, keys: KeyArray) -> _Product:
    """Return the products; single variables that meet the same row become a row of their own."""
    rows, others = decode(keys)
    if other is None:
        one, other, rows, others = other, one, others, rows
    assert other is not None
    if one is None:
        order = np.lexsort((rows, others))
        met, first = np.unique(others[order], return_index=True)
        one = Table(np.append(first, rows.size), rows[order])
        rows, others = np.arange(met.size, dtype=np.int32), met
    return _Product(one, other, rows, others)


def _marked(
    single: list[KeyArray], products: list[_Product], n: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Mark entries in a full matrix of flags: for Hessians that are nearly dense."""
    flags = np.zeros((n, n), bool)
    for keys in single:
        flags[decode(keys)] = True
    for product in products:
        if product.count > product.rows.size * n * n // MULTIPLY_ADDS:
            product.mark(flags)
        else:
            for keys in product.chunks():
                flags[decode(keys)] = True
    rows, cols = np.nonzero(np.tril(flags | flags.T))
    return rows.astype(np.int32), cols.astype(np.int32)


def _checked(keys: KeyArray) -> KeyArray:
    if keys.size > LARGEST:
        raise PatternError(f"a Hessian has {keys.size:,} structural entries, more than 2^31 - 1")
    return keys


def _lengths(table: Table | None, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.ones(rows.size, np.int64) if table is None else table.lengths[rows]
