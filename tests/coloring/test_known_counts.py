"""Numbers of colors that are known: printed examples, exhaustive search, theory."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.coloring import color
from sparseopt.coloring.ordering import ORDERS
from tests.coloring.example_patterns import (
    EFFICIENT_1,
    SMALL_GRAPHS,
    WHAT_COLOR_4_1,
    arrowhead,
    band,
    cycle,
    from_edges,
)


def counts(matrix, partition, decompression="direct", orders=("natural",)):
    return [color(matrix, partition, decompression, order).num_colors for order in orders]


def test_columns_of_a_printed_example():
    coloring = color([[1, 0, 2], [0, 3, 4], [5, 0, 0]], "column", order="natural")
    assert coloring.colors.tolist() == [0, 0, 1]
    compressed = coloring.compress([[1, 0, 2], [0, 3, 4], [5, 0, 0]])
    np.testing.assert_array_equal(compressed, [[1, 2], [3, 4], [5, 0]])


def test_rows_of_a_printed_example():
    coloring = color([[1, 0, 3], [0, 2, 0], [4, 5, 0]], "row", order="natural")
    assert coloring.colors.tolist() == [0, 0, 1]
    compressed = coloring.compress([[1, 0, 3], [0, 2, 0], [4, 5, 0]])
    np.testing.assert_array_equal(compressed, [[1, 2, 3], [4, 5, 0]])


def test_figures_of_the_papers():
    three = ("natural", "largest_first", "smallest_last")
    assert counts(WHAT_COLOR_4_1, "symmetric", orders=three) == [3, 4, 3]
    assert counts(WHAT_COLOR_4_1, "symmetric", "substitution", three) == [3, 3, 3]
    assert counts(WHAT_COLOR_4_1, "column", orders=three) == [5, 5, 5]
    assert counts(EFFICIENT_1, "symmetric", orders=three) == [5, 4, 4]
    assert counts(EFFICIENT_1, "symmetric", "substitution", three) == [3, 3, 3]
    assert counts(EFFICIENT_1, "column", orders=three) == [6, 5, 5]


def test_the_antidiagonal_needs_one_color_of_columns_or_rows():
    antidiagonal = np.eye(4)[::-1]
    assert counts(antidiagonal, "column") == counts(antidiagonal, "row") == [1]


def test_a_triangle_needs_three_colors_on_either_side():
    triangle = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    assert counts(triangle, "column") == counts(triangle, "row") == [3]


def test_full_matrices_need_a_color_for_each_column_or_row():
    assert counts(np.ones((3, 5)), "column") == [5]
    assert counts(np.ones((3, 5)), "row") == [3]


def test_largest_first_beats_the_natural_order_of_columns():
    matrix = [[0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 0, 0]]
    natural, largest = counts(matrix, "column", orders=("natural", "largest_first"))
    assert (natural, largest) == (3, 2)


def test_bridged_cliques_need_the_rows_of_one_clique():
    bridged = [[1, 0, 1], [1, 0, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0], [0, 1, 0]]
    assert counts(bridged, "row", orders=("largest_first",)) == [3]


@pytest.mark.parametrize("name", SMALL_GRAPHS)
def test_the_best_order_reaches_the_optimum_of_small_graphs(name):
    edges, star, acyclic, distance2 = SMALL_GRAPHS[name]
    matrix = from_edges(edges)
    found = [
        color(matrix, "symmetric", "direct", "best"),
        color(matrix, "symmetric", "substitution", "best"),
        color(matrix, "column", "direct", "best"),
    ]
    assert [coloring.num_colors for coloring in found] == [star, acyclic, distance2]
    assert all(coloring.lower_bound <= coloring.num_colors for coloring in found)


@pytest.mark.parametrize(("bands", "star", "acyclic"), [(2, 3, 2), (4, 5, 3), (10, 11, 6)])
def test_symmetric_bands_need_the_colors_of_theory(bands, star, acyclic):
    # Gebremedhin et al. (2009): 2 floor(bands / 2) + 1 and floor(bands / 2) + 1
    matrix = band(60, bands // 2, bands // 2)
    for order in ("natural", "smallest_last", "best"):
        assert counts(matrix, "symmetric", "direct", [order]) == [star]
        assert counts(matrix, "symmetric", "substitution", [order]) == [acyclic]
    assert color(matrix, "symmetric", "substitution").lower_bound == acyclic


@pytest.mark.parametrize(("lower", "upper"), [(0, 0), (0, 1), (1, 1), (2, 2), (3, 1)])
def test_bands_need_as_many_column_colors_as_diagonals(lower, upper):
    coloring = color(band(30, lower, upper), "column", order="natural")
    assert coloring.num_colors == coloring.lower_bound == lower + upper + 1


def test_blocks_and_triangles():
    assert counts(np.kron(np.eye(4), np.ones((3, 3))), "column") == [3]
    assert counts(np.tril(np.ones((6, 6))), "column") == [6]
    assert counts(np.diff(np.eye(9), 3, axis=0), "column") == [4]


def test_a_cycle_of_nine():
    matrix = from_edges(cycle(9))
    assert counts(matrix, "column") == [3]
    assert color(matrix, "symmetric", order="best").num_colors == 3
    assert counts(matrix, "symmetric", "substitution") == [3]


@pytest.mark.parametrize("order", [*ORDERS, "best"])
def test_an_arrowhead_needs_two_colors_by_symmetry_and_all_without(order):
    pattern = arrowhead(12)
    assert color(pattern, "symmetric", order=order).num_colors == 2
    assert color(pattern, "symmetric", "substitution", order).num_colors == 2
    assert color(pattern, "column", order=order).num_colors == 12
    assert color(pattern, "row", order=order).num_colors == 12


def test_grids_of_five_points():
    # greedy counts; (i + 2 j) mod 5 shows that 5 colors are enough
    tridiagonal = band(16, 1, 1)
    five_point = np.kron(tridiagonal, np.eye(16)) + np.kron(np.eye(16), tridiagonal)
    assert counts(five_point, "column", orders=("natural", "largest_first")) == [7, 7]
    assert counts(five_point, "symmetric") == [5]
    assert counts(five_point, "symmetric", "substitution") == [4]
