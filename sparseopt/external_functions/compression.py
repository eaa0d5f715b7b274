"""A sparse matrix from few products: seeds by a coloring, and where every value is found in them.

Columns that share no row are multiplied together (Curtis, Powell and Reid 1974,
doi:10.1093/imamat/13.1.117); for a Hessian a star coloring does it (Coleman and Moré 1984,
doi:10.1007/BF02612334).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.color import color
from sparseopt.coloring.coloring import Coloring
from sparseopt.external_functions.structure import Structure
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["Compression", "cheapest"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]
Products = Callable[[Sequence[FloatArray]], Sequence[NDArray[Any]]]
"""Products of the matrix (or its transpose) with several vectors."""


@dataclass(frozen=True, eq=False)
class Compression:
    """Products with seeds, and where every value of the pattern is found in them.

    Parameters
    ----------
    pattern : SparsityPattern
    partition : "column", "row", "symmetric" or "bidirectional"
    column_colors, row_colors : int arrays or None
        Colors of columns and of rows; -1 where there is nothing to find.
    color, vertex : int arrays, shape (nnz,)
        Product, those of rows after those of columns, and element of it, for each value.
    """

    pattern: SparsityPattern
    partition: str
    column_colors: IntArray | None
    row_colors: IntArray | None
    color: IntArray
    vertex: IntArray

    @staticmethod
    def of(coloring: Coloring) -> Compression:
        """Return the compression by a coloring with direct recovery."""
        pattern, steps = coloring.pattern, coloring.recovery
        rows, cols = pattern.rows, pattern.cols
        color, vertex = np.empty(pattern.nnz, np.int64), np.empty(pattern.nnz, np.int64)
        color[steps.value], vertex[steps.value] = steps.color, steps.vertex
        members = np.concatenate([cols, rows]) if pattern.symmetric else cols
        return Compression(
            pattern,
            coloring.partition,
            _of_members(coloring.column_colors, members),
            _of_members(coloring.row_colors, rows),
            color,
            vertex,
        )

    @staticmethod
    def one_by_one(pattern: SparsityPattern, *, by_rows: bool) -> Compression:
        """Return the compression of a dense matrix: a product for each column, or each row."""
        found, vertex = (pattern.rows, pattern.cols) if by_rows else (pattern.cols, pattern.rows)
        used, color = np.unique(found, return_inverse=True)
        colors = np.full(pattern.shape[0 if by_rows else 1], -1, np.int64)
        colors[used] = np.arange(used.size)
        partition = "row" if by_rows else "symmetric" if pattern.symmetric else "column"
        by_column, by_row = (None, colors) if by_rows else (colors, None)
        wide = vertex.astype(np.int64)
        return Compression(pattern, partition, by_column, by_row, color.reshape(-1), wide)

    @property
    def num_columns(self) -> int:
        """Products with the matrix."""
        return _count(self.column_colors)

    @property
    def num_rows(self) -> int:
        """Products with its transpose."""
        return _count(self.row_colors)

    def __str__(self) -> str:
        number = self.num_columns + self.num_rows
        plural = "" if number == 1 else "s"
        return f"{number} {self.partition} color{plural}"

    def values(
        self, push: Products, pull: Products | None = None, scale: FloatArray | None = None
    ) -> NDArray[Any]:
        """Return the values in the order of the pattern.

        Parameters
        ----------
        push, pull : callable
            Products of the matrix, and of its transpose, with the seeds.
        scale : array, shape (n,), optional
            Of the columns' seeds: steps of differences, say.
        """
        vectors: list[NDArray[Any]] = []
        if self.column_colors is not None:
            vectors += push(_seeds(self.column_colors, self.num_columns, scale))
        if self.row_colors is not None:
            assert pull is not None
            vectors += pull(_seeds(self.row_colors, self.num_rows, None))
        if not vectors:
            return np.zeros(self.pattern.nnz)
        starts = np.cumsum([0, *(v.size for v in vectors[:-1])])
        found: NDArray[Any] = np.concatenate(vectors)[starts[self.color] + self.vertex]
        if scale is None:
            return found
        columns = self.pattern.cols.astype(np.int64)
        if self.pattern.symmetric:  # a value is found in the row of one index, by the other
            columns = columns + self.pattern.rows - self.vertex
        by_column = self.color < self.num_columns
        return np.where(by_column, found / scale[columns], found)


def _count(colors: IntArray | None) -> int:
    return 0 if colors is None else int(colors.max(initial=-1)) + 1


def _of_members(colors: IntArray | None, members: IntArray) -> IntArray | None:
    """Return the colors without those of vertices that no entry is in.

    A column without entries may be one that derivatives are not wanted by; it must not be seeded.
    """
    if colors is None:
        return None
    kept = np.full_like(colors, -1)
    kept[members] = colors[members]
    return kept


def _seeds(colors: IntArray, count: int, scale: FloatArray | None) -> list[FloatArray]:
    size = np.ones(colors.size) if scale is None else scale
    return [np.where(colors == c, size, 0.0) for c in range(count)]


def cheapest(structure: Structure, *, push: bool, pull: bool) -> Compression:
    """Return the compression with the fewest products among those that can be formed."""
    pattern = structure.pattern
    if structure.is_dense:
        columns = np.count_nonzero(np.bincount(pattern.cols, minlength=1))
        by_rows = pull and not (push and columns <= pattern.shape[0])
        return Compression.one_by_one(pattern, by_rows=by_rows)
    partitions = ["column"] * push + ["row"] * pull + ["bidirectional"] * (push and pull)
    if pattern.symmetric:
        partitions = ["symmetric"]
    colorings = [color(pattern, partition=p) for p in partitions]
    return Compression.of(min(colorings, key=lambda c: c.num_colors))
