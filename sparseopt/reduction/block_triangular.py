"""Block triangular form of the matrix of the states: only its diagonal blocks are factored.

A maximum matching brings nonzeros to the diagonal, the strong components of the graph are the
blocks (Pothen and Fan 1990, doi:10.1145/98267.98287; Davis and Palamadai Natarajan 2010, KLU,
doi:10.1145/1824801.1824814).  The steps of an evolution equation are such blocks: each of them is
factored by itself, nothing fills in between them, and a solve goes from step to step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse import csgraph

from sparseopt.errors import SingularMatrixError
from sparseopt.factorizations import factorization
from sparseopt.patterns.compressed_rows import compress

__all__ = ["BlockTriangularForm", "Factors", "block_triangular_form"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_SMALLEST = 2000
"""Blocks are joined to at least as many unknowns: below that, calls cost more than fill."""


class Factors(Protocol):
    """The factors of a square matrix A."""

    def solve(self, b: FloatArray) -> FloatArray:
        """Return x with A x = b."""

    def solve_transposed(self, b: FloatArray) -> FloatArray:
        """Return x with Aᵀ x = b."""


@dataclass(frozen=True)
class _Part:
    """A compressed part of the matrix; place k holds entry ``source[k]`` of the values."""

    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    source: IntArray


@dataclass(frozen=True)
class _Block:
    """Unknowns ``start`` to ``stop``: their own matrix by columns, and what is known by rows.

    The part to the left of the block begins at column ``first``.
    """

    start: int
    stop: int
    first: int
    own: _Part
    left: _Part


class BlockTriangularForm:
    """A permutation to lower block triangular form.

    Parameters
    ----------
    rows, columns : int arrays, shape (nnz,)
        Places of the entries.
    row_order, column_order : int arrays, shape (n,)
        Which row and column comes at each place.
    bounds : int array
        Where blocks begin, and n.
    """

    def __init__(
        self,
        rows: IntArray,
        columns: IntArray,
        row_order: IntArray,
        column_order: IntArray,
        bounds: IntArray,
    ) -> None:
        self.row_order = row_order
        self.column_order = column_order
        self.bounds = bounds
        size = row_order.size
        row_place, column_place = np.empty(size, np.int64), np.empty(size, np.int64)
        row_place[row_order] = column_place[column_order] = np.arange(size)
        rows, columns = row_place[rows], column_place[columns]
        order = np.argsort(rows, kind="stable")
        ends = np.searchsorted(rows[order], bounds)
        self._blocks = [
            _block(rows, columns, order[low:high], int(start), int(stop))
            for low, high, start, stop in zip(
                ends[:-1], ends[1:], bounds[:-1], bounds[1:], strict=True
            )
        ]

    def factor(self, values: FloatArray, backend: str) -> Factors:
        """Return the factors of the matrix with these entries.

        Raises
        ------
        SingularMatrixError
            If a block is singular; its rows and columns are those of the whole matrix.
        """
        return _BlockFactors(self, values, backend)

    def __iter__(self) -> Iterator[_Block]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)


def block_triangular_form(
    rows: IntArray, columns: IntArray, size: int
) -> BlockTriangularForm | None:
    """Return the form of a matrix of full structural rank; None if it has one large block."""
    entries = (np.ones(rows.size, np.int8), (rows, columns))
    pattern = sp.csr_array(sp.coo_array(entries, shape=(size, size)))
    column_of = np.asarray(csgraph.maximum_bipartite_matching(pattern, "column"), np.int64)
    # Node i is row i with its matched column; an edge leads to what the row needs.
    graph = sp.csr_array(pattern[:, column_of])
    _, labels = csgraph.connected_components(graph, connection="strong")
    source, target = (
        labels[np.repeat(np.arange(size), np.diff(graph.indptr))],
        labels[graph.indices],
    )
    if np.all(source <= target):
        labels = labels.max() - labels
    elif not np.all(source >= target):
        return None
    bounds = _joined(np.bincount(labels))
    if np.diff(bounds).max() > size // 2:
        return None
    order = np.argsort(labels, kind="stable")
    return BlockTriangularForm(rows, columns, order, column_of[order], bounds)


def _joined(sizes: IntArray) -> IntArray:
    """Return where blocks begin, small neighbors joined, and where the last one ends."""
    ends = np.cumsum(sizes)
    bounds = [0]
    while bounds[-1] < ends[-1]:
        reached = np.searchsorted(ends, min(bounds[-1] + _SMALLEST, ends[-1]))
        bounds.append(int(ends[reached]))
    return np.array(bounds)


def _block(rows: IntArray, columns: IntArray, entries: IntArray, start: int, stop: int) -> _Block:
    size = stop - start
    is_own = columns[entries] >= start
    own, left = entries[is_own], entries[~is_own]
    first = int(columns[left].min()) if left.size else start
    return _Block(
        start,
        stop,
        first,
        _part(columns[own] - start, rows[own] - start, own, (size, size)),
        _part(rows[left] - start, columns[left] - first, left, (size, start - first)),
    )


def _part(major: IntArray, minor: IntArray, source: IntArray, shape: tuple[int, int]) -> _Part:
    indptr, indices, order = compress(major.astype(np.int32), minor.astype(np.int32), shape)
    return _Part(indptr, indices, source[order])


class _BlockFactors:
    def __init__(self, form: BlockTriangularForm, values: FloatArray, backend: str) -> None:
        self._form = form
        self._own: list[Factors] = []
        self._left: list[sp.csr_array] = []
        for block in form:
            size = block.stop - block.start
            own, left = block.own, block.left
            entries = (values[own.source], own.indices.copy(), own.indptr.copy())
            matrix = sp.csc_array(entries, shape=(size, size))
            try:
                self._own.append(factorization(matrix, backend))
            except SingularMatrixError as error:
                raise _in_whole(form, block, error) from None
            known = (values[left.source], left.indices, left.indptr)
            self._left.append(sp.csr_array(known, shape=(size, block.start - block.first)))

    def solve(self, b: FloatArray) -> FloatArray:
        rest = b[self._form.row_order]
        found = np.empty_like(rest)
        for block, own, left in zip(self._form, self._own, self._left, strict=True):
            part = rest[block.start : block.stop]
            if left.nnz:
                part = part - left @ found[block.first : block.start]
            found[block.start : block.stop] = own.solve(part)
        x = np.empty_like(found)
        x[self._form.column_order] = found
        return x

    def solve_transposed(self, b: FloatArray) -> FloatArray:
        rest = b[self._form.column_order]
        found = np.empty_like(rest)
        blocks = zip(self._form, self._own, self._left, strict=True)
        for block, own, left in reversed(list(blocks)):
            part = own.solve_transposed(rest[block.start : block.stop])
            found[block.start : block.stop] = part
            if left.nnz:
                rest[block.first : block.start] -= left.T @ part
        x = np.empty_like(found)
        x[self._form.row_order] = found
        return x


def _in_whole(
    form: BlockTriangularForm, block: _Block, error: SingularMatrixError
) -> SingularMatrixError:
    return SingularMatrixError(
        error.what,
        rows=form.row_order[block.start + np.asarray(error.rows, np.int64)],
        columns=form.column_order[block.start + np.asarray(error.columns, np.int64)],
        why=error.why,
        instead=error.instead,
    )
