"""Lower bounds: what they prove, and that they never promise too much."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.coloring import color
from tests.coloring.example_patterns import SMALL_GRAPHS, arrowhead, band, cycle, from_edges, path


def bounds(matrix):
    return tuple(
        color(matrix, "symmetric", decompression).lower_bound
        for decompression in ("direct", "substitution")
    )


@pytest.mark.parametrize("name", SMALL_GRAPHS)
def test_bounds_stay_below_the_optimum_of_small_graphs(name):
    edges, star, acyclic, _ = SMALL_GRAPHS[name]
    star_bound, acyclic_bound = bounds(from_edges(edges))
    assert min(star, 3) <= star_bound <= star
    assert min(acyclic, 3) <= acyclic_bound <= acyclic


def test_a_cycle_beside_trees_is_noticed():
    matrix = np.eye(12)
    matrix[:3, :3] = from_edges(cycle(3))
    matrix[4:8, 4:8] = from_edges(path(4))
    assert bounds(matrix) == (3, 3)


def test_full_and_banded_matrices_reach_their_bounds():
    assert bounds(np.ones((6, 6))) == (6, 6)
    assert bounds(band(40, 5, 5))[1] == 6
    assert bounds(arrowhead(9)) == (2, 2)


def test_vertices_without_a_diagonal_entry_prove_nothing():
    # Column 1 alone determines [[0, a], [a, 0]].
    assert bounds([[0, 1], [1, 0]]) == (1, 1)


def test_columns_and_rows_need_the_entries_of_the_longest_row_or_column():
    matrix = [[1, 1, 1, 0], [1, 0, 0, 0]]
    assert color(matrix, "column").lower_bound == 3
    assert color(matrix, "row").lower_bound == 2
