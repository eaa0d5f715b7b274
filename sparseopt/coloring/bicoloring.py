"""Bidirectional colorings of a Jacobian: some entries from products J v, the others from Jᵀ w.

Columns and rows are the vertices of one bipartite graph, an edge for each entry, and an entry is
read in the color of one of its ends.  A star coloring of this graph determines every entry
directly, an acyclic one by substitution (Coleman and Verma 1998, doi:10.1137/S1064827595295349;
Gebremedhin, Manne and Pothen 2005, section 7, doi:10.1137/S0036144504444711).  The colors of the
two sides are numbered apart, and those that no entry is read in become neutral.

A greedy bicoloring does not see that few dense rows are worth a product each, so three kinds are
tried, which differ in what is set aside: dense rows, the columns being colored as usual; dense
columns, likewise; or dense rows and columns, the rest being bicolored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.acyclic import acyclic_coloring
from sparseopt.coloring.compiled import IntArray, filled, run
from sparseopt.coloring.graphs import AdjacencyGraph, bipartite_graph
from sparseopt.coloring.ordering import Neighborhoods, checked_permutation
from sparseopt.coloring.partial_distance2 import partial_distance2_coloring
from sparseopt.coloring.post_processing import neutralize_unread, renumbered
from sparseopt.coloring.problems import OneSided
from sparseopt.coloring.search import num_colors, search
from sparseopt.coloring.star import star_coloring
from sparseopt.errors import ColoringError
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["Bidirectional", "bicolored", "bicoloring_lower_bound"]


def bicolored(
    pattern: SparsityPattern,
    order: Any,
    *,
    substitution: bool,
    seed: int = 0,
    reverse_weight: float = 1.0,
) -> tuple[str, IntArray, IntArray]:
    """Return (order, column colors, row colors) of the cheapest bicoloring found.

    Parameters
    ----------
    pattern : SparsityPattern, shape (m, n)
        If symmetric, both triangles are meant.
    order : str, or int array, shape (n + m,)
        A name of `search`, or a permutation of the columns (0 .. n - 1) and rows (n .. n + m - 1).
    substitution : bool
        Whether an acyclic coloring will do.
    seed : int
        For the random order.
    reverse_weight : float
        Cost of a row color, relative to a column color.

    Returns
    -------
    str, int32 array of shape (n,), int32 array of shape (m,)
        Numbered from 0 each; -1 is neutral.  All of one side is neutral if the other side's colors
        are the cheapest, and everything is if there are no entries.

    Raises
    ------
    ColoringError
        If the weight is not a positive number, or the order unknown or not a permutation.

    Examples
    --------
    >>> arrowhead = np.eye(6)
    >>> arrowhead[0] = arrowhead[:, 0] = 1.0
    >>> pattern = SparsityPattern.from_scipy(arrowhead)
    >>> bicolored(pattern, "natural", substitution=False)[1:]
    (array([0, 1, 1, 1, 1, 1], dtype=int32), array([ 0, -1, -1, -1, -1, -1], dtype=int32))
    """
    if not (reverse_weight > 0 and math.isfinite(reverse_weight)):
        raise ColoringError(f"reverse_weight={reverse_weight!r} is not a positive number")
    problem = Bidirectional.of(pattern, substitution=substitution, reverse_weight=reverse_weight)
    best: tuple[str, IntArray] | None = None
    for name, colors in problem.candidates(order, seed):
        if best is None or problem.cost(colors) < problem.cost(best[1]):
            best = name, colors
        if problem.cost(best[1]) <= problem.lower_bound * min(1.0, reverse_weight):
            break
    assert best is not None
    return best[0], *problem.sides(best[1])


def bicoloring_lower_bound(pattern: SparsityPattern) -> int:
    """Return the entries divided by the numbers that one product yields, rounded up."""
    entries = 2 * pattern.nnz - int(np.count_nonzero(pattern.rows == pattern.cols))
    return -(-(entries if pattern.symmetric else pattern.nnz) // max(1, *pattern.shape))


@dataclass(frozen=True, eq=False)
class Bidirectional:
    """The columns and rows of a matrix as one coloring problem: columns first, then rows.

    Colors of columns come before colors of rows, -1 is neutral.
    """

    rows: IntArray
    cols: IntArray
    shape: tuple[int, int]
    substitution: bool
    reverse_weight: float
    lower_bound: int

    @staticmethod
    def of(pattern: SparsityPattern, *, substitution: bool, reverse_weight: float) -> Bidirectional:
        """Return the problem of a pattern."""
        rows, cols = pattern.rows, pattern.cols
        if pattern.symmetric:
            off = rows != cols
            rows, cols = np.concatenate([rows, cols[off]]), np.concatenate([cols, rows[off]])
        bound = bicoloring_lower_bound(pattern)
        return Bidirectional(rows, cols, pattern.shape, substitution, reverse_weight, bound)

    @cached_property
    def graph(self) -> AdjacencyGraph:
        """The bipartite graph, an edge for each entry."""
        m, n = self.shape
        return AdjacencyGraph.from_edges(self.cols, self.rows + np.int32(n), n + m)

    @cached_property
    def _is_dense(self) -> NDArray[np.bool_]:
        """Vertices colored apart: as many as minimize their number plus the next degree."""
        degrees = self.graph.degrees
        densest = np.argsort(-degrees.astype(np.int64), kind="stable")
        bounds = np.arange(degrees.size + 1) + np.append(degrees[densest], 0)
        is_dense = np.zeros(degrees.size, np.bool_)
        is_dense[densest[: int(np.argmin(bounds))]] = True
        return is_dense

    @cached_property
    def _rest(self) -> AdjacencyGraph:
        dense = np.flatnonzero(self._is_dense)
        return self.graph.without(dense.astype(np.int32)) if dense.size else self.graph

    @cached_property
    def neighborhoods(self) -> Neighborhoods:
        """Neighbors in the bipartite graph, dense rows and columns left out."""
        return Neighborhoods.of(self._rest)

    @property
    def has_hubs(self) -> bool:
        """Whether dense vertices upset orders by degree; they are left out of them."""
        return False

    @property
    def work(self) -> int:
        """About how many entries one greedy coloring visits."""
        return self._rest.two_step_work

    def sides(self, colors: IntArray) -> tuple[IntArray, IntArray]:
        """Return (column colors, row colors), numbered from 0 each."""
        n = self.shape[1]
        return renumbered(colors[:n]), renumbered(colors[n:])

    def cost(self, colors: IntArray) -> float:
        """Return the weighted number of colors."""
        columns, rows = self.sides(colors)
        return num_colors(columns) + self.reverse_weight * num_colors(rows)

    def candidates(self, order: Any, seed: int) -> Iterator[tuple[str, IntArray]]:
        """Yield (name of the order, colors) of each kind of bicoloring."""
        (m, n), weight = self.shape, self.reverse_weight
        of_columns, of_rows = order, order
        if not isinstance(order, str):
            order = checked_permutation(order, m + n)
            of_columns, of_rows = order[order < n], order[order >= n] - n
        columns = OneSided(bipartite_graph(self.cols, self.rows, n, m))
        name, ours, apart = _colored_with_dense_nets_apart(columns, of_columns, seed, weight)
        yield name, self._joined(ours, apart)
        rows = OneSided(bipartite_graph(self.rows, self.cols, m, n))
        name, ours, apart = _colored_with_dense_nets_apart(rows, of_rows, seed, 1 / weight)
        yield name, self._joined(apart, ours)
        yield search(self, order, seed)

    def color(self, order: IntArray) -> IntArray:
        """Return the greedy star (acyclic) bicoloring, dense rows and columns apart."""
        (m, n), is_dense = self.shape, self._is_dense
        colors = (acyclic_coloring if self.substitution else star_coloring)(self._rest, order)
        columns = _with_apart(colors[:n], is_dense[:n], self.cols, self.rows, m)
        rows = _with_apart(colors[n:], is_dense[n:], self.rows, self.cols, n)
        return self._joined(renumbered(columns), renumbered(rows))

    def _joined(self, column_colors: IntArray, row_colors: IntArray) -> IntArray:
        """Return the colors of both sides, without those that are not read."""
        of_columns, of_rows = num_colors(column_colors), num_colors(row_colors)
        shifted = np.where(row_colors < 0, -1, row_colors + of_columns)
        colors = np.concatenate([column_colors, shifted]).astype(np.int32)
        weights = np.repeat([1.0, self.reverse_weight], [of_columns, of_rows])
        return neutralize_unread(self.graph, colors, np.empty(0, np.int32), weights)


def _colored_with_dense_nets_apart(
    problem: OneSided, order: Any, seed: int, weight: float
) -> tuple[str, IntArray, IntArray]:
    """Return (order, colors of the vertices, colors of the nets), few nets having one.

    The densest nets are colored themselves, by a partial distance-2 coloring; the vertices only
    have to differ within the other nets.
    """
    graph, sizes = problem.graph, problem.graph.net_sizes
    is_dense = np.zeros(sizes.size, np.bool_)
    is_dense[_worth_a_color(graph.net_ptr, graph.members, graph.num_vertices, weight)] = True
    nets = np.repeat(np.arange(sizes.size, dtype=np.int32), sizes)
    of_nets = _with_apart(filled(sizes.size), is_dense, nets, graph.members, graph.num_vertices)
    if not is_dense.any():
        return *search(problem, order, seed), of_nets
    kept = ~is_dense[nets]
    rest = OneSided(
        bipartite_graph(graph.members[kept], nets[kept], graph.num_vertices, sizes.size)
    )
    # What remains is sparse and often a band, which is best colored as it comes.
    name, colors = search(rest, "natural")
    if num_colors(colors) > rest.lower_bound:
        found = search(rest, order, seed)
        name, colors = min((found, (name, colors)), key=lambda one: num_colors(one[1]))
    return name, colors, of_nets


def _with_apart(
    colors: IntArray,
    is_apart: NDArray[np.bool_],
    vertices: IntArray,
    nets: IntArray,
    num_nets: int,
) -> IntArray:
    """Return the colors, those set apart in new ones: a partial distance-2 coloring of them.

    No two of them with a common net share a color, so what is read in their colors stands alone,
    and no path or cycle in two colors passes there.
    """
    if not is_apart.any():
        return colors
    inside = is_apart[vertices]
    number = np.cumsum(is_apart, dtype=np.int32) - np.int32(1)
    size = int(number[-1]) + 1
    graph = bipartite_graph(number[vertices[inside]], nets[inside], size, num_nets)
    new = partial_distance2_coloring(graph, np.arange(size, dtype=np.int32))
    colors = np.where(is_apart, -1, colors).astype(np.int32)
    colors[is_apart] = num_colors(colors) + new
    return colors


def _worth_a_color(
    ptr: IntArray, members: IntArray, num_members: int, weight: float
) -> NDArray[np.int64]:
    """Return the largest nets, as many as minimize a bound of the cost.

    The bound is the weighted largest number of them that share a member, plus the size of the next.
    """
    sizes = np.diff(ptr).astype(np.int64)
    largest = np.argsort(-sizes, kind="stable")
    shared = filled(sizes.size + 1, 0)
    inputs = (largest.astype(np.int32), ptr, members)
    run(_count_shared, inputs, (filled(num_members, 0), shared), members.size)
    bounds = weight * shared + np.append(sizes[largest], 0)
    return largest[: int(np.argmin(bounds))]


def _count_shared(nets, ptr, members, count, shared):  # type: ignore[no-untyped-def]
    for i in range(len(nets)):
        most = shared[i]
        for k in range(ptr[nets[i]], ptr[nets[i] + 1]):
            count[members[k]] += 1
            most = max(most, count[members[k]])
        shared[i + 1] = most
