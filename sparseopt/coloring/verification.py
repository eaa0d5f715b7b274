"""Checks of colorings from their definitions, compiled, in linear time.

`validity` says the same slowly and word for word, `Coloring.recovery` finds out whether colors
determine a matrix; these tell in a tenth of that time whether a partial distance-2, distance-2 or
acyclic coloring is one.  Nothing here knows how the colors were found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.coloring.compiled import IntArray, filled, run
from sparseopt.coloring.graphs import AdjacencyGraph, BipartiteGraph

__all__ = ["has_only_trees", "separates_neighborhoods", "separates_nets"]


def separates_nets(graph: BipartiteGraph, colors: IntArray) -> bool:
    """Tell whether no net holds two vertices of one color.

    Examples
    --------
    >>> from sparseopt.coloring.graphs import bipartite_graph
    >>> graph = bipartite_graph(np.array([0, 1, 2]), np.array([0, 0, 1]), 3, 2)
    >>> separates_nets(graph, np.array([0, 1, 1], np.int32))
    True
    >>> separates_nets(graph, np.array([0, 0, 1], np.int32))
    False
    """
    inputs = (graph.net_ptr, graph.members, colors, 0)
    return not _violated(_find_repeated, inputs, (_marks(colors),))


def separates_neighborhoods(graph: AdjacencyGraph, colors: IntArray) -> bool:
    """Tell whether every vertex and its neighbors all differ in color.

    Examples
    --------
    >>> path = AdjacencyGraph.from_edges(np.array([0, 1], np.int32), np.array([1, 2], np.int32), 3)
    >>> separates_neighborhoods(path, np.array([0, 1, 0], np.int32))
    False
    """
    inputs = (graph.ptr, graph.neighbors, colors, 1)
    return not _violated(_find_repeated, inputs, (_marks(colors),))


def has_only_trees(graph: AdjacencyGraph, colors: IntArray) -> bool:
    """Tell whether neighbors differ in color and no cycle has only two colors.

    Notes
    -----
    Edges that meet in a vertex and lead to one color belong to one tree.  Disjoint sets of edges
    are joined so, vertex by vertex; two that are joined already have closed a cycle.

    Examples
    --------
    >>> ends = np.arange(4, dtype=np.int32)
    >>> cycle = AdjacencyGraph.from_edges(ends, (ends + 1) % 4, 4)
    >>> has_only_trees(cycle, np.array([0, 1, 0, 2], np.int32))
    True
    >>> has_only_trees(cycle, np.array([0, 1, 0, 1], np.int32))
    False
    """
    inputs = (graph.ptr, graph.neighbors, graph.edges, colors)
    sets = (_marks(colors), np.arange(graph.num_edges, dtype=np.int32))
    return not _violated(_find_cycle, inputs, (_marks(colors), *sets))


def _marks(colors: IntArray) -> IntArray:
    return filled(int(colors.max(initial=-1)) + 1)


def _violated(
    kernel: Callable[..., None], inputs: tuple[Any, ...], scratch: tuple[IntArray, ...]
) -> bool:
    violation = filled(1, 0)
    run(kernel, inputs, (*scratch, violation), 2 * inputs[1].size + inputs[0].size)
    return bool(violation[0])


def _find_repeated(ptr, members, colors, closed, seen_in, violation):  # type: ignore[no-untyped-def]
    for net in range(len(ptr) - 1):
        if closed != 0:
            seen_in[colors[net]] = net
        for k in range(ptr[net], ptr[net + 1]):
            color = colors[members[k]]
            if seen_in[color] == net:
                violation[0] = 1
                return
            seen_in[color] = net


def _find_cycle(ptr, neighbors, edges, colors, seen_by, first, tree, violation):  # type: ignore[no-untyped-def]
    for v in range(len(ptr) - 1):
        seen_by[colors[v]] = v
        first[colors[v]] = -1
        for k in range(ptr[v], ptr[v + 1]):
            color = colors[neighbors[k]]
            s = edges[k]
            while tree[s] != s:
                tree[s] = tree[tree[s]]
                s = tree[s]
            if seen_by[color] != v:
                seen_by[color] = v
                first[color] = s
                continue
            if first[color] < 0:
                violation[0] = 1
                return
            t = first[color]
            while tree[t] != t:
                tree[t] = tree[tree[t]]
                t = tree[t]
            if s == t:
                violation[0] = 1
                return
            tree[s] = t
