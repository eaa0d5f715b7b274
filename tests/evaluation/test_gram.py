"""Gram matrices of sparse matrices: against dense products, and how much work they are."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import sparseopt.evaluation.gram as gram_module
from sparseopt.errors import PatternError
from sparseopt.evaluation.gram import Gram, longest_row, num_products
from sparseopt.patterns.sparsity_pattern import SparsityPattern


def random_pattern(seed, shape, density):
    """Return a pattern whose values are in no order."""
    rng = np.random.default_rng(seed)
    rows, cols = np.nonzero(rng.uniform(size=shape) < density)
    order = rng.permutation(rows.size)
    return SparsityPattern(rows[order], cols[order], shape)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 1000),
    rows=st.integers(1, 12),
    cols=st.integers(1, 9),
    density=st.floats(0.0, 1.0),
)
def test_values_are_those_of_the_dense_product(seed, rows, cols, density):
    pattern = random_pattern(seed, (rows, cols), density)
    values = np.random.default_rng(seed + 1).normal(size=pattern.nnz)
    A = pattern.to_csr(values).toarray()
    gram = Gram(pattern, "numpy")
    np.testing.assert_allclose(
        gram.pattern.to_symmetric(gram.values(values)).toarray(), A.T @ A, atol=1e-13
    )
    expected = (A != 0).T.astype(int) @ (A != 0).astype(int)
    assert gram.pattern.nnz == np.count_nonzero(np.tril(expected))


def test_compiled_values_are_those_of_numpy():
    pattern = random_pattern(5, (400, 60), 0.1)
    values = np.random.default_rng(6).normal(size=pattern.nnz)
    np.testing.assert_allclose(
        Gram(pattern, "llvm").values(values), Gram(pattern, "numpy").values(values), rtol=1e-13
    )


def test_a_band_takes_as_many_products_as_its_rows_have_pairs():
    band = SparsityPattern.from_scipy(
        sp.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(1000, 1000))
    )
    assert num_products(band) == 998 * 6 + 2 * 3
    assert Gram(band, "numpy").pattern.nnz == 1000 + 999 + 998


def test_a_dense_row_is_refused_by_number(monkeypatch):
    monkeypatch.setattr(gram_module, "MOST_PRODUCTS", 1000)
    rows = np.concatenate([np.arange(50), np.full(49, 7)])
    cols = np.concatenate([np.arange(50), np.delete(np.arange(50), 7)])
    pattern = SparsityPattern(rows, cols, (50, 50))
    assert (longest_row(pattern), num_products(pattern)) == (7, 49 + 50 * 51 // 2)
    with pytest.raises(PatternError, match=r"1,324 products\n.*row 7 alone has 50 entries"):
        Gram(pattern, "numpy")
