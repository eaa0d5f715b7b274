"""Star coloring: the partition of a symmetric matrix that determines its entries directly.

A coloring is a star coloring if neighbors differ and no path of four vertices has only two colors:
then any two colors induce stars, and an entry is read at a spoke in the color of its star's hub
(Coleman and Moré 1984, doi:10.1007/BF02612334).
"""

from __future__ import annotations

from sparseopt.coloring.compiled import IntArray, filled, run
from sparseopt.coloring.graphs import AdjacencyGraph

__all__ = ["star_coloring"]


def star_coloring(graph: AdjacencyGraph, order: IntArray) -> IntArray:
    """Return a star coloring: in the given order, each vertex takes the smallest permissible color.

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
    The stars of the vertices colored so far are kept, so the check is exact.  Time: the number of
    walks of two edges; hubs are to be removed before.

    References
    ----------
    Gebremedhin, Tarafdar, Manne, Pothen (2007), "New acyclic and star coloring algorithms with
    application to computing Hessians", Algorithm 4.1, doi:10.1137/050639879.

    Examples
    --------
    >>> import numpy as np
    >>> ends = np.arange(4, dtype=np.int32)
    >>> path = AdjacencyGraph.from_edges(ends, ends + 1, 5)
    >>> star_coloring(path, np.arange(5, dtype=np.int32))
    array([0, 1, 0, 2, 0], dtype=int32)
    """
    n, edges = graph.num_vertices, graph.num_edges
    colors = filled(n)
    by_color = (filled(n + 1), filled(n + 1), filled(n + 1))
    scratch = (*by_color, filled(n), filled(edges), filled(edges))
    inputs = (order, graph.ptr, graph.neighbors, graph.edges)
    run(_first_fit, inputs, (*scratch, colors), 2 * graph.two_step_work)
    return colors


def _first_fit(  # type: ignore[no-untyped-def]
    order, ptr, neighbors, edges, forbidden, first_of, first, treated, star, hub, colors
):
    # first[c] is the place, among the neighbors of vertex first_of[c], of the first one of color c;
    # hub is -1 for a star of one edge, either end of which may become its hub.
    num_stars = 0
    for v in order:
        for k in range(ptr[v], ptr[v + 1]):
            w = neighbors[k]
            if colors[w] < 0:
                continue
            forbidden[colors[w]] = v
            if first_of[colors[w]] != v:
                first_of[colors[w]] = v
                first[colors[w]] = k
                for l in range(ptr[w], ptr[w + 1]):  # noqa: E741
                    x = neighbors[l]
                    if x != v and colors[x] >= 0 and hub[star[edges[l]]] == x:
                        forbidden[colors[x]] = v
                continue
            for u in (neighbors[first[colors[w]]], w):
                if treated[u] == v:
                    continue
                treated[u] = v
                for l in range(ptr[u], ptr[u + 1]):  # noqa: E741
                    if colors[neighbors[l]] >= 0:
                        forbidden[colors[neighbors[l]]] = v
        color = 0
        while forbidden[color] == v:
            color += 1
        colors[v] = color
        for k in range(ptr[v], ptr[v + 1]):
            w = neighbors[k]
            if colors[w] < 0:
                continue
            joined = -1
            for l in range(ptr[w], ptr[w + 1]):  # noqa: E741
                x = neighbors[l]
                if x != v and colors[x] == color:
                    joined = star[edges[l]]
                    hub[joined] = w
                    break
            if joined < 0 and first[colors[w]] != k:
                joined = star[edges[first[colors[w]]]]
                hub[joined] = v
            if joined < 0:
                joined = num_stars
                num_stars += 1
            star[edges[k]] = joined
