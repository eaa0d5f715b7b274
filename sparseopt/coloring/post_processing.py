"""Neutral vertices: colors that no recovery reads are not evaluated.

An entry of a star or acyclic coloring is read in the color of one end of its edge.  Whole colors
may never be read: those of the rows, where the columns' colors already determine everything.
Their vertices become neutral (-1), and the other colors close ranks.  This matters where the
diagonal is not full, and for bicolorings, whose two sides are two sets of colors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.compiled import IntArray, filled, run
from sparseopt.coloring.graphs import AdjacencyGraph

__all__ = ["neutralize_unread", "renumbered"]


def neutralize_unread(
    graph: AdjacencyGraph,
    colors: IntArray,
    pinned: NDArray[np.integer],
    weights: NDArray[np.float64] | None = None,
) -> IntArray:
    """Return the colors with -1 for those that recovery can do without, the others renumbered.

    Parameters
    ----------
    graph : AdjacencyGraph
    colors : int32 array, shape (num_vertices,)
        A star or acyclic coloring; vertices may be neutral already.
    pinned : int array
        Vertices whose own entry, on the diagonal, is read in their color.
    weights : float array, shape (number of colors,), optional
        Cost of each color: where there is a choice, dear colors go first.

    Returns
    -------
    int32 array, shape (num_vertices,), -1 or numbered from 0 without holes.

    Notes
    -----
    Two colors induce trees.  A star of several edges is read in the color of its hub, one edge in
    the color of either end, and any other tree needs both colors.  An edge tells which it is: it is
    readable at an end that has no other neighbor of that color.  What remains to be chosen is a
    vertex cover of the colors, by single edges; the choice is greedy.  Linear time but for that.

    References
    ----------
    Gebremedhin, Tarafdar, Pothen, Walther (2009), "Efficient computation of sparse Hessians using
    coloring and automatic differentiation", section 4, doi:10.1287/ijoc.1080.0286.

    Examples
    --------
    >>> edge = AdjacencyGraph.from_edges(np.array([0], np.int32), np.array([1], np.int32), 2)
    >>> colors = np.array([0, 1], np.int32)
    >>> neutralize_unread(edge, colors, pinned=np.array([], np.int32))
    array([ 0, -1], dtype=int32)
    >>> neutralize_unread(edge, colors, pinned=np.array([0, 1]))
    array([0, 1], dtype=int32)
    """
    num_colors = int(colors.max(initial=-1)) + 1
    needed, pairs = _needed_colors(graph, colors, num_colors)
    needed[colors[pinned]] = True
    dear = np.ones(num_colors) if weights is None else weights
    _cover(pairs, needed, dear)
    return renumbered(np.where(needed[colors], colors, -1).astype(np.int32))


def renumbered(colors: IntArray) -> IntArray:
    """Return the colors numbered from 0 without holes, in their order; -1 stays.

    Examples
    --------
    >>> renumbered(np.array([3, -1, 1, 3], np.int32))
    array([ 1, -1,  0,  1], dtype=int32)
    """
    used = np.bincount(colors + 1, minlength=1)
    used[0] = 0
    numbers = np.cumsum(used > 0) - 1
    numbers[0] = -1
    return numbers.astype(np.int32)[colors + 1]


def _needed_colors(
    graph: AdjacencyGraph, colors: IntArray, num_colors: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return (colors that are certainly read, pairs of colors of which one must be read).

    A pair stands for a tree of one edge.  The flag behind the last color belongs to the neutral -1.
    """
    choices = np.zeros(2 * graph.num_edges, np.bool_)
    by_color = (filled(num_colors + 1), filled(num_colors + 1))
    work = 2 * graph.neighbors.size + num_colors
    arrays = (graph.ptr, graph.neighbors, graph.edges, colors)
    run(_mark_readable, arrays, (*by_color, choices), work)
    needed = np.zeros(num_colors + 1, np.bool_)
    codes = np.full(graph.num_edges, -1, np.int64)
    run(_mark_needed, (*arrays, choices, num_colors), (needed, codes), work)
    distinct = np.unique(codes[codes >= 0])
    return needed, np.stack(np.divmod(distinct, max(1, num_colors)), axis=1)


def _cover(
    pairs: NDArray[np.integer], needed: NDArray[np.bool_], weights: NDArray[np.float64]
) -> None:
    """Mark colors until each pair has a needed one; the most pairs for the least weight first."""
    pairs = pairs[~needed[pairs].any(axis=1)]
    while pairs.size:
        gain = np.bincount(pairs.ravel(), minlength=weights.size) / weights
        chosen = int(np.argmax(gain))
        needed[chosen] = True
        pairs = pairs[(pairs != chosen).all(axis=1)]


def _mark_readable(ptr, neighbors, edges, colors, seen_by, place, choices):  # type: ignore[no-untyped-def]
    # Choice 2 e of edge e: to be read at its larger vertex, in the color of the smaller; choice
    # 2 e + 1: the other way round.
    for v in range(len(ptr) - 1):
        for k in range(ptr[v], ptr[v + 1]):
            color = colors[neighbors[k]]
            if color < 0:
                continue
            choice = 2 * edges[k] + (1 if neighbors[k] > v else 0)
            if seen_by[color] != v:
                seen_by[color] = v
                place[color] = choice
                choices[choice] = True
            else:
                choices[place[color]] = False


def _mark_needed(ptr, neighbors, edges, colors, choices, num_colors, needed, codes):  # type: ignore[no-untyped-def]
    for v in range(len(ptr) - 1):
        for k in range(ptr[v], ptr[v + 1]):
            w = neighbors[k]
            if w > v:
                break
            edge = edges[k]
            if not choices[2 * edge]:
                needed[colors[v]] = True
            if not choices[2 * edge + 1]:
                needed[colors[w]] = True
            if choices[2 * edge] and choices[2 * edge + 1]:
                low, high = min(colors[v], colors[w]), max(colors[v], colors[w])
                codes[edge] = low * num_colors + high
