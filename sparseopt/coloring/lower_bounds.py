"""Numbers of colors that no partition of a kind can go below, found in linear time."""

from __future__ import annotations

import numpy as np

from sparseopt.coloring.compiled import filled, run
from sparseopt.coloring.graphs import AdjacencyGraph, BipartiteGraph

__all__ = ["acyclic_lower_bound", "distance2_lower_bound", "star_lower_bound"]


def distance2_lower_bound(graph: BipartiteGraph) -> int:
    """Return the size of the largest net: all its vertices differ in color."""
    return max(int(graph.net_sizes.max(initial=0)), min(1, graph.num_vertices))


def acyclic_lower_bound(graph: AdjacencyGraph) -> int:
    """Return a bound from numbers of edges; it is 1, 2, or at least 3 where the optimum is.

    Two color classes of sizes a and b induce a forest, of at most a + b - 1 edges, so n vertices in
    k colors have at most (k - 1) n - k (k - 1) / 2 edges.  That is asked of the whole graph and of
    its 2-core, which is what cycles leave when leaves are removed one after another.
    """
    n = int(np.count_nonzero(graph.degrees))
    degrees = graph.degrees.copy()
    queue = filled(graph.num_vertices)
    run(_remove_leaves, (graph.ptr, graph.neighbors), (degrees, queue), graph.neighbors.size)
    core = int(np.count_nonzero(degrees))
    bounds = (
        min(1, graph.num_vertices),
        _colors_for(n, graph.num_edges),
        _colors_for(core, int(degrees.sum(dtype=np.int64)) // 2),
    )
    return max(bounds)


def _colors_for(num_vertices: int, num_edges: int) -> int:
    k = min(1, num_vertices)
    while (k - 1) * num_vertices - k * (k - 1) // 2 < num_edges:
        k += 1
    return k


def star_lower_bound(graph: AdjacencyGraph) -> int:
    """Return the acyclic bound, but 3 if some edge joins two vertices of degree 2 or more.

    Such an edge lies in a triangle or in a path of four vertices; without one every component is
    a star.
    """
    sources = np.repeat(graph.degrees, graph.degrees)
    is_inner = (sources > 1) & (graph.degrees[graph.neighbors] > 1)
    return max(acyclic_lower_bound(graph), 3 if is_inner.any() else 0)


def _remove_leaves(ptr, neighbors, degrees, queue):  # type: ignore[no-untyped-def]
    end = 0
    for v in range(len(degrees)):
        if degrees[v] == 1:
            queue[end] = v
            end += 1
    begin = 0
    while begin < end:
        v = queue[begin]
        begin += 1
        degrees[v] = 0
        for k in range(ptr[v], ptr[v + 1]):
            w = neighbors[k]
            if degrees[w] > 0:
                degrees[w] -= 1
                if degrees[w] == 1:
                    queue[end] = w
                    end += 1
