"""A sparse matrix from few products: seeds by a coloring, and where every value is found in them.

Columns that share no row are multiplied together (Curtis, Powell and Reid 1974,
doi:10.1093/imamat/13.1.117); for a Hessian a star coloring does it (Coleman and Moré 1984,
doi:10.1007/BF02612334).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.color import color
from sparseopt.coloring.coloring import Coloring
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["Compression", "cheapest"]

FloatArray = NDArray[np.float64]
Products = Callable[[Sequence[FloatArray]], Sequence[NDArray[Any]]]
"""Products of the matrix (or its transpose) with several vectors."""


class Compression:
    """Products with seeds, and the values of the pattern from them.

    Attributes
    ----------
    num_columns, num_rows : int
        Products with the matrix and with its transpose.
    """

    def __init__(self, coloring: Coloring) -> None:
        self.pattern = coloring.pattern
        self.partition = coloring.partition
        self.num_columns = coloring.num_column_colors
        self.num_rows = coloring.num_row_colors
        rows, cols = self.pattern.rows, self.pattern.cols
        members = np.concatenate([cols, rows]) if self.pattern.symmetric else cols
        self._column_colors = _of_members(coloring.column_colors, members)
        self._row_colors = _of_members(coloring.row_colors, rows)
        steps = coloring.recovery
        self._vertex = np.empty(self.pattern.nnz, np.int64)
        self._color = np.empty(self.pattern.nnz, np.int64)
        self._vertex[steps.value] = steps.vertex
        self._color[steps.value] = steps.color

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
        if self._column_colors is not None:
            vectors += push(_seeds(self._column_colors, self.num_columns, scale))
        if self._row_colors is not None:
            assert pull is not None
            vectors += pull(_seeds(self._row_colors, self.num_rows, None))
        if not vectors:
            return np.zeros(self.pattern.nnz)
        starts = np.cumsum([0, *(v.size for v in vectors[:-1])])
        found: NDArray[Any] = np.concatenate(vectors)[starts[self._color] + self._vertex]
        if scale is None:
            return found
        columns = self.pattern.cols.astype(np.int64)
        if self.pattern.symmetric:  # a value is found in the row of one index, by the other
            columns = columns + self.pattern.rows - self._vertex
        by_column = self._color < self.num_columns
        return np.where(by_column, found / scale[columns], found)


def _of_members(
    colors: NDArray[np.integer] | None, members: NDArray[np.integer]
) -> NDArray[np.integer] | None:
    """Return the colors without those of vertices that no entry is in.

    A column without entries may be one that derivatives are not wanted by; it must not be seeded.
    """
    if colors is None:
        return None
    kept = np.full_like(colors, -1)
    kept[members] = colors[members]
    return kept


def _seeds(colors: NDArray[np.integer], count: int, scale: FloatArray | None) -> list[FloatArray]:
    size = np.ones(colors.size) if scale is None else scale
    return [np.where(colors == c, size, 0.0) for c in range(count)]


def cheapest(pattern: SparsityPattern, *, push: bool, pull: bool) -> Compression:
    """Return the compression with the fewest products among those that can be formed."""
    partitions = ["column"] * push + ["row"] * pull + ["bidirectional"] * (push and pull)
    if pattern.symmetric:
        partitions = ["symmetric"]
    colorings = [color(pattern, partition=p) for p in partitions]
    return Compression(min(colorings, key=lambda c: c.num_colors))
