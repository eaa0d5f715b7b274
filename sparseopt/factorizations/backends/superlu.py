"""SuperLU, which comes with SciPy (Demmel et al. 1999, doi:10.1137/S0895479895291765).

A matrix with a symmetric pattern is ordered by the minimum degree of A + Aᵀ and keeps its diagonal
pivots where they are not tiny, which fills in far less; where that costs digits, it is factored
again with partial pivoting.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from numpy.typing import NDArray

from sparseopt.factorizations.protocol import Backend

__all__ = ["BACKEND"]

Array = NDArray[Any]

_SYMMETRIC_MODE: dict[str, Any] = {
    "permc_spec": "MMD_AT_PLUS_A",
    "diag_pivot_thresh": 0.01,
    "options": {"SymmetricMode": True},
}
_BACKWARD_ERROR = 1e-12


class SuperLUFactors:
    """P A Q = L U with partial pivoting."""

    def __init__(self, matrix: sp.csc_array) -> None:
        self._lu = _diagonal_pivots(matrix) or _factored(matrix)

    def solve(self, b: Array) -> Array:
        """Return x with A x = b."""
        return np.asarray(self._lu.solve(b))

    def solve_transposed(self, b: Array) -> Array:
        """Return x with Aᵀ x = b."""
        return np.asarray(self._lu.solve(b, trans="T"))


def _factored(matrix: sp.csc_array, **options: Any) -> Any:
    try:
        return spl.splu(matrix, **options)
    except RuntimeError as error:
        raise ZeroDivisionError(str(error)) from error


def _diagonal_pivots(matrix: sp.csc_array) -> Any:
    """Return factors with the pivots on the diagonal, or None where they are not to be had."""
    if not _has_symmetric_pattern(matrix) or not np.all(matrix.diagonal()):
        return None
    try:
        factors = _factored(matrix, **_SYMMETRIC_MODE)
    except ZeroDivisionError:
        return None
    b = matrix @ np.ones(matrix.shape[0])
    x = factors.solve(b)
    size = abs(matrix) @ np.abs(x) + np.abs(b)
    residual = np.abs(matrix @ x - b)
    return factors if np.all(residual <= _BACKWARD_ERROR * size) else None


def _has_symmetric_pattern(matrix: sp.csc_array) -> bool:
    turned = sp.csc_array(matrix.T)
    turned.sort_indices()
    return np.array_equal(turned.indptr, matrix.indptr) and np.array_equal(
        turned.indices, matrix.indices
    )


BACKEND = Backend("superlu", "scipy", "pip install scipy", 0, lambda _: True, SuperLUFactors)
