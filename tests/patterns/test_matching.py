"""The Dulmage-Mendelsohn decomposition, against its definition."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse.csgraph import structural_rank

from sparseopt.patterns.matching import connected_parts, dulmage_mendelsohn

PATTERNS = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda shape: arrays(np.bool_, shape, elements=st.booleans())
)


def rank(dense):
    return structural_rank(sp.csr_array(dense.astype(float))) if dense.size else 0


def superfluous(dense):
    """Return the rows without which the structural rank is the same: the overdetermined part."""
    whole, rows = rank(dense), range(len(dense))
    return [k for k in rows if rank(np.delete(dense, k, axis=0)) == whole]


@given(PATTERNS)
def test_the_parts_are_those_of_the_definition(dense):
    found = dulmage_mendelsohn(sp.csr_array(dense))
    assert found.structural_rank == rank(dense)
    assert found.overdetermined.rows.tolist() == superfluous(dense)
    assert found.underdetermined.columns.tolist() == superfluous(dense.T)


@given(PATTERNS)
def test_the_columns_of_the_overdetermined_part_are_those_of_its_rows(dense):
    over = dulmage_mendelsohn(sp.csr_array(dense)).overdetermined
    assert over.columns.tolist() == np.flatnonzero(dense[over.rows].any(axis=0)).tolist()
    assert over.rows.size > over.columns.size or over.rows.size == 0


def test_pieces_that_share_nothing_are_apart_and_the_smallest_comes_first():
    dense = np.array(
        [
            [1, 1, 0, 0],
            [1, 1, 0, 0],
            [0, 1, 0, 0],
            [0, 0, 0, 1],
            [0, 0, 0, 1],
        ]
    )
    pattern = sp.csr_array(dense)
    pieces = connected_parts(pattern, dulmage_mendelsohn(pattern).overdetermined)
    assert [(p.rows.tolist(), p.columns.tolist()) for p in pieces] == [
        ([3, 4], [3]),
        ([0, 1, 2], [0, 1]),
    ]


def test_a_pattern_without_entries_is_overdetermined_in_every_row():
    found = dulmage_mendelsohn(sp.csr_array((2, 3)))
    assert found.structural_rank == 0
    assert found.overdetermined.rows.tolist() == [0, 1]
    assert found.underdetermined.columns.tolist() == [0, 1, 2]


def test_a_long_chain_is_decomposed_without_recursion():
    n = 20_000
    chain = sp.diags_array([np.ones(n), np.ones(n - 1)], offsets=[0, -1], format="csr")
    extra = sp.csr_array(([1.0], ([0], [n - 1])), shape=(1, n))
    over = dulmage_mendelsohn(sp.csr_array(sp.vstack([chain, extra]))).overdetermined
    assert (over.rows.size, over.columns.size) == (n + 1, n)
