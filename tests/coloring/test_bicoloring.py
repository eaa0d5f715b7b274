"""Bidirectional colorings: columns and rows together."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.coloring import (
    color,
    compiled,
    is_directly_recoverable,
    is_recoverable_by_substitution,
)
from sparseopt.coloring.bicoloring import bicoloring_lower_bound
from sparseopt.coloring.given_patterns import as_pattern
from sparseopt.errors import ColoringError
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from tests.coloring.example_patterns import matrices
from tests.coloring.published import RECOMPUTED, load

ORDERS = (
    "natural",
    "random",
    "largest_first",
    "smallest_last",
    "incidence_degree",
    "dynamic_largest_first",
    "best",
)
DECOMPRESSIONS = ("direct", "substitution")


def frame(m, n):
    matrix = np.zeros((m, n))
    matrix[[0, -1]] = 1.0
    matrix[:, [0, -1]] = 1.0
    return matrix


def arrow(n):
    matrix = np.eye(n)
    matrix[0] = matrix[:, 0] = 1.0
    return matrix


def large_arrow(n):
    every, rest, hub = np.arange(n), np.arange(1, n), np.zeros(n - 1, int)
    return SparsityPattern(
        np.concatenate([every, hub, rest]), np.concatenate([every, rest, hub]), (n, n), check=False
    )


def band_with_dense_lines(n, half_width, number):
    """Return a band and some full rows and as many full columns, spread over the matrix."""
    band = sp.diags_array(
        [np.ones(n - abs(k)) for k in range(-half_width, half_width + 1)],
        offsets=range(-half_width, half_width + 1),
    ).tocoo()
    every, dense = np.arange(n), np.linspace(n // 7, n - 9, number).astype(int)
    rows = np.concatenate([band.row, np.repeat(dense, n), np.tile(every, number)])
    cols = np.concatenate([band.col, np.tile(every, number), np.repeat(dense, n)])
    return sp.coo_array((np.ones(rows.size), (rows, cols)), shape=(n, n)).tocsr()


KNOWN = {
    "antidiagonal": (np.eye(4)[::-1], 1),
    "triangle": (np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]]), 3),
    "frame 10 x 20": (frame(10, 20), 4),
    "frame 20 x 10": (frame(20, 10), 4),
    "arrow": (arrow(10), 3),
    "full 4 x 7": (np.ones((4, 7)), 4),
    "full 7 x 4": (np.ones((7, 4)), 4),
    "one row": (np.ones((1, 9)), 1),
    "one column": (np.ones((9, 1)), 1),
    "diagonal": (np.eye(6), 1),
    "nothing": (np.zeros((3, 4)), 0),
    "no rows": (np.zeros((0, 4)), 0),
    "no columns": (np.zeros((4, 0)), 0),
}


@pytest.mark.parametrize("decompression", DECOMPRESSIONS)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", KNOWN)
def test_small_matrices_take_their_optimum_in_every_order(name, order, decompression):
    matrix, optimum = KNOWN[name]
    coloring = color(matrix, "bidirectional", decompression, order)
    assert coloring.num_colors == optimum
    assert coloring.lower_bound <= optimum
    assert coloring.column_colors.shape == (matrix.shape[1],)
    assert coloring.row_colors.shape == (matrix.shape[0],)


def test_dense_row_and_dense_column_have_colors_of_their_own():
    coloring = color(arrow(6), "bidirectional", order="natural")
    assert coloring.column_colors.tolist() == [0, 1, 1, 1, 1, 1]
    assert coloring.row_colors.tolist() == [0, -1, -1, -1, -1, -1]
    assert coloring.num_column_colors == 2
    assert coloring.num_row_colors == 1


def test_three_colors_of_an_arrowhead_are_optimal():
    # 3 n - 2 numbers are unknown and a product yields n.
    assert bicoloring_lower_bound(as_pattern(arrow(10))) == 3


def test_symmetric_patterns_stand_for_both_triangles():
    lower = SparsityPattern.from_scipy(arrow(8), symmetric=True)
    coloring = color(lower, "bidirectional")
    assert (coloring.num_colors, coloring.lower_bound) == (3, 3)


@pytest.mark.parametrize("decompression", DECOMPRESSIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_large_arrowhead_takes_three_colors_in_every_order(order, decompression):
    coloring = color(large_arrow(20_000), "bidirectional", decompression, order)
    assert coloring.num_colors == coloring.lower_bound == 3


@pytest.mark.parametrize("order", ORDERS)
def test_band_with_dense_rows_and_columns_takes_its_optimum_in_every_order(order):
    matrix = band_with_dense_lines(20_000, 5, 5)
    coloring = color(matrix, "bidirectional", order=order)
    assert (coloring.num_column_colors, coloring.num_row_colors) == (16, 5)
    assert coloring.lower_bound == 21


def test_dense_rows_without_a_common_column_share_a_color():
    matrix = np.eye(12)
    matrix[0, :6] = matrix[6, 6:] = 1.0
    coloring = color(matrix, "bidirectional")
    assert coloring.num_colors == 2
    assert coloring.row_colors.tolist() == [0, -1, -1, -1, -1, -1, 0, -1, -1, -1, -1, -1]


@pytest.mark.parametrize("decompression", DECOMPRESSIONS)
@pytest.mark.parametrize("name", [n for n in RECOMPUTED if RECOMPUTED[n]["nnz"] < 12_000])
def test_best_bicoloring_is_no_worse_than_one_side_on_stored_matrices(name, decompression):
    pattern = load(RECOMPUTED[name]["file"])
    both = color(pattern, "bidirectional", decompression, order="natural")
    one_sided = [color(pattern, side, order="natural").num_colors for side in ("column", "row")]
    assert both.lower_bound <= both.num_colors <= min(one_sided)
    assert both.recovery.value.size == pattern.nnz


def test_bicoloring_of_a_circuit_takes_a_fraction_of_one_side():
    # One dense row and one dense column: 1,310 and 1,332 colors on one side.
    pattern = load(RECOMPUTED["adder_dcop_05"]["file"])
    assert color(pattern, "bidirectional", order="best").num_colors <= 16


def test_dear_row_colors_are_avoided_and_cheap_ones_preferred():
    matrix = np.ones((5, 5))
    assert color(matrix, "bidirectional", reverse_weight=3.0).num_row_colors == 0
    assert color(matrix, "bidirectional", reverse_weight=0.3).num_column_colors == 0
    assert color(frame(10, 20), "bidirectional", reverse_weight=2.0).num_row_colors == 2
    assert color(frame(10, 20), "bidirectional", reverse_weight=20.0).num_row_colors == 0


@pytest.mark.parametrize("weight", [0.0, -1.0, np.inf, np.nan])
def test_weights_that_are_not_positive_numbers_are_refused(weight):
    with pytest.raises(ColoringError, match="reverse_weight"):
        color(np.eye(3), "bidirectional", reverse_weight=weight)


def test_weights_are_refused_for_one_sided_partitions():
    with pytest.raises(ColoringError, match="does not go with a column partition"):
        color(np.eye(3), "column", reverse_weight=2.0)


def test_an_order_of_columns_and_rows_may_be_given():
    m, n = 6, 9
    matrix = np.random.default_rng(0).random((m, n)) < 0.4
    coloring = color(matrix, "bidirectional", order=np.arange(m + n)[::-1])
    assert coloring.order in ("given", "natural")
    assert is_directly_recoverable(matrix, coloring.column_colors, coloring.row_colors)
    with pytest.raises(ColoringError, match="permutation"):
        color(matrix, "bidirectional", order=np.arange(m))
    with pytest.raises(ColoringError, match="natural"):
        color(matrix, "bidirectional", order="naturl")


@settings(max_examples=150, deadline=None)
@given(matrices(), st.sampled_from(ORDERS), st.sampled_from([0.4, 1.0, 2.5]))
def test_every_bicoloring_is_recoverable_and_returns_the_matrix(matrix, order, weight):
    for decompression in DECOMPRESSIONS:
        coloring = color(matrix, "bidirectional", decompression, order, reverse_weight=weight)
        by_definition = (
            is_directly_recoverable if decompression == "direct" else is_recoverable_by_substitution
        )
        assert by_definition(matrix, coloring.column_colors, coloring.row_colors)
        assert coloring.lower_bound <= coloring.num_colors
        assert weight != 1.0 or coloring.num_colors <= min(matrix.shape)
        returned = coloring.decompress(coloring.compress(matrix)).toarray()
        assert np.allclose(returned, matrix, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("decompression", DECOMPRESSIONS)
def test_compiled_code_and_plain_python_give_the_same_bicolorings(monkeypatch, decompression):
    random = np.random.default_rng(5)
    shapes = ((1, 1), (6, 9), (40, 25))
    cases = [(random.random(shape) < 3 / shape[1], order) for shape in shapes for order in ORDERS]
    cases += [(frame(10, 20), "natural"), (arrow(30), "random")]
    plain = [color(matrix, "bidirectional", decompression, order) for matrix, order in cases]
    monkeypatch.setattr(compiled, "PYTHON_WORK", -1)
    for (matrix, order), expected in zip(cases, plain, strict=True):
        coloring = color(matrix, "bidirectional", decompression, order)
        np.testing.assert_array_equal(coloring.colors, expected.colors)
