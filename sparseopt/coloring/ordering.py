"""Vertex orders for greedy coloring.

Degrees are those of the graph whose neighbors exclude a color: for columns or rows the
intersection graph (distance-2 degrees; Gebremedhin, Manne and Pothen 2005, section 3), for a
symmetric matrix the adjacency graph (distance-1 degrees, as in ColPack: Gebremedhin, Nguyen,
Patwary and Pothen 2013, doi:10.1145/2513109.2513110).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.compiled import IntArray, filled, run
from sparseopt.coloring.graphs import AdjacencyGraph, BipartiteGraph, counting_sort
from sparseopt.coloring.peeling import long_nets
from sparseopt.errors import ColoringError, did_you_mean

__all__ = ["ORDERS", "Neighborhoods", "checked_permutation", "vertex_order"]

ORDERS = (
    "natural",
    "random",
    "largest_first",
    "smallest_last",
    "incidence_degree",
    "dynamic_largest_first",
)


@dataclass(frozen=True, eq=False)
class Neighborhoods:
    """The neighbors of each vertex, as the members of its nets.

    A vertex in a net that is too long to be walked is taken to neighbor all of that net, once for
    each such net: its degree is a bound there, and exact if the net holds every vertex.
    """

    vertex_ptr: IntArray
    nets: IntArray
    net_ptr: IntArray
    members: IntArray

    @staticmethod
    def of(graph: BipartiteGraph | AdjacencyGraph) -> Neighborhoods:
        """Return the neighborhoods whose sizes are the degrees of the graph."""
        if isinstance(graph, BipartiteGraph):
            return Neighborhoods(graph.vertex_ptr, graph.nets, graph.net_ptr, graph.members)
        singles = np.arange(graph.num_vertices + 1, dtype=np.int32)
        return Neighborhoods(graph.ptr, graph.neighbors, singles, singles[:-1])

    @property
    def num_vertices(self) -> int:
        """Number of vertices."""
        return self.vertex_ptr.size - 1

    @cached_property
    def is_long(self) -> NDArray[np.int32]:
        """1 for nets that are not walked."""
        sizes = np.diff(self.net_ptr).astype(np.int64)
        flags = np.zeros(sizes.size, np.int32)
        flags[long_nets(sizes)] = 1
        return flags

    @cached_property
    def work(self) -> int:
        """Number of pairs that a walk over all neighborhoods visits."""
        sizes = np.diff(self.net_ptr).astype(np.int64) * (1 - self.is_long)
        return int(sizes[self.nets].sum()) + self.nets.size

    @property
    def arrays(self) -> tuple[IntArray, ...]:
        """Inputs of the kernels."""
        return self.vertex_ptr, self.nets, self.net_ptr, self.members, self.is_long

    @cached_property
    def degrees(self) -> IntArray:
        """Number of distinct neighbors of each vertex."""
        degrees = filled(self.num_vertices, 0)
        run(_count_neighbors, self.arrays, (filled(self.num_vertices), degrees), self.work)
        return degrees


def vertex_order(name: str, neighborhoods: Neighborhoods, seed: int = 0) -> IntArray:
    """Return the permutation of the vertices that an order of `ORDERS` stands for.

    largest_first sorts by degree, stably; dynamic_largest_first takes the largest degree among the
    vertices left, smallest_last puts the smallest one last among the vertices left, and
    incidence_degree takes the vertex with most neighbors already taken.

    Raises
    ------
    ColoringError
        For an unknown name.
    """
    n = neighborhoods.num_vertices
    if name == "natural":
        return np.arange(n, dtype=np.int32)
    if name == "random":
        return np.random.default_rng(seed).permutation(n).astype(np.int32)
    if name == "largest_first":
        degrees = neighborhoods.degrees
        top = degrees.max(initial=0)
        return counting_sort(top - degrees, np.arange(n, dtype=np.int32), int(top) + 1)[1]
    if name in _DYNAMIC:
        return _dynamic_order(neighborhoods, *_DYNAMIC[name])
    raise unknown_order(name)


def unknown_order(name: object) -> ColoringError:
    """Return the error for a name that is no order."""
    return ColoringError(
        f"unknown vertex order {name!r}", instead=did_you_mean(str(name), (*ORDERS, "best"))
    )


def checked_permutation(order: Any, num_vertices: int) -> IntArray:
    """Return an explicit order as a new int32 array.

    Raises
    ------
    ColoringError
        If it is not a permutation of the vertices.
    """
    array = np.asarray(order)
    fits = array.shape == (num_vertices,) and (
        np.issubdtype(array.dtype, np.integer) or array.size == 0
    )
    if not fits or not np.array_equal(np.sort(array), np.arange(num_vertices)):
        raise ColoringError(
            f"the order given is not a permutation of 0 .. {num_vertices - 1}",
            instead="np.random.default_rng(0).permutation(n), or the name of an order",
        )
    return array.astype(np.int32)


# (takes the largest key, what a step adds to the neighbors' keys, whether taken vertices go last)
_DYNAMIC = {
    "smallest_last": (0, -1, 1),
    "dynamic_largest_first": (1, -1, 0),
    "incidence_degree": (1, 1, 0),
}


def _dynamic_order(
    neighborhoods: Neighborhoods, largest: int, step: int, backward: int
) -> IntArray:
    n = neighborhoods.num_vertices
    degrees = neighborhoods.degrees
    top = int(degrees.max(initial=0))
    # Ties go to the larger degree at first, then to the vertex whose key changed last.
    backward_numbers = np.arange(n, dtype=np.int32)[::-1].copy()
    first_in = counting_sort(degrees, backward_numbers, top + 1)[1]
    keys = degrees.copy() if step < 0 else filled(n, 0)
    scratch = (keys, filled(top + 2), filled(n), filled(n), filled(n))
    order = filled(n)
    inputs: list[IntArray | int] = [*neighborhoods.arrays, first_in, largest, step, backward]
    run(_take_by_key, inputs, (*scratch, order), 4 * neighborhoods.work + 4 * n)
    return order


def _count_neighbors(vertex_ptr, nets, net_ptr, members, is_long, seen_by, degrees):  # type: ignore[no-untyped-def]
    n = len(degrees)
    for v in range(n):
        seen_by[v] = v
        degree = 0
        for k in range(vertex_ptr[v], vertex_ptr[v + 1]):
            net = nets[k]
            if is_long[net] != 0:
                degree += net_ptr[net + 1] - net_ptr[net] - 1
                continue
            for l in range(net_ptr[net], net_ptr[net + 1]):  # noqa: E741
                if seen_by[members[l]] != v:
                    seen_by[members[l]] = v
                    degree += 1
        degrees[v] = min(degree, n - 1)


def _take_by_key(  # type: ignore[no-untyped-def]
    vertex_ptr, nets, net_ptr, members, is_long, first_in, largest, step, backward,
    key, head, after, before, seen_by, order
):  # fmt: skip
    # head[d] begins a doubly linked list of the vertices with key d; taken vertices have key -1.
    n = len(order)
    for v in first_in:
        d = key[v]
        after[v] = head[d]
        if head[d] >= 0:
            before[head[d]] = v
        head[d] = v
    d = len(head) - 1 if largest != 0 else 0
    for i in range(n):
        while head[d] < 0:
            d += -1 if largest != 0 else 1
        v = head[d]
        head[d] = after[v]
        if after[v] >= 0:
            before[after[v]] = -1
        key[v] = -1
        order[n - 1 - i if backward != 0 else i] = v
        for k in range(vertex_ptr[v], vertex_ptr[v + 1]):
            net = nets[k]
            if is_long[net] != 0:
                continue
            for l in range(net_ptr[net], net_ptr[net + 1]):  # noqa: E741
                w = members[l]
                if key[w] < 0 or seen_by[w] == v:
                    continue
                seen_by[w] = v
                if before[w] >= 0:
                    after[before[w]] = after[w]
                else:
                    head[key[w]] = after[w]
                if after[w] >= 0:
                    before[after[w]] = before[w]
                key[w] += step
                before[w] = -1
                after[w] = head[key[w]]
                if head[key[w]] >= 0:
                    before[head[key[w]]] = w
                head[key[w]] = w
        d = max(0, d - 1) if largest == 0 else min(len(head) - 1, d + step if step > 0 else d)
