"""Acyclic coloring: the partition of a symmetric matrix that determines it by substitution.

A coloring is acyclic if neighbors differ and no cycle has only two colors: then any two colors
induce trees, whose entries follow one another from the leaves to the root (Coleman and Cai 1986,
doi:10.1137/0607026).
"""

from __future__ import annotations

import numpy as np

from sparseopt.coloring.compiled import IntArray, filled, run
from sparseopt.coloring.graphs import AdjacencyGraph

__all__ = ["acyclic_coloring"]


def acyclic_coloring(graph: AdjacencyGraph, order: IntArray) -> IntArray:
    """Return an acyclic coloring: in order, each vertex takes the smallest permissible color.

    Parameters
    ----------
    graph : AdjacencyGraph
    order : int32 array, shape (num_vertices,)
        A permutation of the vertices.

    Returns
    -------
    int32 array, shape (num_vertices,), numbered from 0.

    Notes
    -----
    The two-colored trees of the vertices colored so far are disjoint sets of edges: the check is
    exact.  Time: nearly the number of walks of two edges; hubs are to be removed before.

    References
    ----------
    Gebremedhin, Tarafdar, Manne, Pothen (2007), "New acyclic and star coloring algorithms with
    application to computing Hessians", Algorithm 3.1, doi:10.1137/050639879.

    Examples
    --------
    >>> ends = np.arange(4, dtype=np.int32)
    >>> cycle = AdjacencyGraph.from_edges(ends, (ends + 1) % 4, 4)
    >>> acyclic_coloring(cycle, ends)
    array([0, 1, 0, 2], dtype=int32)
    """
    n, edges = graph.num_vertices, graph.num_edges
    colors = filled(n)
    by_color = (filled(n + 1), filled(n + 1), filled(n + 1))
    trees = np.arange(edges, dtype=np.int32)
    inputs = (order, graph.ptr, graph.neighbors, graph.edges)
    scratch = (*by_color, trees, filled(edges), filled(edges))
    run(_first_fit, inputs, (*scratch, colors), 2 * graph.two_step_work)
    return colors


def _first_fit(  # type: ignore[no-untyped-def]
    order, ptr, neighbors, edges, forbidden, first_of, first, tree, seen_by, seen_from, colors
):
    # tree holds the disjoint sets of edges; vertex seen_by[t] came to tree t first from the
    # neighbor seen_from[t], and a second neighbor in that tree would close a cycle.
    for v in order:
        for k in range(ptr[v], ptr[v + 1]):
            if colors[neighbors[k]] >= 0:
                forbidden[colors[neighbors[k]]] = v
        for k in range(ptr[v], ptr[v + 1]):
            w = neighbors[k]
            if colors[w] < 0:
                continue
            for l in range(ptr[w], ptr[w + 1]):  # noqa: E741
                x = neighbors[l]
                if x == v or colors[x] < 0 or forbidden[colors[x]] == v:
                    continue
                t = edges[l]
                while tree[t] != t:
                    tree[t] = tree[tree[t]]
                    t = tree[t]
                if seen_by[t] != v:
                    seen_by[t] = v
                    seen_from[t] = w
                elif seen_from[t] != w:
                    forbidden[colors[x]] = v
        color = 0
        while forbidden[color] == v:
            color += 1
        colors[v] = color
        for k in range(ptr[v], ptr[v + 1]):
            w = neighbors[k]
            if colors[w] < 0:
                continue
            t = edges[k]
            if first_of[colors[w]] != v:
                first_of[colors[w]] = v
                first[colors[w]] = edges[k]
            else:
                s = first[colors[w]]
                while tree[s] != s:
                    tree[s] = tree[tree[s]]
                    s = tree[s]
                tree[t] = s
                t = s
            for l in range(ptr[w], ptr[w + 1]):  # noqa: E741
                if neighbors[l] == v or colors[neighbors[l]] != color:
                    continue
                s = edges[l]
                while tree[s] != s:
                    tree[s] = tree[tree[s]]
                    s = tree[s]
                tree[s] = t
