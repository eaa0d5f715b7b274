"""Recovery: which number of the compressed matrix is which value, and in what order.

Entry (i, j) can be read in row i in the color of column j, or in column j in the color of row i (a
symmetric matrix: in row j in the color of i).  A reading is the sum of the entries that share its
place.  One entry alone is read directly; by substitution, an entry that is known is subtracted from
its other reading, where then another entry may remain alone: the trees of two colors from the
leaves to the root (Gebremedhin, Pothen, Tarafdar, Walther 2009, doi:10.1287/ijoc.1080.0286).

Only the colors are needed, not how they were found; colors that do not determine a value are found
out here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.compiled import IntArray, filled, run
from sparseopt.coloring.graphs import counting_sort
from sparseopt.errors import ColoringError
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["Recovery", "recovery_of"]


@dataclass(frozen=True, eq=False)
class Recovery:
    """How values are read from the compressed matrix B, one step for each structural nonzero.

    Attributes
    ----------
    value : int32 array, shape (nnz,)
        Number of the pattern's value that a step finds.
    vertex, color : int32 arrays, shape (nnz,)
        The value is ``B[vertex, color]``.  Colors of columns come first, then colors of rows; the
        vertex is a row for a color of columns and a column for a color of rows.
    update_vertex, update_color : int32 arrays, shape (nnz,), or None
        Substitution only: after the value is known, ``B[update_vertex, update_color] -= value``;
        -1 where nothing is left to be updated.
    """

    value: IntArray
    vertex: IntArray
    color: IntArray
    update_vertex: IntArray | None = None
    update_color: IntArray | None = None


def recovery_of(
    pattern: SparsityPattern,
    column_colors: IntArray | None,
    row_colors: IntArray | None,
    *,
    symmetric: bool,
    substitution: bool,
) -> Recovery:
    """Return the recovery of colors, which may be neutral (-1).

    Parameters
    ----------
    pattern : SparsityPattern
    column_colors, row_colors : int32 arrays, shapes (n,) and (m,), or None
        Numbered from 0 each.
    symmetric : bool
        Column colors of a symmetric matrix, whose entries may be read in either triangle.
    substitution : bool
        Whether values found before may be subtracted.

    Raises
    ------
    ColoringError
        If the colors do not determine a value; the message names its row and column.
    """
    vertices, colors = _readings(pattern, column_colors, row_colors, symmetric)
    group, num_groups = _groups(vertices, colors, pattern.shape, symmetric)
    nnz = pattern.nnz
    count, total = filled(num_groups + 1, 0), filled(num_groups + 1, 0)
    run(_count, (group, nnz), (count, total), group.size)
    step, source = filled(nnz), filled(nnz)
    scratch = (count, total, filled(num_groups + 1), filled(nnz, 0))
    run(_resolve, (group, nnz, int(substitution)), (*scratch, step, source), 4 * nnz)
    if nnz and step[-1] < 0:
        _refuse(pattern, step, substitution)
    other = np.where(source < nnz, source + nnz, source - nnz)
    if not substitution:
        value = np.arange(nnz, dtype=np.int32)
        place = np.empty(nnz, np.int32)
        place[step] = source
        return Recovery(value, vertices[place], colors[place])
    needed = _updates(group, source, other, nnz)
    return Recovery(
        step,
        vertices[source],
        colors[source],
        np.where(needed, vertices[other], -1).astype(np.int32),
        np.where(needed, colors[other], -1).astype(np.int32),
    )


def _readings(
    pattern: SparsityPattern,
    column_colors: IntArray | None,
    row_colors: IntArray | None,
    symmetric: bool,
) -> tuple[IntArray, IntArray]:
    """Return (vertices, colors), shape (2 nnz,): the two readings of each value; -1 = none."""
    rows, cols = pattern.rows, pattern.cols
    none = filled(pattern.nnz)
    first = none if column_colors is None else column_colors[cols]
    num_column_colors = 0 if column_colors is None else int(column_colors.max(initial=-1)) + 1
    if symmetric:
        assert column_colors is not None
        second = np.where(rows == cols, -1, column_colors[rows])
    elif row_colors is not None:
        second = np.where(row_colors[rows] < 0, -1, row_colors[rows] + num_column_colors)
    else:
        second = none
    vertices = np.concatenate([rows, cols])
    return vertices, np.concatenate([first, second]).astype(np.int32)


def _groups(
    vertices: IntArray, colors: IntArray, shape: tuple[int, int], symmetric: bool
) -> tuple[IntArray, int]:
    """Return the number of each reading's place (vertex, color), and how many places there are."""
    nnz = vertices.size // 2
    keys = vertices.astype(np.int32)
    if not symmetric:
        keys = keys.copy()
        keys[nnz:] += shape[0]
    num_keys = shape[0] if symmetric else shape[0] + shape[1]
    ptr, sorted_readings = counting_sort(keys, np.arange(2 * nnz, dtype=np.int32), num_keys)
    num_colors = int(colors.max(initial=-1)) + 1
    group, size = filled(2 * nnz), filled(1, 0)
    scratch = (filled(num_colors + 1), filled(num_colors + 1, 0), size, group)
    run(_number_groups, (ptr, sorted_readings, colors), scratch, 2 * nnz + num_keys)
    return group, int(size[0])


def _updates(group: IntArray, source: IntArray, other: IntArray, nnz: int) -> NDArray[np.bool_]:
    """Tell which other readings still determine a value afterwards."""
    # The step that reads a group; an update is needed if that step comes later.
    reader = filled(int(group.max(initial=-1)) + 2)
    reader[group[source]] = np.arange(nnz)
    return (group[other] >= 0) & (reader[group[other]] > np.arange(nnz))


def _refuse(pattern: SparsityPattern, step: IntArray, substitution: bool) -> None:
    found = np.zeros(pattern.nnz, np.bool_)
    found[step[step >= 0]] = True
    k = int(np.argmin(found))
    raise ColoringError(
        f"the colors do not determine entry ({pattern.rows[k]}, {pattern.cols[k]})",
        why="other entries share its places in the compressed matrix"
        + (", also after substitution" if substitution else ""),
    )


def _number_groups(ptr, readings, colors, seen_by, number, size, group):  # type: ignore[no-untyped-def]
    for v in range(len(ptr) - 1):
        for k in range(ptr[v], ptr[v + 1]):
            color = colors[readings[k]]
            if color < 0:
                continue
            if seen_by[color] != v:
                seen_by[color] = v
                number[color] = size[0]
                size[0] += 1
            group[readings[k]] = number[color]


def _count(group, nnz, count, total):  # type: ignore[no-untyped-def]
    # The entry that remains alone in a group is the exclusive-or of all in it.
    for k in range(len(group)):
        if group[k] >= 0:
            count[group[k]] += 1
            total[group[k]] ^= k


def _resolve(group, nnz, substitution, count, total, queue, known, step, source):  # type: ignore[no-untyped-def]
    end = 0
    for k in range(len(group)):
        if group[k] >= 0 and count[group[k]] == 1 and total[group[k]] == k:
            queue[end] = group[k]
            end += 1
    begin = 0
    found = 0
    while begin < end:
        reading = total[queue[begin]]
        alone = count[queue[begin]] == 1
        begin += 1
        if not alone:
            continue
        value = reading if reading < nnz else reading - nnz
        if known[value] != 0:
            continue
        known[value] = 1
        step[found] = value
        source[found] = reading
        found += 1
        other = reading + nnz if reading < nnz else reading - nnz
        if substitution == 0 or group[other] < 0:
            continue
        count[group[other]] -= 1
        total[group[other]] ^= other
        if count[group[other]] == 1:
            queue[end] = group[other]
            end += 1
