"""Compression and recovery: every value comes back exactly where it was."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.coloring import Coloring, color
from sparseopt.errors import ColoringError, PatternError, ShapeError
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from tests.coloring.example_patterns import arrowhead, band, matrices, symmetric_matrices

SETTINGS = settings(max_examples=80, derandomize=True, deadline=None)


def replayed(coloring, compressed):
    """Recover as a compiled plan does: from the steps alone, one after another."""
    B, steps = compressed.astype(float).copy(), coloring.recovery
    values = np.zeros(coloring.pattern.nnz)
    for k in range(steps.value.size):
        values[steps.value[k]] = B[steps.vertex[k], steps.color[k]]
        if steps.update_vertex is not None and steps.update_vertex[k] >= 0:
            B[steps.update_vertex[k], steps.update_color[k]] -= values[steps.value[k]]
    return values


@SETTINGS
@given(matrices(), st.sampled_from(["natural", "smallest_last"]))
def test_columns_and_rows_are_recovered_exactly(matrix, order):
    for partition in ("column", "row"):
        coloring = color(matrix, partition, order=order)
        compressed = coloring.compress(matrix)
        np.testing.assert_array_equal(coloring.decompress(compressed).toarray(), matrix)
        by_vertex = compressed if partition == "column" else compressed.T
        expected = matrix[coloring.pattern.rows, coloring.pattern.cols]
        np.testing.assert_array_equal(replayed(coloring, by_vertex), expected)


@SETTINGS
@given(symmetric_matrices(), st.sampled_from(["natural", "smallest_last"]))
def test_symmetric_matrices_are_recovered_directly_and_exactly(matrix, order):
    coloring = color(matrix, "symmetric", order=order)
    compressed = coloring.compress(matrix)
    np.testing.assert_array_equal(coloring.decompress(compressed).toarray(), matrix)
    expected = matrix[coloring.pattern.rows, coloring.pattern.cols]
    np.testing.assert_array_equal(replayed(coloring, compressed), expected)


@SETTINGS
@given(symmetric_matrices(), st.sampled_from(["natural", "smallest_last"]))
def test_symmetric_matrices_are_recovered_by_substitution(matrix, order):
    coloring = color(matrix, "symmetric", "substitution", order)
    compressed = coloring.compress(matrix)
    found = coloring.decompress(compressed).toarray()
    np.testing.assert_allclose(found, matrix, rtol=1e-13, atol=1e-13)
    expected = matrix[coloring.pattern.rows, coloring.pattern.cols]
    np.testing.assert_allclose(replayed(coloring, compressed), expected, rtol=1e-13, atol=1e-13)


def test_substitution_goes_from_the_leaves_to_the_root():
    # The path 0 - 1 - 2 in colors 0, 1, 0: rows 0 and 2 hold the off-diagonal entries alone.
    coloring = color(band(3, 1, 1), "symmetric", "substitution", order="natural")
    steps = coloring.recovery
    pattern = coloring.pattern
    places = [(int(pattern.rows[k]), int(pattern.cols[k])) for k in steps.value]
    assert coloring.colors.tolist() == [0, 1, 0]
    assert places == [(0, 0), (1, 1), (2, 1), (2, 2), (1, 0)]
    assert steps.vertex.tolist() == [0, 1, 2, 2, 0]
    assert steps.color.tolist() == [0, 1, 1, 0, 1]
    assert steps.update_vertex is not None
    assert steps.update_vertex.tolist() == [-1, -1, -1, -1, -1]


def test_substitution_updates_only_what_is_read_later():
    # In the path 0 - 1 - 2 - 3 in colors 0, 1, 0, 1 the entry (2, 1) remains after (1, 0).
    coloring = color(band(4, 1, 1), "symmetric", "substitution", order="natural")
    steps = coloring.recovery
    assert steps.update_vertex is not None
    assert np.count_nonzero(steps.update_vertex >= 0) == 1


def test_errors_of_substitution_stay_small_on_long_paths():
    n = 2000
    random = np.random.default_rng(0)
    off = random.uniform(-1.0, 1.0, n - 1)
    H = sp.csr_array(sp.diags_array([off, np.ones(n), off], offsets=[-1, 0, 1]))
    coloring = color(H, "symmetric", "substitution", order="natural")
    assert coloring.num_colors == 2
    error = abs(coloring.decompress(coloring.compress(H)) - H).max()
    assert error < 1e-12


def test_values_of_a_symmetric_pattern_keep_their_order():
    pattern = SparsityPattern(
        np.array([2, 0, 2, 1]), np.array([0, 0, 2, 0]), (3, 3), symmetric=True
    )
    H = np.array([[1.0, 3.0, 5.0], [3.0, 0.0, 0.0], [5.0, 0.0, 7.0]])
    for partition in ("symmetric", "column", "row"):
        coloring = color(pattern, partition)
        assert coloring.pattern is pattern
        values = coloring.decompress_values(coloring.compress(H))
        np.testing.assert_array_equal(values, [5.0, 1.0, 7.0, 3.0])


def test_the_lower_triangle_of_a_full_pattern_keeps_its_order():
    rows, cols = np.array([1, 0, 1, 0]), np.array([1, 1, 0, 0])
    coloring = color(SparsityPattern(rows, cols, (2, 2)), "symmetric")
    assert coloring.pattern.rows.tolist() == [1, 1, 0]
    assert coloring.pattern.cols.tolist() == [1, 0, 0]


def test_recovery_of_columns_is_in_the_order_of_the_pattern():
    coloring = color([[1, 0, 2], [0, 3, 4], [5, 0, 0]], order="natural")
    steps = coloring.recovery
    assert steps.value.tolist() == [0, 1, 2, 3, 4]
    assert steps.vertex.tolist() == [0, 0, 1, 1, 2]
    assert steps.color.tolist() == [0, 1, 0, 1, 0]
    assert steps.update_vertex is None
    assert all(array.dtype == np.int32 for array in (steps.value, steps.vertex, steps.color))


def test_both_sides_together_and_neutral_colors():
    # The arrowhead: its first row and column, and the diagonal as one group of columns.
    matrix = np.diag([1.0, 2.0, 3.0, 4.0])
    matrix[0, 1:], matrix[1:, 0] = [5.0, 6.0, 7.0], [8.0, 9.0, 10.0]
    rows, cols = np.nonzero(matrix)
    coloring = Coloring(
        pattern=SparsityPattern(rows, cols, (4, 4)),
        partition="bidirectional",
        decompression="direct",
        order="given",
        column_colors=np.array([0, 1, 1, 1], np.int32),
        row_colors=np.array([0, -1, -1, -1], np.int32),
        lower_bound=1,
    )
    assert (coloring.num_colors, coloring.num_column_colors, coloring.num_row_colors) == (3, 2, 1)
    assert coloring.colors.tolist() == [0, 1, 1, 1, 0, -1, -1, -1]
    columns, row = coloring.compress(matrix)
    np.testing.assert_array_equal(columns[:, 0], [1.0, 8.0, 9.0, 10.0])
    np.testing.assert_array_equal(row, [[1.0, 5.0, 6.0, 7.0]])
    np.testing.assert_array_equal(coloring.decompress((columns, row)).toarray(), matrix)
    column_groups, row_groups = coloring.groups()
    assert [group.tolist() for group in column_groups] == [[0], [1, 2, 3]]
    assert [group.tolist() for group in row_groups] == [[0]]
    assert [seeds.shape for seeds in coloring.seed_matrix()] == [(4, 2), (4, 1)]
    with pytest.raises(ShapeError, match="pair"):
        coloring.decompress(columns)


def test_colors_that_do_not_determine_an_entry_are_refused():
    for decompression in ("direct", "substitution"):
        coloring = Coloring(
            pattern=color(band(4, 1, 1), "symmetric").pattern,
            partition="symmetric",
            decompression=decompression,
            order="given",
            column_colors=np.zeros(4, np.int32),
            row_colors=None,
            lower_bound=1,
        )
        with pytest.raises(ColoringError, match=r"do not determine entry \(0, 0\)"):
            _ = coloring.recovery


def test_seeds_and_groups_say_the_same():
    coloring = color(band(5, 0, 1), order="natural")
    assert [group.tolist() for group in coloring.groups()] == [[0, 2, 4], [1, 3]]
    np.testing.assert_array_equal(coloring.seed_matrix(), [[1, 0], [0, 1], [1, 0], [0, 1], [1, 0]])


def test_nan_stays_in_its_own_entry():
    matrix = band(4, 1, 1)
    matrix[1, 2] = np.nan
    coloring = color(band(4, 1, 1))
    found = coloring.decompress(coloring.compress(matrix)).toarray()
    np.testing.assert_array_equal(found, matrix)


def test_matrices_that_do_not_fit_the_pattern_are_refused():
    coloring = color(band(4, 1, 1))
    with pytest.raises(ShapeError, match=r"\(3, 4\) for a pattern of shape \(4, 4\)"):
        coloring.compress(np.ones((3, 4)))
    with pytest.raises(PatternError, match="outside the pattern"):
        coloring.compress(np.ones((4, 4)))
    with pytest.raises(ShapeError, match=r"\(4, 2\), expected \(4, 3\)"):
        coloring.decompress(np.ones((4, 2)))
    with pytest.raises(PatternError, match="not symmetric"):
        color(band(4, 1, 1), "symmetric").compress(np.tril(band(4, 1, 1)))


def test_recovery_is_found_on_first_use_and_kept():
    coloring = color(arrowhead(5), "symmetric")
    assert "recovery" not in vars(coloring)
    assert coloring.recovery is coloring.recovery
