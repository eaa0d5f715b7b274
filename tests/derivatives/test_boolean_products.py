"""Products of patterns with full rows and cliques are the plain products."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from sparseopt.coloring.dense_patterns import is_nearly_complete, own_colors
from sparseopt.derivatives import boolean_products
from sparseopt.derivatives.boolean_products import congruence, product
from sparseopt.patterns.sparsity_pattern import SparsityPattern


@pytest.fixture(autouse=True)
def _no_product_is_moderate(monkeypatch):
    monkeypatch.setattr(boolean_products, "MODERATE", 0)


def random_pattern(rng, shape, density):
    return sp.csr_array((rng.random(shape) < density).astype(np.float32))


def with_wide_rows(rng, pattern, columns):
    dense = pattern.toarray()
    for row in rng.integers(dense.shape[0], size=3):
        dense[row, columns] = 1.0
    return sp.csr_array(dense)


@pytest.mark.parametrize("seed", range(8))
def test_rows_that_meet_a_full_row_are_full(seed):
    rng = np.random.default_rng(seed)
    first = random_pattern(rng, (9, 7), 0.3)
    second = with_wide_rows(rng, random_pattern(rng, (7, 8), 0.2), slice(None, -2))
    expected = first.toarray() @ second.toarray() > 0
    np.testing.assert_array_equal(product(first, second).toarray() > 0, expected)


@pytest.mark.parametrize("seed", range(12))
def test_pairs_of_variables_are_those_of_the_plain_product(seed):
    rng = np.random.default_rng(seed)
    inner = with_wide_rows(rng, random_pattern(rng, (12, 10), 0.15), rng.permutation(10)[:6])
    half = random_pattern(rng, (12, 12), 0.15)
    curved = sp.csr_array(half + half.T)
    dense = inner.toarray()
    expected = np.tril(dense.T @ curved.toarray() @ dense) > 0
    np.testing.assert_array_equal(congruence(inner, curved).toarray() > 0, expected)


def test_what_lies_within_a_clique_is_not_multiplied(monkeypatch):
    inner = sp.csr_array(np.tri(6, dtype=np.float32)[::-1])
    curved = sp.csr_array(np.ones((6, 6), np.float32))
    left = []
    chosen = boolean_products._chosen
    monkeypatch.setattr(
        boolean_products, "_chosen", lambda *args: left.append(chosen(*args)) or left[-1]
    )
    assert congruence(inner, curved).nnz == 21
    assert left[0].nnz == 0


def test_a_complete_pattern_has_a_color_for_each_column_that_has_entries():
    n = 700
    rows, cols = np.tril_indices(n)
    pattern = SparsityPattern(rows[1:], cols[1:], (n, n), symmetric=True)
    assert is_nearly_complete(pattern)
    coloring = own_colors(pattern, "symmetric")
    values = np.arange(1.0, pattern.nnz + 1.0)
    matrix = pattern.to_matrix(values)
    assert abs(coloring.decompress(coloring.compress(matrix)) - matrix).max() == 0.0


def test_a_band_is_not_nearly_complete_however_large():
    n = 3000
    rows, cols = (np.repeat(np.arange(n), 300), (np.arange(300) + np.arange(n)[:, None]) % n)
    assert not is_nearly_complete(SparsityPattern(rows, cols.ravel(), (n, n)))


@pytest.mark.parametrize("partition", ["column", "row"])
def test_columns_or_rows_without_entries_need_no_color(partition):
    dense = np.zeros((4, 5))
    dense[1:, [0, 2, 4]] = 1.0
    coloring = own_colors(SparsityPattern.from_scipy(dense), partition)
    assert coloring.num_colors == 3
    np.testing.assert_array_equal(coloring.decompress(coloring.compress(dense)).toarray(), dense)
