"""What a picture of a coloring shows, before anything is drawn: matrices whose entries have colors.

Separate from the drawing, so that what is shown can be tested and needs no Matplotlib.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.coloring import Coloring
from sparseopt.coloring.compiled import IntArray

__all__ = ["Panel", "panels"]


@dataclass(frozen=True, eq=False)
class Panel:
    """A matrix as entries in colors.

    Parameters
    ----------
    title, row_label, column_label : str
    shape : (int, int)
    rows, cols, colors : int arrays
        Place and color of each entry; colors of columns come first, then those of rows.
    is_read : bool array
        False for an entry that decompression does not read: another one stands for it, or it is a
        sum of several.
    """

    title: str
    shape: tuple[int, int]
    row_label: str
    column_label: str
    rows: IntArray
    cols: IntArray
    colors: IntArray
    is_read: NDArray[np.bool_]


def panels(coloring: Coloring, triangle: str = "both") -> list[Panel]:
    """Return the matrix, then for columns and for rows the seed and the compressed matrix.

    Parameters
    ----------
    coloring : Coloring
    triangle : "both" or "lower"
        What is shown of a symmetric matrix.

    Examples
    --------
    >>> from sparseopt.coloring import color
    >>> [panel.shape for panel in panels(color(np.eye(3, 4)))]
    [(3, 4), (4, 1), (3, 1)]
    """
    shown = [_matrix(coloring, triangle)]
    if coloring.column_colors is not None:
        shown += [_column_seeds(coloring), _compressed_columns(coloring)]
    if coloring.row_colors is not None:
        shown += [_row_seeds(coloring), _compressed_rows(coloring)]
    return shown


def _matrix(coloring: Coloring, triangle: str) -> Panel:
    """Return the matrix with every entry in the color it is read in.

    An entry of a symmetric matrix is read in one triangle; in the other, it has its column's color.
    """
    pattern, steps = coloring.pattern, coloring.recovery
    rows, cols = pattern.rows[steps.value], pattern.cols[steps.value]
    colors, is_read = steps.color, np.ones(pattern.nnz, np.bool_)
    name = "J"
    if coloring.partition == "symmetric":
        name = "H"
        if triangle == "both":
            rows, cols, colors, is_read = _both_triangles(coloring)
    m, n = pattern.shape
    below = ", lower triangle" if name == "H" and triangle == "lower" else ""
    title = f"{rows.size:,} nonzeros{below}\n{name}: {m:,} × {n:,}"
    return Panel(title, (m, n), "row", "column", rows, cols, colors, is_read)


def _both_triangles(
    coloring: Coloring,
) -> tuple[IntArray, IntArray, IntArray, NDArray[np.bool_]]:
    pattern, steps = coloring.pattern, coloring.recovery
    assert coloring.column_colors is not None
    vertex = steps.vertex
    other = pattern.rows[steps.value] + pattern.cols[steps.value] - vertex
    off = vertex != other
    return (
        np.concatenate([vertex, other[off]]),
        np.concatenate([other, vertex[off]]),
        np.concatenate([steps.color, coloring.column_colors[vertex[off]]]),
        np.arange(off.size + int(off.sum())) < off.size,
    )


def _column_seeds(coloring: Coloring) -> Panel:
    assert coloring.column_colors is not None
    used = np.flatnonzero(coloring.column_colors >= 0).astype(np.int32)
    colors = coloring.column_colors[used]
    n, c = coloring.pattern.shape[1], coloring.num_column_colors
    is_read = np.ones(used.size, np.bool_)
    return Panel(
        f"seeds\nS: {n:,} × {c:,}", (n, c), "column", "color", used, colors, colors, is_read
    )


def _row_seeds(coloring: Coloring) -> Panel:
    assert coloring.row_colors is not None
    used = np.flatnonzero(coloring.row_colors >= 0).astype(np.int32)
    colors = coloring.row_colors[used]
    m, c = coloring.pattern.shape[0], coloring.num_row_colors
    shown, is_read = colors + coloring.num_column_colors, np.ones(used.size, np.bool_)
    name = "Sᵀ" if coloring.column_colors is None else "Rᵀ"
    return Panel(
        f"seeds\n{name}: {c:,} × {m:,}", (c, m), "color", "row", colors, used, shown, is_read
    )


def _compressed_columns(coloring: Coloring) -> Panel:
    assert coloring.column_colors is not None
    full, steps = coloring.pattern.full(), coloring.recovery
    colors = coloring.column_colors[full.cols]
    by_column = steps.color < coloring.num_column_colors
    shape = (full.shape[0], coloring.num_column_colors)
    rows, cols, is_read = _places(
        full.rows, colors, steps.vertex[by_column], steps.color[by_column], shape
    )
    name = "H S" if coloring.partition == "symmetric" else "J S"
    title = f"compressed\n{name}: {shape[0]:,} × {shape[1]:,}"
    return Panel(title, shape, "row", "color", rows, cols, cols, is_read)


def _compressed_rows(coloring: Coloring) -> Panel:
    assert coloring.row_colors is not None
    pattern, steps = coloring.pattern, coloring.recovery
    first = coloring.num_column_colors
    by_row = steps.color >= first
    shape = (pattern.shape[1], coloring.num_row_colors)
    cols, rows, is_read = _places(
        pattern.cols,
        coloring.row_colors[pattern.rows],
        steps.vertex[by_row],
        steps.color[by_row] - first,
        shape,
    )
    name = "Sᵀ J" if coloring.column_colors is None else "Rᵀ J"
    title = f"compressed\n{name}: {shape[1]:,} × {shape[0]:,}"
    return Panel(title, shape[::-1], "color", "column", rows, cols, rows + first, is_read)


def _places(
    vertices: IntArray,
    colors: IntArray,
    read_vertices: IntArray,
    read_colors: IntArray,
    shape: tuple[int, int],
) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
    """Return the distinct places (vertex, color) of entries, and which of them are read."""
    width = max(1, shape[1])
    used = colors >= 0
    keys = np.unique(vertices[used].astype(np.int64) * width + colors[used])
    is_read = np.isin(keys, read_vertices.astype(np.int64) * width + read_colors)
    return (keys // width).astype(np.int32), (keys % width).astype(np.int32), is_read
