"""The graphs that are colored: compressed neighborhoods from a pattern's entries, in linear time.

`BipartiteGraph` has the columns (or rows) of a matrix as vertices and its rows (or columns) as
nets: two vertices are at distance two if a net holds both.  `AdjacencyGraph` has the rows of a
symmetric matrix as vertices and its off-diagonal entries as edges.  Neighborhoods are ascending,
so that nothing depends on the order of a pattern's values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.compiled import IntArray, filled, run

__all__ = ["AdjacencyGraph", "BipartiteGraph", "bipartite_graph", "counting_sort"]


@dataclass(frozen=True, eq=False)
class BipartiteGraph:
    """Vertices and the nets that hold them, as compressed int32 arrays both ways.

    Attributes
    ----------
    vertex_ptr, nets : the nets of vertex v are ``nets[vertex_ptr[v]:vertex_ptr[v + 1]]``
    net_ptr, members : the vertices of net r are ``members[net_ptr[r]:net_ptr[r + 1]]``
    """

    vertex_ptr: IntArray
    nets: IntArray
    net_ptr: IntArray
    members: IntArray

    @property
    def num_vertices(self) -> int:
        """Number of vertices."""
        return self.vertex_ptr.size - 1

    @cached_property
    def net_sizes(self) -> NDArray[np.int64]:
        """Number of vertices in each net."""
        return np.diff(self.net_ptr).astype(np.int64)


def bipartite_graph(
    vertices: IntArray, nets: IntArray, num_vertices: int, num_nets: int
) -> BipartiteGraph:
    """Return the graph of the entries (vertex, net), each of which occurs once."""
    vertex_ptr, nets_of = counting_sort(vertices, nets, num_vertices)
    net_ptr, members = _transpose(vertex_ptr, nets_of, num_nets)
    if (nets[1:] < nets[:-1]).any():  # else the nets of each vertex are in order already
        vertex_ptr, nets_of = _transpose(net_ptr, members, num_vertices)
    return BipartiteGraph(vertex_ptr, nets_of, net_ptr, members)


@dataclass(frozen=True, eq=False)
class AdjacencyGraph:
    """An undirected graph without loops; v neighbors ``neighbors[ptr[v]:ptr[v + 1]]``."""

    ptr: IntArray
    neighbors: IntArray

    @staticmethod
    def from_edges(ends: IntArray, other_ends: IntArray, num_vertices: int) -> AdjacencyGraph:
        """Return the graph of edges given once each; entries of the diagonal are left out."""
        ptr = np.zeros(num_vertices + 1, np.int32)
        work = 4 * ends.size + num_vertices
        run(_count_edges, (ends, other_ends), (ptr,), work)
        neighbors = np.empty(int(ptr[-1]), np.int32)
        run(_fill_edges, (ends, other_ends), (ptr, neighbors), work)
        return AdjacencyGraph(*_transpose(ptr, neighbors, num_vertices))

    @property
    def num_vertices(self) -> int:
        """Number of vertices."""
        return self.ptr.size - 1

    @property
    def num_edges(self) -> int:
        """Number of edges."""
        return self.neighbors.size // 2

    @cached_property
    def degrees(self) -> IntArray:
        """Number of neighbors of each vertex."""
        return np.diff(self.ptr)

    @cached_property
    def edges(self) -> IntArray:
        """Number of the edge at each place of `neighbors`; both directions have the same."""
        edges = np.empty_like(self.neighbors)
        cursor = filled(self.num_vertices, 0)
        run(_number_edges, (self.ptr, self.neighbors), (cursor, edges), edges.size)
        return edges

    @cached_property
    def two_step_work(self) -> int:
        """Number of walks of two edges: what star and acyclic coloring visit."""
        degrees = self.degrees.astype(np.int64)
        return int(np.dot(degrees, degrees))

    def without(self, vertices: NDArray[np.integer]) -> AdjacencyGraph:
        """Return the graph with the same vertices, the given ones isolated."""
        kept = np.ones(self.num_vertices, np.bool_)
        kept[vertices] = False
        inside = kept[self.neighbors] & np.repeat(kept, self.degrees)
        ptr = np.zeros_like(self.ptr)
        counts = np.concatenate([[0], np.cumsum(inside)])
        ptr[:] = counts[self.ptr]
        return AdjacencyGraph(ptr, self.neighbors[inside])


def counting_sort(keys: IntArray, items: IntArray, num_keys: int) -> tuple[IntArray, IntArray]:
    """Return (ptr, sorted): the items of key k, in order, are ``sorted[ptr[k]:ptr[k + 1]]``."""
    ptr = np.zeros(num_keys + 1, np.int32)
    out = np.empty(items.size, np.int32)
    run(_counting_sort, (keys, items), (ptr, out), 2 * items.size + num_keys)
    return ptr, out


def _transpose(ptr: IntArray, indices: IntArray, size: int) -> tuple[IntArray, IntArray]:
    out_ptr = np.zeros(size + 1, np.int32)
    out = np.empty(indices.size, np.int32)
    run(_transposed, (ptr, indices), (out_ptr, out), 2 * indices.size + size)
    return out_ptr, out


# In the kernels below ptr[k + 1] is, in turn, a count, the place where list k begins, and, once
# the list is filled, the place where it ends.


def _counting_sort(keys, items, ptr, out):  # type: ignore[no-untyped-def]
    for k in range(len(keys)):
        ptr[keys[k] + 1] += 1
    begin = 0
    for k in range(1, len(ptr)):
        count = ptr[k]
        ptr[k] = begin
        begin += count
    for k in range(len(keys)):
        key = keys[k] + 1
        out[ptr[key]] = items[k]
        ptr[key] += 1


def _transposed(ptr, indices, out_ptr, out):  # type: ignore[no-untyped-def]
    for k in range(len(indices)):
        out_ptr[indices[k] + 1] += 1
    begin = 0
    for k in range(1, len(out_ptr)):
        count = out_ptr[k]
        out_ptr[k] = begin
        begin += count
    for v in range(len(ptr) - 1):
        for k in range(ptr[v], ptr[v + 1]):
            key = indices[k] + 1
            out[out_ptr[key]] = v
            out_ptr[key] += 1


def _count_edges(ends, other_ends, ptr):  # type: ignore[no-untyped-def]
    for k in range(len(ends)):
        if ends[k] != other_ends[k]:
            ptr[ends[k]] += 1
            ptr[other_ends[k]] += 1
    begin = 0
    for v in range(len(ptr)):
        count = ptr[v]
        ptr[v] = begin
        begin += count


def _fill_edges(ends, other_ends, ptr, neighbors):  # type: ignore[no-untyped-def]
    for k in range(len(ends)):
        v, w = ends[k], other_ends[k]
        if v != w:
            neighbors[ptr[v]] = w
            ptr[v] += 1
            neighbors[ptr[w]] = v
            ptr[w] += 1
    for v in range(len(ptr) - 1, 0, -1):
        ptr[v] = ptr[v - 1]
    ptr[0] = 0


def _number_edges(ptr, neighbors, cursor, edges):  # type: ignore[no-untyped-def]
    # cursor[w] walks over the larger neighbors of w, which come up in ascending order.
    number = 0
    for v in range(len(ptr) - 1):
        k = ptr[v]
        while k < ptr[v + 1] and neighbors[k] < v:
            w = neighbors[k]
            edges[k] = number
            edges[cursor[w]] = number
            cursor[w] += 1
            number += 1
            k += 1
        cursor[v] = k
