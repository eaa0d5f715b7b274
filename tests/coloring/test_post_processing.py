"""Neutral colors: what no recovery reads is not evaluated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.coloring import (
    color,
    is_directly_recoverable,
    is_recoverable_by_substitution,
)
from sparseopt.coloring.acyclic import acyclic_coloring
from sparseopt.coloring.given_patterns import lower_triangle
from sparseopt.coloring.graphs import AdjacencyGraph
from sparseopt.coloring.post_processing import neutralize_unread, renumbered
from sparseopt.coloring.problems import Symmetric
from sparseopt.coloring.star import star_coloring
from tests.coloring.example_patterns import (
    complete_bipartite,
    from_edges,
    path,
    symmetric_matrices,
)
from tests.coloring.published import RECOMPUTED, load

NOTHING = np.empty(0, np.int32)


def graph_of(edges, n):
    ends = np.array(edges, np.int32).reshape(-1, 2)
    return AdjacencyGraph.from_edges(ends[:, 0].copy(), ends[:, 1].copy(), n)


def neutralized(edges, colors, pinned=NOTHING, weights=None):
    colors = np.array(colors, np.int32)
    return neutralize_unread(graph_of(edges, colors.size), colors, pinned, weights).tolist()


def test_star_is_read_in_the_color_of_its_hub():
    assert neutralized(complete_bipartite(1, 4), [1, 0, 0, 0, 0]) == [0, -1, -1, -1, -1]


def test_diagonal_entries_pin_their_colors():
    star = complete_bipartite(1, 4)
    assert neutralized(star, [1, 0, 0, 0, 0], pinned=np.array([3])) == [1, 0, 0, 0, 0]


def test_single_edges_are_read_in_one_color_for_all_of_them():
    assert neutralized([(0, 1), (2, 3), (4, 5)], [0, 1, 1, 0, 0, 1]) == [0, -1, -1, 0, 0, -1]


def test_single_edges_of_three_colors_need_two_of_them():
    colors = neutralized([(0, 1), (2, 3), (4, 5)], [0, 1, 1, 2, 2, 0])
    assert sorted(set(colors)) == [-1, 0, 1]


def test_a_color_of_many_single_edges_covers_them_all():
    # Color 3 meets each of the others.
    assert neutralized([(0, 1), (2, 3), (4, 5)], [0, 3, 3, 1, 2, 3]) == [-1, 0, 0, -1, -1, 0]


def test_dear_colors_are_not_read_where_there_is_a_choice():
    edges, colors = [(0, 1)], [0, 1]
    assert neutralized(edges, colors, weights=np.array([1.0, 2.0])) == [0, -1]
    assert neutralized(edges, colors, weights=np.array([2.0, 1.0])) == [-1, 0]


def test_a_path_of_four_vertices_needs_both_colors_by_substitution():
    assert neutralized(path(4), [0, 1, 0, 1]) == [0, 1, 0, 1]


def test_vertices_that_are_neutral_already_stay_so():
    assert neutralized([(0, 1), (1, 2)], [-1, 2, -1]) == [-1, 0, -1]


def test_colors_are_renumbered_in_their_order():
    assert renumbered(np.array([5, -1, 2, 5, 3], np.int32)).tolist() == [2, -1, 0, 2, 1]
    assert renumbered(NOTHING).tolist() == []


def test_nothing_is_read_of_a_graph_without_edges_and_diagonal():
    assert neutralized([], [0, 0, 1]) == [-1, -1, -1]


def test_hessian_of_a_product_of_pairs_needs_one_color():
    # x0 x1 + x2 x3: no diagonal, one entry for each pair.
    matrix = from_edges([(0, 1), (2, 3)], diagonal=False)
    coloring = color(matrix, "symmetric", order="best")
    assert coloring.num_colors == 1
    assert sorted(coloring.colors.tolist()) == [-1, -1, 0, 0]
    assert np.array_equal(coloring.decompress(coloring.compress(matrix)).toarray(), matrix)


def test_hub_without_a_diagonal_is_the_only_color():
    matrix = from_edges(complete_bipartite(1, 6), diagonal=False)
    coloring = color(matrix, "symmetric", order="best")
    assert coloring.colors.tolist() == [0, -1, -1, -1, -1, -1, -1]


def test_full_diagonal_keeps_every_vertex():
    matrix = from_edges(complete_bipartite(1, 6))
    assert color(matrix, "symmetric", order="best").colors.min() == 0


def test_matrix_without_entries_keeps_its_one_color():
    assert color(np.zeros((3, 3)), "symmetric", order="best").num_colors == 1


def test_a_single_order_gives_the_plain_greedy_coloring():
    matrix = from_edges(complete_bipartite(1, 6), diagonal=False)
    assert color(matrix, "symmetric", order="natural").colors.tolist() == [0, 1, 1, 1, 1, 1, 1]


def test_karate_club_without_diagonal_saves_a_color():
    pattern = load(RECOMPUTED["karate"]["file"])
    graph = Symmetric.of(lower_triangle(pattern), substitution=False).graph
    natural = star_coloring(graph, np.arange(34, dtype=np.int32))
    assert natural.max() + 1 == RECOMPUTED["karate"]["natural_star"] == 8
    assert neutralize_unread(graph, natural, NOTHING).max() + 1 == 7


@settings(max_examples=200, deadline=None)
@given(symmetric_matrices(), st.booleans(), st.integers(0, 2**32 - 1))
def test_neutral_colors_never_break_recovery(matrix, substitution, seed):
    n = matrix.shape[0]
    edges = np.argwhere(np.tril(matrix, -1))
    graph = graph_of(edges, n)
    order = np.random.default_rng(seed).permutation(n).astype(np.int32)
    greedy = (acyclic_coloring if substitution else star_coloring)(graph, order)
    colors = neutralize_unread(graph, greedy, np.flatnonzero(np.diag(matrix)))
    is_valid = is_recoverable_by_substitution if substitution else is_directly_recoverable
    assert is_valid(matrix, greedy, symmetric=True)
    assert is_valid(matrix, colors, symmetric=True)
    used = set(colors.tolist()) - {-1}
    assert used == set(range(len(used)))
    assert len(used) <= len(set(greedy.tolist()))


@settings(max_examples=100, deadline=None)
@given(symmetric_matrices(), st.sampled_from(["natural", "smallest_last", "random", "best"]))
def test_matrices_come_back_through_neutral_colors(matrix, order):
    for decompression in ("direct", "substitution"):
        coloring = color(matrix, "symmetric", decompression, order)
        returned = coloring.decompress(coloring.compress(matrix)).toarray()
        assert np.allclose(returned, matrix, rtol=1e-12, atol=1e-12)
        assert coloring.num_colors >= coloring.lower_bound


@pytest.mark.parametrize("decompression", ["direct", "substitution"])
def test_large_graphs_are_neutralized_by_compiled_kernels(decompression):
    # Many disjoint edges and stars without a diagonal, beyond what plain Python runs.
    n = 120_000
    ends, hubs = np.arange(0, n, 2), np.arange(n, 2 * n, 6)
    rows = np.concatenate([ends + 1, *[hubs + k for k in range(1, 6)]])
    cols = np.concatenate([ends, *[hubs] * 5])
    graph = AdjacencyGraph.from_edges(rows.astype(np.int32), cols.astype(np.int32), 2 * n)
    greedy = star_coloring if decompression == "direct" else acyclic_coloring
    colors = greedy(graph, np.arange(2 * n, dtype=np.int32))
    kept = neutralize_unread(graph, colors, NOTHING)
    assert (colors.max(), kept.max()) == (1, 0)
    assert (kept[hubs] == 0).all()
    assert np.count_nonzero(kept == 0) == ends.size + hubs.size
