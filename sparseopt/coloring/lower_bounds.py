"""Numbers of colors that no partition of a kind can go below, found in linear time."""

from __future__ import annotations

import numpy as np

from sparseopt.coloring.graphs import AdjacencyGraph, BipartiteGraph

__all__ = ["acyclic_lower_bound", "distance2_lower_bound", "star_lower_bound"]


def distance2_lower_bound(graph: BipartiteGraph) -> int:
    """Return the size of the largest net: all its vertices differ in color."""
    return max(int(graph.net_sizes.max(initial=0)), min(1, graph.num_vertices))


def acyclic_lower_bound(graph: AdjacencyGraph) -> int:
    """Return a bound from the number of edges; exact for 1 and 2 colors.

    Two color classes of sizes a and b induce a forest, of at most a + b - 1 edges, so k colors
    admit at most (k - 1) n - k (k - 1) / 2 edges.  A connected graph with a cycle needs 3 colors.
    """
    n, edges = int(np.count_nonzero(graph.degrees)), graph.num_edges
    k = 1
    while (k - 1) * n - k * (k - 1) // 2 < edges:
        k += 1
    return max(k, min(1, graph.num_vertices))


def star_lower_bound(graph: AdjacencyGraph) -> int:
    """Return the acyclic bound, but 3 if some edge joins two vertices of degree 2 or more.

    Such an edge lies in a triangle or in a path of four vertices; without one every component is
    a star.
    """
    sources = np.repeat(graph.degrees, graph.degrees)
    is_inner = (sources > 1) & (graph.degrees[graph.neighbors] > 1)
    return max(acyclic_lower_bound(graph), 3 if is_inner.any() else 0)
