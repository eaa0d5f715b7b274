"""The adapters of optional libraries, run with stand-ins that have the libraries' call forms."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as spl

from sparseopt.errors import SingularMatrixError, SolverError
from sparseopt.factorizations import factorization, registry

UNSYMMETRIC = sp.csc_array([[4.0, 1.0, 0.0], [2.0, 5.0, 1.0], [0.0, 0.0, 3.0]])
DEFINITE = sp.csc_array([[4.0, 1.0, 0.0], [1.0, 5.0, 1.0], [0.0, 1.0, 3.0]])


class Pypardiso(ModuleType):
    class PyPardisoSolver:
        """Like pypardiso's: columns are rows of the transpose, and solved as such."""

        def factorize(self, matrix):
            assert matrix.format == "csr"
            dense = matrix.toarray()
            self.perturbed = int(np.linalg.matrix_rank(dense) < matrix.shape[0])
            self.lu = spl.splu(sp.csc_matrix(dense + self.perturbed * 1e-13 * np.eye(len(dense))))

        def get_iparm(self, place):
            assert place == 14
            return self.perturbed

        def solve(self, matrix, b):
            return self.lu.solve(b, trans="N" if matrix.format == "csr" else "T")

        def free_memory(self, everything=False):
            assert everything


class Cholmod(ModuleType):
    class CholmodNotPositiveDefiniteError(Exception):
        pass

    def cholesky(self, matrix):
        if np.linalg.eigvalsh(matrix.toarray())[0] <= 0.0:
            raise self.CholmodNotPositiveDefiniteError
        factor = ModuleType("factor")
        factor.solve_A = spl.splu(matrix).solve
        return factor


class Umfpack(ModuleType):
    UMFPACK_A, UMFPACK_At, UMFPACK_STATUS = 0, 1, 0

    class UmfpackContext:
        def __init__(self, family):
            assert family == "di"

        def numeric(self, matrix):
            is_singular = np.linalg.matrix_rank(matrix.toarray()) < matrix.shape[0]
            self.info = np.array([float(is_singular)])
            self.matrix = matrix.toarray()

        def solve(self, system, matrix, b):
            assert b.ndim == 1
            return np.linalg.solve(self.matrix.T if system else self.matrix, b)


@pytest.fixture(autouse=True)
def libraries(monkeypatch):
    parents = {name: ModuleType(name) for name in ("sksparse", "scikits")}
    modules = {
        **parents,
        "sksparse.cholmod": Cholmod("sksparse.cholmod"),
        "scikits.umfpack": Umfpack("scikits.umfpack"),
        "pypardiso": Pypardiso("pypardiso"),
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    registry._is_installed.cache_clear()
    yield
    registry._is_installed.cache_clear()


@pytest.mark.parametrize("backend", ["superlu", "umfpack", "pardiso", "cholmod"])
@pytest.mark.parametrize("columns", [(), (2,)])
def test_each_solves_with_the_matrix_and_its_transpose(backend, columns):
    matrix = DEFINITE if backend == "cholmod" else UNSYMMETRIC
    F = factorization(matrix, backend=backend)
    b = np.random.default_rng(0).normal(size=(3, *columns))
    assert F.backend == backend
    np.testing.assert_allclose(matrix @ F.solve(b), b, atol=1e-14)
    np.testing.assert_allclose(matrix.T @ F.solve_transposed(b), b, atol=1e-14)


def test_the_best_that_fits_is_taken():
    assert factorization(DEFINITE).backend == "cholmod"
    assert factorization(UNSYMMETRIC).backend == "umfpack", "PARDISO is for large matrices"


def test_what_one_library_cannot_factor_is_left_to_superlu():
    indefinite = sp.csc_array([[1.0, 2.0], [2.0, 1.0]])
    assert factorization(indefinite).backend == "superlu"
    with pytest.raises(SolverError, match="cholmod cannot factor") as error:
        factorization(indefinite, backend="cholmod")
    assert "not positive definite" in error.value.why
    with pytest.raises(SolverError, match="cholmod cannot factor"):
        factorization(UNSYMMETRIC, backend="cholmod")


@pytest.mark.parametrize("backend", ["auto", "superlu", "umfpack", "pardiso", "cholmod"])
def test_a_singular_matrix_is_named_by_all(backend):
    with pytest.raises(SingularMatrixError) as error:
        factorization(sp.csc_array([[1.0, 2.0], [2.0, 4.0]]), backend=backend)
    assert sorted(error.value.rows) == [0, 1]
