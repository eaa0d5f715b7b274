"""Sparsity patterns: checks, orders, conversions."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.errors import PatternError
from sparseopt.patterns.sparsity_pattern import SparsityPattern


@st.composite
def patterns(draw):
    shape = draw(st.tuples(st.integers(1, 8), st.integers(1, 8)))
    places = st.tuples(st.integers(0, shape[0] - 1), st.integers(0, shape[1] - 1))
    entries = draw(st.lists(places, unique=True, max_size=30))
    rows, cols = (np.array([e[k] for e in entries], int) for k in (0, 1))
    return SparsityPattern(rows, cols, shape)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(patterns())
def test_values_keep_their_places_in_every_conversion(pattern):
    values = np.arange(1.0, pattern.nnz + 1)
    dense = np.zeros(pattern.shape)
    dense[pattern.rows, pattern.cols] = values
    matrix = pattern.to_csr(values)
    np.testing.assert_array_equal(matrix.toarray(), dense)
    assert matrix.has_canonical_format
    assert matrix.nnz == pattern.nnz
    np.testing.assert_array_equal(values[pattern.csr_order], matrix.data)
    for row in range(pattern.shape[0]):
        for col in range(pattern.shape[1]):
            place = pattern.find(row, col)
            assert dense[row, col] == (values[place] if place >= 0 else 0.0)


def test_symmetric_patterns_fill_both_triangles_and_the_diagonal_once():
    pattern = SparsityPattern(
        np.array([2, 0, 2, 1]), np.array([0, 0, 2, 0]), (3, 3), symmetric=True
    )
    values = np.array([5.0, 1.0, 7.0, 3.0])
    expected = [[1.0, 3.0, 5.0], [3.0, 0.0, 0.0], [5.0, 0.0, 7.0]]
    np.testing.assert_array_equal(pattern.to_symmetric(values).toarray(), expected)
    np.testing.assert_array_equal(pattern.to_matrix(values).toarray(), expected)
    assert pattern.find(0, 2) == pattern.find(2, 0) == 0
    assert pattern.density == pytest.approx(6 / 9)


def test_explicit_zeros_stay_so_that_the_structure_is_the_same_at_every_call():
    pattern = SparsityPattern(np.array([0, 1]), np.array([1, 1]), (2, 3))
    assert pattern.to_csr(np.zeros(2)).nnz == 2


def test_patterns_are_equal_whatever_the_order_of_their_values():
    one = SparsityPattern(np.array([0, 1]), np.array([1, 0]), (2, 2))
    other = SparsityPattern(np.array([1, 0]), np.array([0, 1]), (2, 2))
    assert one == other
    assert one != SparsityPattern(np.array([0]), np.array([1]), (2, 2))
    assert one != SparsityPattern(np.array([0, 1]), np.array([1, 0]), (2, 3))


def test_from_scipy_counts_explicit_zeros():
    matrix = sp.coo_array(([0.0, 2.0], ([0, 1], [1, 2])), shape=(2, 3))
    assert SparsityPattern.from_scipy(matrix).nnz == 2
    square = sp.csr_array(np.array([[1.0, 2.0], [2.0, 0.0]]))
    lower = SparsityPattern.from_scipy(square, symmetric=True)
    assert sorted(zip(lower.rows.tolist(), lower.cols.tolist(), strict=True)) == [(0, 0), (1, 0)]


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (3, 0), (1, 1)])
def test_empty_patterns(shape):
    empty = SparsityPattern(np.zeros(0, int), np.zeros(0, int), shape)
    assert empty.to_csr(np.zeros(0)).shape == shape
    assert empty.density == 0.0
    assert "nnz=0" in repr(empty)


@pytest.mark.parametrize(
    ("rows", "cols", "symmetric", "message"),
    [
        ([0, 0], [1, 1], False, "twice"),
        ([0, 2], [1, 1], False, "outside"),
        ([0, -1], [1, 1], False, "outside"),
        ([0], [1, 1], False, "lengths"),
        ([0], [1], True, "lower triangle"),
    ],
)
def test_bad_patterns_raise(rows, cols, symmetric, message):
    with pytest.raises(PatternError, match=message):
        SparsityPattern(np.array(rows), np.array(cols), (2, 2), symmetric=symmetric)


@pytest.mark.parametrize("change", ["eliminate_zeros", "sort_indices", "sum_duplicates"])
def test_changing_a_matrix_in_place_does_not_change_the_pattern(change):
    pattern = SparsityPattern(np.array([0, 1, 1]), np.array([1, 0, 1]), (2, 2))
    for convert in (pattern.to_csr, pattern.to_matrix):
        getattr(convert(np.array([0.0, 5.0, 0.0])), change)()
        assert convert(np.array([1.0, 2.0, 3.0])).toarray().tolist() == [[0.0, 1.0], [2.0, 3.0]]
    getattr(pattern.to_scipy(), change)()
    assert pattern.nnz == 3


def test_matrices_are_in_scipys_canonical_format():
    pattern = SparsityPattern(np.array([1, 0, 1]), np.array([1, 1, 0]), (2, 3))
    matrix = pattern.to_csr(np.array([1.0, 2.0, 3.0]))
    matrix.check_format(full_check=True)
    assert matrix.has_canonical_format
    assert (matrix @ np.ones(3)).tolist() == [2.0, 4.0]
    assert matrix.T.tocsc().shape == (3, 2)
