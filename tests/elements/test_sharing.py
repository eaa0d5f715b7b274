"""What elements share: copies that meet again in one row need no stage."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.elements.materialization import choose_stages
from sparseopt.elements.sharing import num_operations_of_element, num_readers
from sparseopt.graph.nodes import Elementwise
from sparseopt.tracing.trace import trace


def nodes_of(function, size):
    program, _ = trace(function, (size,), [])
    return program, program.nodes()


def named(order, name):
    return [n for n in order if isinstance(n, Elementwise) and n.function.name == name]


def unit_vectors(x):
    vectors = x.reshape(-1, 3)
    length = np.sqrt(np.exp(vectors[:, 0]) + np.sum(np.cos(vectors) ** 2, axis=1))
    return vectors / length[:, None]


def test_copies_that_meet_in_one_row_are_no_stage():
    program, order = nodes_of(lambda x: np.log1p(np.sum(unit_vectors(x) ** 2, axis=1)), 30)
    assert choose_stages(program).stages == []
    (length,) = named(order, "sqrt")
    assert num_readers(length, order, {id(n) for n in program.outputs}) == 1.0


def test_copies_that_go_to_rows_of_their_own_are_a_stage():
    program, order = nodes_of(lambda x: np.log1p(unit_vectors(x).ravel()), 30)
    (length,) = named(order, "sqrt")
    assert num_readers(length, order, {id(n) for n in program.outputs}) == 3.0
    assert length in choose_stages(program).stages


@pytest.mark.parametrize("size", [1, 5, 63, 64, 65, 1000])
def test_readers_of_neighbors_are_counted_at_any_size(size):
    def differences(x):
        y = np.exp(x)
        return np.sin(y[1:]) * y[:-1] if size > 1 else np.sin(y)

    program, order = nodes_of(differences, size)
    (value,) = named(order, "exp")
    found = num_readers(value, order, {id(n) for n in program.outputs})
    samples = min(size, 64)
    expected = (2 * samples - 2) / samples if size > 1 else 1.0
    assert found == expected


def test_readers_behind_sparse_sums_are_counted():
    A = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [4.0, 5.0, 0.0]])
    program, order = nodes_of(lambda x: np.sin(A @ np.exp(x)), 3)
    (value,) = named(order, "exp")
    assert num_readers(value, order, {id(n) for n in program.outputs}) == (3 + 1 + 1) / 3


def test_what_is_shared_in_an_element_is_counted_once():
    program, _ = nodes_of(lambda x: np.log1p(np.sum(unit_vectors(x) ** 2, axis=1)), 30)
    # exp, 3 cosines and squares, sums of 3 as one row, root, 3 divisions and squares, logarithm.
    count = num_operations_of_element(program.outputs[0], set(), 1000)
    assert 15 <= count <= 20
    assert num_operations_of_element(program.outputs[0], set(), 5) > 5
