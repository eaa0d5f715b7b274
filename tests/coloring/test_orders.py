"""Vertex orders: what they promise, and that every order gives a valid coloring."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.coloring import (
    color,
    is_acyclic_coloring,
    is_directly_recoverable,
    is_recoverable_by_substitution,
    is_star_coloring,
    is_structurally_orthogonal,
)
from sparseopt.coloring.graphs import AdjacencyGraph, bipartite_graph
from sparseopt.coloring.ordering import ORDERS, Neighborhoods, vertex_order
from tests.coloring.example_patterns import band, matrices, symmetric_matrices

EVERY_ORDER = st.sampled_from([*ORDERS, "best"])
SETTINGS = settings(max_examples=80, derandomize=True, deadline=None)


def adjacency(matrix):
    rows, cols = np.nonzero(np.tril(matrix, -1))
    return AdjacencyGraph.from_edges(rows.astype(np.int32), cols.astype(np.int32), len(matrix))


def neighborhoods_of_columns(matrix):
    rows, cols = (index.astype(np.int32) for index in np.nonzero(matrix))
    return Neighborhoods.of(bipartite_graph(cols, rows, matrix.shape[1], matrix.shape[0]))


@SETTINGS
@given(matrices(), EVERY_ORDER)
def test_columns_and_rows_are_structurally_orthogonal_in_every_order(matrix, order):
    columns = color(matrix, "column", order=order)
    assert is_structurally_orthogonal(matrix, columns.colors)
    assert is_directly_recoverable(matrix, columns.colors)
    assert columns.num_colors >= columns.lower_bound
    rows = color(matrix, "row", order=order)
    assert is_structurally_orthogonal(matrix, rows.colors, "row")
    assert is_directly_recoverable(matrix, None, rows.colors)
    assert rows.num_colors >= rows.lower_bound


@SETTINGS
@given(symmetric_matrices(), EVERY_ORDER)
def test_symmetric_colorings_are_valid_in_every_order(matrix, order):
    star = color(matrix, "symmetric", order=order)
    assert order == "best" or is_star_coloring(matrix, star.colors)  # colors may be neutral
    assert is_directly_recoverable(matrix, star.colors, symmetric=True)
    assert star.num_colors >= star.lower_bound
    acyclic = color(matrix, "symmetric", "substitution", order)
    assert order == "best" or is_acyclic_coloring(matrix, acyclic.colors)
    assert is_recoverable_by_substitution(matrix, acyclic.colors, symmetric=True)
    assert acyclic.num_colors >= acyclic.lower_bound


@SETTINGS
@given(matrices(), st.sampled_from(ORDERS))
def test_every_order_is_a_permutation(matrix, order):
    found = vertex_order(order, neighborhoods_of_columns(matrix), seed=3)
    assert sorted(found.tolist()) == list(range(matrix.shape[1]))


@SETTINGS
@given(matrices())
def test_degrees_of_columns_count_the_distinct_columns_in_their_rows(matrix):
    shared = (matrix.T != 0).astype(int) @ (matrix != 0).astype(int) > 0
    np.fill_diagonal(shared, False)
    np.testing.assert_array_equal(neighborhoods_of_columns(matrix).degrees, shared.sum(0))


@SETTINGS
@given(symmetric_matrices())
def test_dynamic_orders_take_an_extreme_vertex_at_every_step(matrix):
    adjacent = (matrix != 0) & ~np.eye(len(matrix), dtype=bool)
    neighborhoods = Neighborhoods.of(adjacency(matrix))
    last_first = vertex_order("smallest_last", neighborhoods)[::-1]
    for k, v in enumerate(last_first):
        left = last_first[k:]
        degrees = adjacent[np.ix_(left, left)].sum(0)
        assert adjacent[v, left].sum() == degrees.min()
    largest = vertex_order("dynamic_largest_first", neighborhoods)
    for k, v in enumerate(largest):
        left = largest[k:]
        assert adjacent[v, left].sum() == adjacent[np.ix_(left, left)].sum(0).max()
    incidence = vertex_order("incidence_degree", neighborhoods)
    for k, v in enumerate(incidence):
        taken, left = incidence[:k], incidence[k:]
        assert adjacent[v, taken].sum() == adjacent[np.ix_(left, taken)].sum(1).max()


def test_largest_first_is_stable():
    star_and_path = np.eye(6)
    star_and_path[1, [0, 2, 3]] = star_and_path[[0, 2, 3], 1] = 1.0
    star_and_path[4, 5] = star_and_path[5, 4] = 1.0
    order = vertex_order("largest_first", Neighborhoods.of(adjacency(star_and_path)))
    assert order.tolist() == [1, 0, 2, 3, 4, 5]


def test_random_orders_follow_their_seed():
    matrix = band(30, 2, 2)
    one, same, other = (
        color(matrix, order="random", seed=seed).colors.tolist() for seed in (1, 1, 2)
    )
    assert one == same != other


def test_colors_do_not_depend_on_the_order_of_the_values():
    random = np.random.default_rng(4)
    matrix = random.random((12, 12)) < 0.3
    matrix |= matrix.T
    from_rows, from_columns = (color(matrix), color(np.asfortranarray(matrix)))
    np.testing.assert_array_equal(from_rows.colors, from_columns.colors)


def test_the_best_order_is_named_and_never_worse_than_the_others():
    random = np.random.default_rng(5)
    for _ in range(20):
        matrix = random.random((20, 25)) < 0.15
        best = color(matrix, order="best")
        others = [color(matrix, order=order).num_colors for order in ORDERS if order != "random"]
        assert best.num_colors <= min(others)
        assert best.order in ORDERS


@pytest.mark.parametrize("order", [[2, 0, 1], (2, 0, 1), np.array([2, 0, 1], np.uint8)])
def test_a_permutation_is_an_order_too(order):
    coloring = color(np.eye(3) + np.eye(3, k=1), order=order)
    assert coloring.order == "given"
    assert coloring.colors.tolist() == [1, 1, 0] or coloring.colors.tolist() == [0, 1, 0]
