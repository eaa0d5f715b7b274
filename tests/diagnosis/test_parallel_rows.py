"""Rows that are multiples of others, against comparing every pair."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sparseopt.diagnosis.parallel_rows import parallel_rows

MATRICES = st.tuples(st.integers(1, 8), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-2, 2).map(float))
)


def brute_force(dense):
    pairs = []
    for second in range(len(dense)):
        for first in range(second):
            two = dense[[first, second]]
            if two.any(axis=1).all() and np.linalg.matrix_rank(two) == 1:
                pairs.append((first, second))
                break
    return pairs


@given(MATRICES)
def test_each_multiple_is_found_with_the_first_row_of_its_kind(dense):
    found = parallel_rows(sp.csr_array(dense))
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == brute_force(dense)
    multiples = found.factor[:, None] * dense[found.first]
    assert np.allclose(multiples, dense[found.second], rtol=1e-12)


def test_stored_zeros_do_not_matter_and_huge_rows_do_not_overflow():
    entries = [1e200, -3e200, 0.0, 1.0, -3.0]
    matrix = sp.csr_array((entries, [0, 1, 2, 0, 1], [0, 3, 5]), shape=(2, 3))
    found = parallel_rows(matrix)
    assert (found.first.tolist(), found.second.tolist()) == ([0], [1])


def test_a_small_difference_makes_rows_different():
    matrix = sp.csr_array(np.array([[1.0, 1.0], [1.0, 1.0 + 1e-8]]))
    assert parallel_rows(matrix).first.size == 0
