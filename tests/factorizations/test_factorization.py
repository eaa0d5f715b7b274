"""Sparse factorizations: against dense solves, singular matrices by row, backends by name."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.errors import (
    NonFiniteError,
    ShapeError,
    SingularMatrixError,
    SolverNotInstalledError,
    UnknownSolverError,
)
from sparseopt.factorizations import backend_names, factorization, require_structural_rank
from sparseopt.factorizations.registry import _is_installed


def neumann_laplacian(n: int) -> sp.csc_array:
    """Minus the second difference with slopes zero at the ends: constants are its null space."""
    main = np.r_[1.0, np.full(n - 2, 2.0), 1.0]
    side = -np.ones(n - 1)
    return sp.diags_array([main, side, side], offsets=[0, 1, -1]).tocsc()


def grid(matrix: sp.csc_array) -> sp.csc_array:
    one = sp.eye_array(matrix.shape[0])
    return (sp.kron(matrix, one) + sp.kron(one, matrix)).tocsc()


@given(st.integers(1, 12), st.integers(0, 10**6), st.booleans())
@settings(max_examples=40, deadline=None)
def test_random_systems_agree_with_dense_ones(n, seed, symmetric_pattern):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.4) + np.diag(rng.uniform(1, 2, n))
    if symmetric_pattern:
        matrix = matrix + matrix.T * rng.uniform(0.5, 1.5)
    if np.linalg.cond(matrix) > 1e8:
        return
    F = factorization(sp.csr_array(matrix), backend="superlu")
    b, B = rng.normal(size=n), rng.normal(size=(n, 3))
    for right in (b, B):
        np.testing.assert_allclose(matrix @ F.solve(right), right, atol=1e-7)
        np.testing.assert_allclose(matrix.T @ F.solve_transposed(right), right, atol=1e-7)
    assert F.num_solves == 2 * (1 + 3)


def test_a_saddle_point_with_a_zero_diagonal_is_solved():
    matrix = sp.csc_array([[2.0, 0.0, 1.0], [0.0, 3.0, 1.0], [1.0, 1.0, 0.0]])
    F = factorization(matrix)
    np.testing.assert_allclose(matrix @ F.solve([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0], rtol=1e-13)


def test_tiny_diagonal_pivots_cost_no_digits():
    matrix = np.array([[1e-14, 1.0, 0.0], [1.0, 1e-14, 1.0], [0.0, 1.0, 1.0]])
    x = factorization(sp.csc_array(matrix)).solve([1.0, 2.0, 3.0])
    np.testing.assert_allclose(x, np.linalg.solve(matrix, [1.0, 2.0, 3.0]), atol=1e-13)


@pytest.mark.parametrize("factors", [(1e-30, 1.0), (1.0, 1e30)])
def test_bad_scaling_is_not_singularity(factors):
    rows, columns = (np.array([1.0, f, 1.0]) for f in factors)
    matrix = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])
    scaled = rows[:, None] * matrix * columns
    x = factorization(sp.csc_array(scaled)).solve(rows * [1.0, 2.0, 3.0])
    np.testing.assert_allclose(columns * x, np.linalg.solve(matrix, [1.0, 2.0, 3.0]), rtol=1e-12)


def test_an_ill_conditioned_plate_is_not_refused():
    plate = grid(neumann_laplacian(12) + sp.eye_array(12))
    assert factorization(plate @ plate @ plate).solve(np.ones(144)).shape == (144,)


def test_rows_with_too_few_columns_between_them_are_named():
    matrix = np.diag(np.ones(6))
    matrix[4] = 0.0
    matrix[4, 2] = 5.0
    with pytest.raises(SingularMatrixError, match="structurally singular") as error:
        factorization(sp.csc_array(matrix))
    assert sorted(error.value.rows) == [2, 4]
    assert list(error.value.columns) == [4]
    with pytest.raises(SingularMatrixError, match="rows 2, 4 have entries in column 2 only"):
        require_structural_rank(sp.csr_array(matrix))


def test_an_empty_row_is_named():
    with pytest.raises(SingularMatrixError, match="no entry in row 1") as error:
        factorization(sp.csc_array(np.diag([1.0, 0.0, 2.0])))
    assert list(error.value.rows) == [1]
    with pytest.raises(SingularMatrixError, match="no entry in row"):
        factorization(sp.csc_array((2, 2)))


def test_rows_that_are_dependent_by_their_values_are_named():
    matrix = np.diag(np.arange(1.0, 8.0))
    matrix[1, 2] = 2.0
    matrix[5, [1, 2]] = 3.0 * matrix[1, [1, 2]]
    matrix[5, 5] = 0.0
    matrix[2, 5] = 0.0
    with pytest.raises(SingularMatrixError) as error:
        factorization(sp.csc_array(matrix))
    assert set(error.value.rows) >= {1, 5}
    equal = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0], [3.0, 6.0, 0.0]])
    with pytest.raises(SingularMatrixError, match="are dependent") as error:
        factorization(sp.csc_array(equal))
    assert sorted(error.value.rows) == [0, 2]


@pytest.mark.parametrize("matrix", [neumann_laplacian(50), grid(neumann_laplacian(40))])
def test_a_laplacian_without_a_boundary_value_is_singular_in_all_rows(matrix):
    with pytest.raises(SingularMatrixError, match="dependent") as error:
        factorization(matrix)
    assert error.value.rows.size == matrix.shape[0]


def test_an_entry_that_is_nan_is_named():
    matrix = sp.csc_array([[1.0, np.nan], [0.0, 1.0]])
    with pytest.raises(NonFiniteError, match="nan in row 0, column 1"):
        factorization(matrix)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="square"):
        factorization(sp.csc_array((2, 3)))
    with pytest.raises(ShapeError, match="right-hand side"):
        factorization(sp.eye_array(3)).solve(np.ones(2))


def test_an_unknown_or_missing_backend_is_named():
    assert backend_names() == ("cholmod", "pardiso", "umfpack", "superlu")
    with pytest.raises(UnknownSolverError, match="superlu"):
        factorization(sp.eye_array(2), backend="superlo")
    missing = [name for name in ("cholmod", "umfpack", "pardiso") if not installed(name)]
    for name in missing:
        with pytest.raises(SolverNotInstalledError, match="pip install"):
            factorization(sp.eye_array(2), backend=name)


def installed(name: str) -> bool:
    packages = {"cholmod": "sksparse", "umfpack": "scikits.umfpack", "pardiso": "pypardiso"}
    return _is_installed(packages[name])
