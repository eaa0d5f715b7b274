"""UMFPACK by scikit-umfpack: multifrontal LU (Davis 2004, doi:10.1145/992200.992206)."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.factorizations.protocol import Backend

__all__ = ["BACKEND"]

Array = NDArray[Any]


class UmfpackFactors:
    """P R A Q = L U with rows scaled."""

    def __init__(self, matrix: sp.csc_array) -> None:
        self._library = importlib.import_module("scikits.umfpack")
        self._matrix = sp.csc_matrix(matrix)
        self._context = self._library.UmfpackContext("di")
        self._context.numeric(self._matrix)
        if self._context.info[self._library.UMFPACK_STATUS]:
            raise ZeroDivisionError("UMFPACK meets a pivot that is zero")

    def _columns(self, system: int, b: Array) -> Array:
        solved = [
            self._context.solve(system, self._matrix, column) for column in np.atleast_2d(b.T)
        ]
        return np.stack(solved, axis=-1).reshape(b.shape)

    def solve(self, b: Array) -> Array:
        """Return x with A x = b."""
        return self._columns(self._library.UMFPACK_A, b)

    def solve_transposed(self, b: Array) -> Array:
        """Return x with Aᵀ x = b."""
        return self._columns(self._library.UMFPACK_At, b)


BACKEND = Backend(
    "umfpack", "scikits.umfpack", "pip install scikit-umfpack", 1, lambda _: True, UmfpackFactors
)
