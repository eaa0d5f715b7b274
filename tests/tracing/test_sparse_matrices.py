"""Constant SciPy matrices times traced arrays, from either side and in every format."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from sparseopt.graph.nodes import Linear
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample

DENSE = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, -3.0, 0.5], [4.0, 0.0, 0.0]])
FORMATS = ["csr", "csc", "coo", "bsr", "dia", "lil", "dok"]
KINDS = [sp.csr_array, sp.csr_matrix]
RTOL = 1e-14


@pytest.fixture(params=FORMATS)
def format_name(request):
    return request.param


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def matrix(request, format_name):
    return request.param(DENSE).asformat(format_name)


def test_matrix_times_vector(matrix):
    assert_same(lambda x: matrix @ x, sample(3), RTOL)


def test_vector_times_matrix(matrix):
    assert_same(lambda x: x @ matrix, sample(4), RTOL)


def test_matrix_times_matrix(matrix):
    assert_same(lambda x: matrix @ x, sample((3, 2)), RTOL)


def test_traced_matrix_times_matrix(matrix):
    assert_same(lambda x: x @ matrix, sample((2, 4)), RTOL)


def test_transposed_matrix(matrix):
    assert_same(lambda x: matrix.T @ x, sample(4), RTOL)


def test_matrix_times_expression_and_slice(matrix):
    assert_same(lambda x: matrix @ np.sin(x[1:4]) + (matrix @ x[:3]) ** 2, sample(5), RTOL)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "coo"])
def test_dot_method(name):
    assert_same(lambda x: sp.csr_array(DENSE).asformat(name).dot(x), sample(3), RTOL)


def test_star_is_the_matrix_product_for_spmatrix():
    assert_same(lambda x: sp.csr_matrix(DENSE) * x, sample(3), RTOL)
    assert_same(lambda x: x * sp.csr_matrix(DENSE), sample(4), RTOL)


def test_dense_matrix_drops_exact_zeros():
    program, _ = trace(lambda x: DENSE @ x, (3,))
    (product,) = program.outputs
    assert isinstance(product, Linear)
    assert product.matrix.nnz == 5


def test_duplicates_are_added_once():
    matrix = sp.csr_array(([1.0, 2.0, -3.0], [0, 0, 1], [0, 3]), (1, 2))
    program, _ = trace(lambda x: matrix @ x, (2,))
    assert program.outputs[0].matrix.nnz == 2
    assert_same(lambda x: matrix @ x, sample(2), RTOL)


def test_the_users_matrix_is_not_changed():
    matrix = sp.csr_array((np.array([0.0, 1.0]), [1, 0], [0, 2]), (1, 2))
    trace(lambda x: matrix @ x, (2,))
    assert matrix.nnz == 2
    assert list(matrix.indices) == [1, 0]


def test_matrix_of_integers_and_booleans():
    assert_same(lambda x: sp.csr_array(DENSE.astype(np.int8)) @ x, sample(3), RTOL)
    assert_same(lambda x: sp.csr_array(DENSE != 0.0) @ x, sample(3), RTOL)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (1, 1)], ids=str)
def test_empty_and_unit_matrices(shape):
    assert_same(lambda x: sp.csr_array(np.ones(shape)) @ x, sample(shape[1]), RTOL)


def test_matrix_of_zeros_leaves_no_dependence():
    program, _ = trace(lambda x: np.zeros((2, 3)) @ x, (3,))
    assert [node.args for node in program.nodes()] == [()]
    assert_same(lambda x: sp.csr_array((2, 3)) @ x, sample(3))
