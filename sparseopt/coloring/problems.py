"""What is colored: one side of a matrix, or a symmetric one, with its greedy coloring and orders.

A problem has `neighborhoods` (for vertex orders), a `lower_bound`, and `color(order)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.acyclic import acyclic_coloring
from sparseopt.coloring.compiled import IntArray
from sparseopt.coloring.graphs import AdjacencyGraph, BipartiteGraph, bipartite_graph
from sparseopt.coloring.lattice import (
    acyclic_lattice,
    partial_distance2_lattice,
    star_lattice,
)
from sparseopt.coloring.linear_forms import LatticeCertificate
from sparseopt.coloring.lower_bounds import (
    acyclic_lower_bound,
    distance2_lower_bound,
    star_lower_bound,
)
from sparseopt.coloring.ordering import Neighborhoods
from sparseopt.coloring.partial_distance2 import partial_distance2_coloring
from sparseopt.coloring.peeling import hubs
from sparseopt.coloring.post_processing import neutralize_unread
from sparseopt.coloring.star import star_coloring
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["ColoringProblem", "OneSided", "Symmetric"]


class ColoringProblem(Protocol):
    """What the search over vertex orders needs."""

    @property
    def neighborhoods(self) -> Neighborhoods:
        """Neighborhoods that define the degrees of vertex orders."""

    @property
    def lower_bound(self) -> int:
        """A number of colors that cannot be improved."""

    @property
    def work(self) -> int:
        """About how many entries one greedy coloring visits."""

    @property
    def has_hubs(self) -> bool:
        """Whether some vertices are colored apart, which upsets orders by degree."""

    def color(self, order: IntArray) -> IntArray:
        """Return the greedy coloring in an order of the vertices."""


@dataclass(frozen=True, eq=False)
class OneSided:
    """Structurally orthogonal columns or rows."""

    graph: BipartiteGraph

    @staticmethod
    def columns(pattern: SparsityPattern) -> OneSided:
        """Return the problem of a pattern's columns; its rows are the nets."""
        rows, cols = _both_triangles(pattern)
        return OneSided(bipartite_graph(cols, rows, pattern.shape[1], pattern.shape[0]))

    @staticmethod
    def rows(pattern: SparsityPattern) -> OneSided:
        """Return the problem of a pattern's rows; its columns are the nets."""
        rows, cols = _both_triangles(pattern)
        return OneSided(bipartite_graph(rows, cols, pattern.shape[0], pattern.shape[1]))

    @cached_property
    def neighborhoods(self) -> Neighborhoods:
        """Vertices at distance two."""
        return Neighborhoods.of(self.graph)

    @cached_property
    def lower_bound(self) -> int:
        """Size of the largest net."""
        return distance2_lower_bound(self.graph)

    @property
    def work(self) -> int:
        """About how many entries one greedy coloring visits."""
        return self.neighborhoods.work

    @property
    def has_hubs(self) -> bool:
        """Never: long nets are treated within the coloring."""
        return False

    def color(self, order: IntArray) -> IntArray:
        """Return the greedy partial distance-2 coloring."""
        return partial_distance2_coloring(self.graph, order)

    def without_unread(self, colors: IntArray) -> IntArray:
        """Return the colors: on one side, all of them are read."""
        return colors

    def lattice(self, grid: tuple[int, ...] | None, below: int) -> LatticeCertificate | None:
        """Return a lattice coloring in less than so many colors, if there is one."""
        return partial_distance2_lattice(self.graph, grid, below)


@dataclass(frozen=True, eq=False)
class Symmetric:
    """Star (by substitution: acyclic) coloring of the adjacency graph of a symmetric pattern.

    Hubs have colors of their own; without hubs the coloring is the plain greedy one.
    """

    graph: AdjacencyGraph
    has_diagonal: IntArray
    substitution: bool

    @staticmethod
    def of(pattern: SparsityPattern, *, substitution: bool) -> Symmetric:
        """Return the problem of a symmetric pattern (its lower triangle)."""
        graph = AdjacencyGraph.from_edges(pattern.rows, pattern.cols, pattern.shape[0])
        diagonal = pattern.rows[pattern.rows == pattern.cols]
        has_diagonal = np.zeros(pattern.shape[0], np.int32)
        has_diagonal[diagonal] = 1
        return Symmetric(graph, has_diagonal, substitution)

    @cached_property
    def neighborhoods(self) -> Neighborhoods:
        """Neighbors in the adjacency graph, hubs left out."""
        return Neighborhoods.of(self._rest)

    @cached_property
    def lower_bound(self) -> int:
        """A bound from the vertices that need a color: their diagonal entry is to be found."""
        graph = self.graph
        if not self.has_diagonal.all():
            graph = graph.without(np.flatnonzero(self.has_diagonal == 0))
        return acyclic_lower_bound(graph) if self.substitution else star_lower_bound(graph)

    @cached_property
    def _hubs(self) -> NDArray[np.int64]:
        return hubs(self.graph.degrees)

    @cached_property
    def _rest(self) -> AdjacencyGraph:
        return self.graph.without(self._hubs) if self._hubs.size else self.graph

    @property
    def work(self) -> int:
        """About how many entries one greedy coloring visits."""
        return self._rest.two_step_work

    @property
    def has_hubs(self) -> bool:
        """Whether some vertices are colored apart, which upsets orders by degree."""
        return self._hubs.size > 0

    def color(self, order: IntArray) -> IntArray:
        """Return the greedy coloring, hubs apart."""
        greedy = acyclic_coloring if self.substitution else star_coloring
        colors = greedy(self._rest, order)
        if self.has_hubs:
            used = int(np.delete(colors, self._hubs).max(initial=-1)) + 1
            colors[self._hubs] = used + _hub_colors(self.graph, self._hubs)
        return colors

    def without_unread(self, colors: IntArray) -> IntArray:
        """Return the colors, neutral where recovery needs them neither for edges nor diagonal."""
        if self.has_diagonal.all() or self.graph.num_edges == 0:
            return colors
        return neutralize_unread(self.graph, colors, np.flatnonzero(self.has_diagonal))

    def lattice(self, grid: tuple[int, ...] | None, below: int) -> LatticeCertificate | None:
        """Return a lattice coloring in less than so many colors, if there is one."""
        find = acyclic_lattice if self.substitution else star_lattice
        return find(self.graph, grid, below)


def _hub_colors(graph: AdjacencyGraph, apart: NDArray[np.int64]) -> IntArray:
    # Hubs share a color at distance three or more only, so that no path or cycle in two colors
    # passes a hub's color twice.
    degrees = graph.degrees[apart]
    starts = np.repeat(graph.ptr[apart], degrees)
    within = np.arange(int(degrees.sum())) - np.repeat(np.cumsum(degrees) - degrees, degrees)
    number = np.arange(apart.size, dtype=np.int32)
    vertices = np.concatenate([np.repeat(number, degrees), number])
    nets = np.concatenate([graph.neighbors[starts + within], apart]).astype(np.int32)
    near = bipartite_graph(vertices, nets, apart.size, graph.num_vertices)
    return partial_distance2_coloring(near, number)


def _both_triangles(pattern: SparsityPattern) -> tuple[IntArray, IntArray]:
    rows, cols = pattern.rows, pattern.cols
    if not pattern.symmetric:
        return rows, cols
    off = rows != cols
    return np.concatenate([rows, cols[off]]), np.concatenate([cols, rows[off]])
