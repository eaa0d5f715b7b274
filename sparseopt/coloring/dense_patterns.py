"""Patterns so dense that every column, or row, has a color of its own: no search saves much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.coloring import Coloring
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["is_nearly_complete", "own_colors"]

MOST_VISITS = 2e7
"""Neighbors of neighbors that a search may visit: a fraction of a second."""
NEARLY = 0.8
"""Share of all entries from which on no coloring takes less than half of the colors."""


def is_nearly_complete(pattern: SparsityPattern) -> bool:
    """Whether a coloring would be a long search that could not save half of the colors.

    Rows and columns without entries do not count.
    """
    rows = np.bincount(pattern.rows, minlength=pattern.shape[0])
    cols = np.bincount(pattern.cols, minlength=pattern.shape[1])
    if pattern.symmetric:
        rows = cols = rows + cols
    if _visits(rows, cols) <= MOST_VISITS:
        return False
    places = float(np.count_nonzero(rows)) * np.count_nonzero(cols)
    entries = 2 * pattern.nnz if pattern.symmetric else pattern.nnz
    return bool(entries >= NEARLY * places)


def _visits(rows: NDArray[np.intp], cols: NDArray[np.intp]) -> float:
    return min(float(lengths.astype(np.float64) @ lengths) for lengths in (rows, cols))


def own_colors(pattern: SparsityPattern, partition: str) -> Coloring:
    """Return the coloring of a "column", "row" or "symmetric" partition that groups nothing."""
    of_rows = partition == "row"
    places, size = (pattern.rows, pattern.shape[0]) if of_rows else (pattern.cols, pattern.shape[1])
    used = np.zeros(size, bool)
    used[places] = True
    if partition == "symmetric":
        used[pattern.rows] = True
    colors = np.where(used, np.cumsum(used) - 1, 0).astype(np.int32)
    return Coloring(
        pattern=pattern,
        partition=partition,
        decompression="direct",
        order="natural",
        column_colors=None if of_rows else colors,
        row_colors=colors if of_rows else None,
        lower_bound=1,
    )
