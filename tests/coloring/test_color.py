"""The public function: what it accepts, what it refuses, and with which words."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from sparseopt.coloring import given_patterns
from sparseopt.coloring.ordering import ORDERS
from tests.coloring.example_patterns import band

ONE_KIND_EACH = [
    ("column", "direct"),
    ("row", "direct"),
    ("symmetric", "direct"),
    ("symmetric", "substitution"),
]


@pytest.mark.parametrize(
    "make", [np.array, sp.csr_array, sp.csc_matrix, sp.coo_array, sp.dia_array]
)
def test_patterns_come_as_any_matrix(make):
    assert so.color(make(band(5, 1, 1)), order="natural").colors.tolist() == [0, 1, 2, 0, 1]


def test_explicit_zeros_are_structural():
    stored = sp.csr_array((np.zeros(3), ([0, 0, 0], [0, 1, 2])), shape=(1, 3))
    assert so.color(stored).num_colors == 3


@pytest.mark.parametrize("order", [*ORDERS, "best"])
@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (4, 4), (2, 5)])
def test_matrices_without_entries_have_one_color_or_none(shape, order):
    empty = np.zeros(shape)
    columns, rows = so.color(empty, "column", order=order), so.color(empty, "row", order=order)
    assert columns.num_colors == columns.lower_bound == min(1, shape[1])
    assert rows.num_colors == rows.lower_bound == min(1, shape[0])
    assert columns.decompress(columns.compress(empty)).shape == shape
    assert rows.decompress(rows.compress(empty)).shape == shape


@pytest.mark.parametrize(("partition", "decompression"), ONE_KIND_EACH)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_empty_rows_and_columns_keep_their_places(partition, decompression, n):
    matrix = np.zeros((n + 2, n + 2))
    matrix[1 : n + 1, 1 : n + 1] = band(n, 1, 1)
    coloring = so.color(matrix, partition, decompression)
    assert coloring.colors.shape == (n + 2,)
    np.testing.assert_array_equal(coloring.decompress(coloring.compress(matrix)).toarray(), matrix)


def test_an_antidiagonal_of_a_symmetric_matrix_has_no_diagonal_to_recover():
    matrix = np.array([[0.0, 2.0], [2.0, 0.0]])
    coloring = so.color(matrix, "symmetric")
    np.testing.assert_array_equal(coloring.decompress(coloring.compress(matrix)).toarray(), matrix)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("colum",), "unknown partition 'colum'(.|\n)*did you mean 'column'"),
        (("column", "directly"), "unknown decompression 'directly'(.|\n)*'direct'"),
        (("column", "direct", "largest-first"), "unknown vertex order(.|\n)*'largest_first'"),
        (("column", "substitution"), "does not go with a column partition"),
        (("row", "substitution"), "does not go with a row partition"),
        (("column", "direct", [0, 1, 1, 2]), "not a permutation"),
        (("column", "direct", [0, 1, 2]), "not a permutation"),
        (("column", "direct", [0, 1, 2, 4]), "not a permutation"),
        (("column", "direct", [0.0, 1.0, 2.0, 3.0]), "not a permutation"),
        (("column", "direct", None), "not a permutation"),
    ],
)
def test_what_cannot_be_done_is_named(arguments, message):
    with pytest.raises(so.ColoringError, match=message):
        so.color(np.eye(4), *arguments)


def test_a_symmetric_partition_needs_a_symmetric_pattern():
    with pytest.raises(so.PatternError, match="3 x 4 matrix, which is not square"):
        so.color(np.ones((3, 4)), "symmetric")
    with pytest.raises(so.PatternError, match=r"entry \(0, 2\) has no counterpart \(2, 0\)"):
        so.color([[1, 0, 1], [0, 1, 0], [0, 1, 1]], "symmetric")


def test_nan_is_no_pattern():
    for make in (np.array, sp.csr_array):
        with pytest.raises(so.PatternError, match="NaN"):
            so.color(make([[1.0, np.nan], [0.0, 1.0]]))


def test_objects_and_other_dimensions_are_no_pattern():
    with pytest.raises(so.PatternError, match="object"):
        so.color(np.array([[None, 1]], object))
    with pytest.raises(so.ShapeError, match="two dimensions, not 1"):
        so.color(np.ones(3))


def test_duplicate_and_outlying_entries_are_refused():
    twice = sp.coo_array((np.ones(2), ([0, 0], [1, 1])), shape=(2, 2))
    with pytest.raises(so.PatternError, match="twice"):
        so.color(twice)
    outlying = sp.csr_array(np.eye(2))
    outlying.indices[1] = 7
    with pytest.raises(so.PatternError, match="broken"):
        so.color(outlying)
    with pytest.raises(so.PatternError, match="lies outside"):
        so.color(so.SparsityPattern(np.array([3]), np.array([0]), (2, 2)))


def test_sizes_beyond_32_bit_indices_are_refused(monkeypatch):
    with pytest.raises(so.PatternError, match="too large"):
        so.color(sp.coo_array((1, 2**31)))
    monkeypatch.setattr(given_patterns, "MAX_INDEX", 10)
    assert so.color(np.eye(4)).num_colors == 1
    with pytest.raises(so.PatternError, match="5 entries is too large"):
        so.color(np.eye(5))


def test_a_coloring_shows_what_it_is():
    coloring = so.color(band(5, 1, 1), order="natural")
    assert repr(coloring) == (
        "Coloring(5 x 5, column, direct, num_colors=3, lower_bound=3, order='natural')"
    )
    assert isinstance(coloring, so.Coloring)
    assert coloring.colors is coloring.column_colors
    assert coloring.row_colors is None
    assert coloring.num_row_colors == 0
    assert coloring.colors.dtype == np.int32
