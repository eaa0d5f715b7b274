"""CHOLMOD by scikit-sparse: A = L Lᵀ (Chen et al. 2008, doi:10.1145/1391989.1391995)."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.factorizations.protocol import Backend

__all__ = ["BACKEND"]

Array = NDArray[Any]


class CholmodFactors:
    """Cholesky factors of a symmetric positive definite matrix."""

    def __init__(self, matrix: sp.csc_array) -> None:
        cholmod = importlib.import_module("sksparse.cholmod")
        if not _is_symmetric(matrix):
            raise ArithmeticError("the matrix is not symmetric, and CHOLMOD takes no other")
        try:
            self._factor = cholmod.cholesky(sp.csc_matrix(matrix))
        except cholmod.CholmodNotPositiveDefiniteError as error:
            raise ArithmeticError("the matrix is not positive definite") from error

    def solve(self, b: Array) -> Array:
        """Return x with A x = b."""
        return np.asarray(self._factor.solve_A(b))

    solve_transposed = solve


def _is_symmetric(matrix: sp.csc_array) -> bool:
    return bool((matrix - matrix.T).count_nonzero() == 0)


def _fits(matrix: sp.csc_array) -> bool:
    return bool(np.all(matrix.diagonal() > 0)) and _is_symmetric(matrix)


BACKEND = Backend("cholmod", "sksparse", "pip install scikit-sparse", 3, _fits, CholmodFactors)
