"""Lattice colorings: vertices that are the elements of an array, colored by a linear form.

A discretized equation reads the same few neighbors everywhere, so the color
``(a·i + b·j + c·k) mod K`` of element ``[i, j, k]`` often reaches the lower bound where a greedy
coloring does not: ``(i + 2j) mod 5`` for the five-point stencil, where greedy needs seven.  Several
fields on one grid are one more axis; an axis is periodic where the form happens to close.

Nothing is guessed.  All differences of indices that may not share a color are collected from the
pattern, the form is searched on those few, and the coloring of every vertex is then checked again
on the pattern itself.  Separate from the greedy colorings because it sees an array, not a graph.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sparseopt.coloring.compiled import IntArray
from sparseopt.coloring.graphs import AdjacencyGraph, BipartiteGraph
from sparseopt.coloring.linear_forms import LatticeCertificate, separating_form
from sparseopt.coloring.stencils import (
    MAX_AXES,
    Differences,
    infer_grid,
    pair_differences,
    step_differences,
)
from sparseopt.coloring.verification import (
    has_only_trees,
    separates_neighborhoods,
    separates_nets,
)
from sparseopt.errors import ColoringError

__all__ = [
    "acyclic_lattice",
    "partial_distance2_lattice",
    "star_lattice",
]

MAX_NET = 256  # a longer row is no stencil, and its pairs cost more than any coloring
MAX_DIFFERENCES = 1024


def partial_distance2_lattice(
    graph: BipartiteGraph, grid: tuple[int, ...] | None, below: int
) -> LatticeCertificate | None:
    """Return a lattice coloring of vertices no two of which share a color and a net, or None.

    Parameters
    ----------
    graph : BipartiteGraph
        Columns (rows) of a matrix, and its rows (columns) as nets.
    grid : tuple of int, or None
        Shape of the array whose elements, in C order, are the vertices; None: inferred.
    below : int
        Only colorings with fewer colors are of interest.

    Returns
    -------
    LatticeCertificate or None
        Verified; with the smallest modulus there is.  None if the pattern is no stencil on the
        grid, or if no linear form does.

    Raises
    ------
    ColoringError
        If the grid does not have as many elements as there are vertices.

    Notes
    -----
    Two vertices that may not share a color differ by one of a few vectors; a form that is nonzero
    for each of them is a coloring.

    Examples
    --------
    >>> from sparseopt.coloring.graphs import bipartite_graph
    >>> rows, columns = np.repeat(np.arange(10), 3), np.arange(30) // 3 + np.arange(30) % 3
    >>> band = bipartite_graph(columns.astype(np.int32), rows.astype(np.int32), 12, 10)
    >>> print(partial_distance2_lattice(band, (12,), below=9))
    (1·i) mod 3
    """

    def differences(shape: tuple[int, ...]) -> Differences:
        return pair_differences(graph.net_ptr, graph.members, shape)

    return _lattice(
        graph.num_vertices,
        grid,
        None if graph.net_sizes.max(initial=0) > MAX_NET else differences,
        lambda colors: separates_nets(graph, colors),
        range(int(graph.net_sizes.max(initial=1)), below),
    )


def star_lattice(
    graph: AdjacencyGraph, grid: tuple[int, ...] | None, below: int
) -> LatticeCertificate | None:
    """Return a lattice coloring that is a star coloring, or None; see `partial_distance2_lattice`.

    Notes
    -----
    On an unbounded grid two steps e and e' of one residue give the path e, -e', e on two colors: a
    linear form is a star coloring only if it is a distance-2 coloring, so that is what is searched.
    """

    def differences(shape: tuple[int, ...]) -> Differences:
        pairs = pair_differences(graph.ptr, graph.neighbors, shape)
        return np.unique(np.concatenate([pairs, _steps(graph, shape)]), axis=0)

    return _lattice(
        graph.num_vertices,
        grid,
        None if graph.degrees.max(initial=0) > MAX_NET else differences,
        lambda colors: separates_neighborhoods(graph, colors),
        range(1, below),
    )


def acyclic_lattice(
    graph: AdjacencyGraph, grid: tuple[int, ...] | None, below: int
) -> LatticeCertificate | None:
    """Return a lattice coloring that is acyclic, or None; see `partial_distance2_lattice`.

    Notes
    -----
    The neighbors of one color c' of a vertex of color c are reached by the steps of residue c' - c.
    With at most two such steps, e and e', a walk on the two colors only repeats e - e', which never
    closes; three steps would close a hexagon.
    """
    return _lattice(
        graph.num_vertices,
        grid,
        lambda shape: _steps(graph, shape),
        lambda colors: has_only_trees(graph, colors),
        range(1, below),
        most_alike=2,
    )


def _steps(graph: AdjacencyGraph, shape: tuple[int, ...]) -> Differences:
    vertices = np.repeat(np.arange(graph.num_vertices, dtype=np.int32), graph.degrees)
    return step_differences(vertices, graph.neighbors, shape)


def _lattice(
    size: int,
    grid: tuple[int, ...] | None,
    differences: Callable[[tuple[int, ...]], Differences] | None,
    is_valid: Callable[[IntArray], bool],
    moduli: range,
    most_alike: int = 0,
) -> LatticeCertificate | None:
    shape = None if grid is None else checked_grid(grid, size)
    if size == 0 or differences is None:
        return None
    shape = shape or _inferred(size, differences)
    if shape is None or sum(s > 1 for s in shape) > MAX_AXES:
        return None
    vectors = differences(shape)
    if vectors.shape[0] > MAX_DIFFERENCES:
        return None
    found = separating_form(vectors, shape, moduli, most_alike)
    if found is None or not is_valid(found.colors()):
        return None
    return replace(found, verified=True)


def _inferred(
    size: int, differences: Callable[[tuple[int, ...]], Differences]
) -> tuple[int, ...] | None:
    numbers = differences((size,))[:, 0] if size else np.empty(0, np.int64)
    return infer_grid(numbers, size) if 0 < numbers.size <= MAX_DIFFERENCES else None


def checked_grid(grid: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Return the grid as plain integers.

    Raises
    ------
    ColoringError
        If it is not a shape with `size` elements.
    """
    try:
        shape = tuple(operator.index(s) for s in grid)
    except TypeError as error:
        raise ColoringError(
            f"grid={grid!r} is not a shape", instead="grid=(rows, columns), whole numbers"
        ) from error
    if min(shape, default=0) < 0 or math.prod(shape) != size:
        raise ColoringError(
            f"a grid of shape {shape} for {size} vertices",
            why="each column (row) that is colored is one element of the grid",
        )
    return shape
