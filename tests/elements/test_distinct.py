"""Numbering what is distinct gives what sorting gives, in work that does not grow with it."""

import sys

import numpy as np
import pytest

from sparseopt.elements.distinct import distinct, distinct_rows
from tests.elements.forms import form_of_objective


@pytest.mark.parametrize("keys", [[3], [5, -2, 5, 0], [0, 10**12, 0, 7]])
def test_keys_are_numbered_in_ascending_order(keys):
    values, labels = distinct(np.array(keys))
    assert values.tolist() == sorted(set(keys))
    assert values[labels].tolist() == keys


@pytest.mark.parametrize("shape", [(1, 1), (5, 0), (4, 9), (300, 1), (300, 3), (300, 7)])
def test_rows_are_numbered_as_by_sorting(shape):
    table = np.random.default_rng(0).integers(-1, 3, shape).astype(np.int32)
    rows, labels = distinct_rows(table)
    expected, inverse = np.unique(table, axis=0, return_inverse=True)
    assert np.array_equal(rows, expected)
    assert np.array_equal(labels, inverse.reshape(-1))


def calls_to_build(n):
    """Return how many Python and C functions are called where leaves meet in all n instances."""
    random = np.random.default_rng(n)
    i, j, k = (random.integers(0, 3, n) + 5 * np.arange(n) for _ in range(3))
    found = 0

    def count(frame, event, argument):
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        form = form_of_objective(lambda x: np.sum(x[i] * np.exp(x[j]) * x[k]), 5 * n)
    finally:
        sys.setprofile(None)
    assert sum(block.count for block in form.objective.blocks) == n
    assert len(form.objective.blocks) == 5  # as many as partitions of three leaves
    return found


def test_separating_leaves_that_meet_calls_no_function_for_each_instance():
    calls_to_build(300)
    assert calls_to_build(3000) < 1.2 * calls_to_build(300)
