"""Block triangular forms: the same solutions as of dense algebra, and no fill between blocks."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import sparseopt as so
from sparseopt.errors import SingularMatrixError
from sparseopt.reduction import block_triangular
from sparseopt.reduction.block_triangular import block_triangular_form


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(block_triangular, "_SMALLEST", 1)


def shuffled_steps(seed, num_steps, size):
    """A block lower triangular matrix whose rows and columns are out of order."""
    rng = np.random.default_rng(seed)
    own = rng.uniform(-1.0, 1.0, (size, size)) + 4 * np.eye(size)
    whole = np.kron(np.eye(num_steps), own)
    for step in range(1, num_steps):
        earlier = int(rng.integers(step))
        rows, columns = slice(step * size, (step + 1) * size), slice(earlier * size, None)
        whole[rows, columns][:, :size] = rng.uniform(-1.0, 1.0, (size, size))
    n = num_steps * size
    return sp.coo_array(whole[rng.permutation(n)][:, rng.permutation(n)])


@pytest.mark.usefixtures("small_blocks")
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 6), st.integers(1, 4))
def test_solutions_are_those_of_the_whole_matrix(seed, num_steps, size):
    matrix = shuffled_steps(seed, num_steps, size)
    rows, columns = (index.astype(np.int64) for index in matrix.coords)
    form = block_triangular_form(rows, columns, matrix.shape[0])
    assert form is not None
    assert len(form) == num_steps
    factors = form.factor(matrix.data, "auto")
    b = np.random.default_rng(seed).standard_normal((matrix.shape[0], 2))
    dense = matrix.toarray()
    np.testing.assert_allclose(dense @ factors.solve(b), b, atol=1e-9)
    np.testing.assert_allclose(dense.T @ factors.solve_transposed(b), b, atol=1e-9)
    np.testing.assert_allclose(factors.solve(b[:, 0]), factors.solve(b)[:, 0], atol=1e-12)


@pytest.mark.usefixtures("small_blocks")
def test_a_singular_block_is_named_by_rows_of_the_whole_matrix():
    dense = np.kron(np.eye(4), [[2.0, 1.0], [1.0, 2.0]])
    dense[4:6, 4:6] = 1.0
    dense[2:, :2] = 1.0
    matrix = sp.coo_array(dense)
    rows, columns = (index.astype(np.int64) for index in matrix.coords)
    form = block_triangular_form(rows, columns, 8)
    with pytest.raises(SingularMatrixError) as caught:
        form.factor(matrix.data, "auto")
    assert sorted(caught.value.rows) == [4, 5]


def test_one_large_block_has_no_form():
    matrix = sp.coo_array(np.ones((4, 4)))
    rows, columns = (index.astype(np.int64) for index in matrix.coords)
    assert block_triangular_form(rows, columns, 4) is None


@pytest.mark.usefixtures("small_blocks")
def test_steps_of_an_evolution_equation_are_blocks():
    model = so.Model("heat")
    u = model.variable("u", shape=(5, 4), start=1.0)
    k = model.variable("k", start=1.0)
    model.minimize(np.sum((u - 0.5) ** 2))
    v = np.pad(u[1:], [(0, 0), (1, 1)])
    model.subject_to(u[0] == np.array([1.0, 2.0, 2.0, 1.0]), name="first")
    growth = k * (v[:, :-2] - 2 * u[1:] + v[:, 2:])
    model.subject_to(u[1:] - u[:-1] == growth, name="steps")
    reduced = model.reduce("u", by=["first", "steps"])
    assert [block.stop for block in reduced._equations._blocks] == [4, 8, 12, 16]
    assert reduced.taylor_test([1.0], [1.0]).ok
    assert reduced.counts.factorizations == reduced.counts.newton_iterations
