"""What is colored: one side of a matrix, or a symmetric one, with its greedy coloring and orders.

A problem has `neighborhoods` (for vertex orders), a `lower_bound`, and `color(order)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from sparseopt.coloring.acyclic import acyclic_coloring
from sparseopt.coloring.compiled import IntArray
from sparseopt.coloring.graphs import AdjacencyGraph, BipartiteGraph, bipartite_graph
from sparseopt.coloring.lower_bounds import (
    acyclic_lower_bound,
    distance2_lower_bound,
    star_lower_bound,
)
from sparseopt.coloring.ordering import Neighborhoods
from sparseopt.coloring.partial_distance2 import partial_distance2_coloring
from sparseopt.coloring.peeling import hubs
from sparseopt.coloring.star import star_coloring
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["ColoringProblem", "OneSided", "Symmetric", "peeled_coloring"]


class ColoringProblem(Protocol):
    """What the search over vertex orders needs."""

    @property
    def neighborhoods(self) -> Neighborhoods:
        """Neighborhoods that define the degrees of vertex orders."""

    @property
    def lower_bound(self) -> int:
        """A number of colors that cannot be improved."""

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

    def color(self, order: IntArray) -> IntArray:
        """Return the greedy partial distance-2 coloring."""
        return partial_distance2_coloring(self.graph, order)


@dataclass(frozen=True, eq=False)
class Symmetric:
    """Star or acyclic coloring of the adjacency graph of a symmetric pattern."""

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
        """Neighbors in the adjacency graph."""
        return Neighborhoods.of(self.graph)

    @cached_property
    def lower_bound(self) -> int:
        """A bound from the vertices whose diagonal entry is to be found: all of them need colors."""
        graph = self.graph
        if not self.has_diagonal.all():
            graph = graph.without(np.flatnonzero(self.has_diagonal == 0))
        return acyclic_lower_bound(graph) if self.substitution else star_lower_bound(graph)

    def color(self, order: IntArray) -> IntArray:
        """Return the greedy coloring, hubs apart."""
        return peeled_coloring(self.graph, order, substitution=self.substitution)


def peeled_coloring(graph: AdjacencyGraph, order: IntArray, *, substitution: bool) -> IntArray:
    """Return a star (by substitution: an acyclic) coloring, with hubs in colors of their own.

    Hubs share a color only among themselves and at distance three or more; so no path or cycle with
    two colors passes a hub's color twice.  Without hubs this is the plain greedy coloring.
    """
    greedy = acyclic_coloring if substitution else star_coloring
    apart = hubs(graph.degrees)
    if apart.size == 0:
        return greedy(graph, order)
    colors = greedy(graph.without(apart), order)
    rest = np.delete(colors, apart)
    colors[apart] = int(rest.max(initial=-1)) + 1 + _hub_colors(graph, apart)
    return colors


def _hub_colors(graph: AdjacencyGraph, apart: np.ndarray) -> IntArray:
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
