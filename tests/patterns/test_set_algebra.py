"""Patterns as sets of entries, their triangles, and what is no pattern."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.errors import PatternError
from sparseopt.patterns import checks
from sparseopt.patterns.entry_keys import decode, distinct, encode
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from tests.patterns.detected import entries, lines

SHAPE = (4, 5)
PLACES = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 4)))


def pattern_of(places, shape=SHAPE, **options):
    rows, cols = (np.array([p[k] for p in places], int) for k in (0, 1))
    return SparsityPattern(rows, cols, shape, **options)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(one=PLACES, other=PLACES)
def test_set_algebra_is_that_of_python_sets(one, other):
    a, b = pattern_of(one), pattern_of(other)
    assert entries(a | b) == one | other
    assert entries(a & b) == one & other
    assert entries(a - b) == one - other
    assert (a <= b) == (one <= other)
    assert a.issubset(b) == one.issubset(other)
    assert (a == b) == (one == other)
    assert entries(a.T) == {(col, row) for row, col in one}
    assert a.T.shape == (5, 4)


def test_results_are_sorted_by_rows():
    a, b = pattern_of([(3, 1), (0, 2)]), pattern_of([(3, 0), (0, 4)])
    assert (a | b).rows.tolist() == [0, 0, 3, 3]
    assert (a | b).cols.tolist() == [2, 4, 0, 1]
    assert (a - b).rows.tolist() == [0, 3]


def test_triangles_of_symmetric_patterns():
    lower = pattern_of([(1, 0), (2, 2)], (3, 3), symmetric=True)
    assert lines(lower) == [".#.", "#..", "..#"]
    assert not lower.full().symmetric
    assert entries(lower.full()) == {(0, 1), (1, 0), (2, 2)}
    assert lower.full().lower() == lower
    assert lower.lower() is lower
    assert lower.T is lower
    assert pattern_of([(0, 1)]).full().nnz == 1


def test_symmetric_patterns_combine_with_whole_ones():
    lower = pattern_of([(1, 0), (2, 2)], (3, 3), symmetric=True)
    whole = pattern_of([(0, 1)], (3, 3))
    assert entries(lower & whole) == {(0, 1)}
    assert entries(lower - whole) == {(1, 0), (2, 2)}
    assert (lower | lower).symmetric
    assert whole <= lower
    assert not lower <= whole


def test_what_is_combined_with_a_local_pattern_is_local():
    whole = pattern_of([(0, 1)])
    local = pattern_of([(0, 1)], is_local=True)
    assert (whole | local).is_local
    assert local.T.is_local
    assert not (whole & whole).is_local


def test_the_whole_matrix_of_flags():
    lower = pattern_of([(1, 0), (1, 1)], (2, 2), symmetric=True)
    matrix = lower.to_scipy()
    assert matrix.dtype == bool
    assert matrix.toarray().tolist() == [[False, True], [True, True]]
    assert SparsityPattern.from_scipy(matrix, symmetric=True) == lower


def test_keys_sort_like_entries():
    rows, cols = np.array([2, 0, 2, 0]), np.array([1, 2**31 - 1, 1, 3])
    found = distinct([encode(rows[:2], cols[:2]), encode(rows[2:], cols[2:])])
    assert [part.tolist() for part in decode(found)] == [[0, 0, 2], [3, 2**31 - 1, 1]]
    assert distinct([]).size == 0


@pytest.mark.parametrize(
    ("matrix", "symmetric", "message"),
    [
        (np.array([[1.0, np.nan]]), False, r"entry \(0, 1\).* NaN"),
        (sp.csr_array(np.array([[0.0, np.nan], [0.0, 1.0]])), False, r"entry \(0, 1\).* NaN"),
        (np.array([[1.0, 2.0], [0.0, 1.0]]), True, r"has the entry \(0, 1\) and not \(1, 0\)"),
        (
            np.array([[1.0, 2, 0], [1, 1, 0], [1, 1, 1.0]]),
            True,
            r"entry \(2, 0\) and not \(0, 2\)",
        ),
        (np.ones((2, 3)), True, r"symmetric pattern cannot have the shape \(2, 3\)"),
        (np.ones(3), False, "1 dimensions"),
        (np.array([["a"]]), False, "no pattern"),
    ],
)
def test_matrices_that_are_no_pattern(matrix, symmetric, message):
    with pytest.raises(PatternError, match=message):
        SparsityPattern.from_scipy(matrix, symmetric=symmetric)


def test_a_lower_triangle_is_a_symmetric_pattern():
    lower = np.array([[1.0, 0.0], [2.0, 0.0]])
    assert entries(SparsityPattern.from_scipy(lower, symmetric=True)) == {(0, 0), (1, 0)}
    with pytest.raises(PatternError, match=r"\(0, 1\) and not \(1, 0\)"):
        pattern_of([(0, 1)], (2, 2)).lower()


def test_malformed_sparse_matrices():
    outside = sp.csr_array(np.eye(2))
    outside.indices[1] = 7
    with pytest.raises(PatternError, match="malformed"):
        SparsityPattern.from_scipy(outside)
    twice = sp.csr_array((np.ones(2), np.array([1, 1]), np.array([0, 2])), shape=(1, 3))
    with pytest.raises(PatternError, match=r"entry \(0, 1\) occurs twice"):
        SparsityPattern.from_scipy(twice)


@pytest.mark.parametrize(
    ("rows", "cols", "shape", "message"),
    [
        ([2**33], [0], (2, 2), "rows 8589934592 lies outside"),
        ([0], [-(2**40)], (2, 2), "cols -1099511627776 lies outside"),
        ([0.5], [0], (2, 2), "rows of a pattern are float64"),
        ([[0]], [0], (2, 2), "2 dimensions"),
        ([0], [0], (2**31, 2), "cannot have the shape"),
        ([0, 1, 0], [1, 1, 1], (2, 2), r"entry \(0, 1\) occurs twice"),
        ([0, 3], [1, 1], (2, 2), r"entry \(3, 1\) lies outside"),
    ],
)
def test_places_that_are_no_pattern(rows, cols, shape, message):
    with pytest.raises(PatternError, match=message):
        SparsityPattern(np.array(rows), np.array(cols), shape)


def test_more_entries_than_32_bits_number_are_refused(monkeypatch):
    monkeypatch.setattr(checks, "LARGEST", 3)
    with pytest.raises(PatternError, match="a pattern of 4 entries"):
        SparsityPattern(np.zeros(4, int), np.arange(4), (1, 4))


def test_patterns_of_other_shapes_do_not_combine():
    with pytest.raises(PatternError, match=r"\(4, 5\) and \(5, 4\)"):
        pattern_of([(0, 1)]) | pattern_of([(0, 1)]).T
