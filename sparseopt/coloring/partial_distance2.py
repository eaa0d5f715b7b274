"""Structurally orthogonal columns (or rows): greedy partial distance-2 coloring.

Two vertices of a `BipartiteGraph` may share a color only if no net holds both (Curtis, Powell and
Reid 1974, doi:10.1093/imamat/13.1.117; Gebremedhin, Manne and Pothen 2005, Algorithm 3.2,
doi:10.1137/S0036144504444711).
"""

from __future__ import annotations

import numpy as np

from sparseopt.coloring.compiled import IntArray, filled, run
from sparseopt.coloring.graphs import BipartiteGraph
from sparseopt.coloring.peeling import long_nets

__all__ = ["partial_distance2_coloring"]


def partial_distance2_coloring(graph: BipartiteGraph, order: IntArray) -> IntArray:
    """Return colors such that no net holds two vertices of one color.

    Greedy: in the given order, each vertex takes the smallest color permitted.

    Parameters
    ----------
    graph : BipartiteGraph
    order : int32 array, shape (num_vertices,)
        A permutation of the vertices.

    Returns
    -------
    int32 array, shape (num_vertices,), numbered from 0.

    Notes
    -----
    The sum over nets of squared sizes bounds the time, but long nets are not walked: each keeps,
    for every color, the next one that it does not hold yet, as disjoint sets.  So an arrowhead
    takes linear time, with the colors of the plain algorithm.

    Examples
    --------
    >>> from sparseopt.coloring.graphs import bipartite_graph
    >>> rows = np.array([0, 0, 1, 1, 2], np.int32)
    >>> columns = np.array([0, 2, 1, 2, 0], np.int32)
    >>> graph = bipartite_graph(columns, rows, 3, 3)
    >>> partial_distance2_coloring(graph, np.arange(3, dtype=np.int32))
    array([0, 0, 1], dtype=int32)
    """
    long = long_nets(graph.net_sizes)
    width = (_color_bound(graph) if long.size else graph.num_vertices) + 2
    long = long[: (4 * graph.nets.size + 1_000_000) // width]  # a table of linear size
    rank = filled(graph.net_sizes.size)
    rank[long] = np.arange(long.size)
    next_free = np.arange(max(1, long.size * width), dtype=np.int32)
    colors = filled(graph.num_vertices)
    sizes = np.delete(graph.net_sizes, long)
    work = int(np.dot(sizes, sizes)) + next_free.size
    inputs = (order, graph.vertex_ptr, graph.nets, graph.net_ptr, graph.members, rank, width)
    scratch = (next_free, filled(max(1, long.size)), filled(width))
    run(_first_fit, inputs, (*scratch, colors), work)
    return colors


def _color_bound(graph: BipartiteGraph) -> int:
    """Return a bound of the number of colors: the largest number of distance-2 neighbors plus 1."""
    total = np.concatenate([[0], np.cumsum(graph.net_sizes[graph.nets] - 1)])
    around = total[graph.vertex_ptr[1:]] - total[graph.vertex_ptr[:-1]]
    return min(graph.num_vertices, int(around.max(initial=0)) + 1)


def _first_fit(  # type: ignore[no-untyped-def]
    order, vertex_ptr, nets, net_ptr, members, rank, width, next_free, held_by, forbidden, colors
):
    # A vertex without a color marks forbidden[-1], one place beyond what any color can be.
    for v in order:
        num_long = 0
        for k in range(vertex_ptr[v], vertex_ptr[v + 1]):
            net = nets[k]
            if rank[net] >= 0:
                held_by[num_long] = rank[net]
                num_long += 1
                continue
            for l in range(net_ptr[net], net_ptr[net + 1]):  # noqa: E741
                forbidden[colors[members[l]]] = v
        color = 0
        settled = False
        while not settled:
            while forbidden[color] == v:
                color += 1
            settled = True
            for k in range(num_long):
                start = held_by[k] * width
                place = start + color
                while next_free[place] != place:
                    next_free[place] = next_free[next_free[place]]
                    place = next_free[place]
                if place - start > color:
                    color = place - start
                    settled = False
        colors[v] = color
        for k in range(num_long):
            place = held_by[k] * width + color
            next_free[place] = place + 1
