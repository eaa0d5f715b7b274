"""PARDISO of Intel's MKL by pypardiso.

Schenk and Gärtner (2004), doi:10.1016/j.future.2003.07.011.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.factorizations.protocol import Backend

__all__ = ["BACKEND"]

Array = NDArray[Any]

_PERTURBED = 14  # place of the number of replaced pivots, counted from one
_WORTH_WHILE = 20_000  # rows; below, SuperLU is done before MKL's threads have started


class PardisoFactors:
    """LU factors; the memory that MKL holds for them is given back with the object."""

    def __init__(self, matrix: sp.csc_array) -> None:
        library = importlib.import_module("pypardiso")
        self._solver = library.PyPardisoSolver()
        self._rows = sp.csr_matrix(matrix)
        self._rows.sort_indices()
        try:
            self._solver.factorize(self._rows)
        except Exception as error:  # pypardiso has one exception for everything
            raise ZeroDivisionError(str(error)) from error
        if self._solver.get_iparm(_PERTURBED):
            raise ZeroDivisionError("PARDISO has replaced pivots that were nearly zero")

    def solve(self, b: Array) -> Array:
        """Return x with A x = b."""
        return np.asarray(self._solver.solve(self._rows, b)).reshape(b.shape)

    def solve_transposed(self, b: Array) -> Array:
        """Return x with Aᵀ x = b."""
        # The same arrays as columns: pypardiso knows them, and solves with the factors of A.
        return np.asarray(self._solver.solve(self._rows.T, b)).reshape(b.shape)

    def __del__(self) -> None:
        solver = getattr(self, "_solver", None)
        if solver is not None:
            solver.free_memory(everything=True)


def _fits(matrix: sp.csc_array) -> bool:
    return bool(matrix.shape[0] >= _WORTH_WHILE)


BACKEND = Backend("pardiso", "pypardiso", "pip install pypardiso", 2, _fits, PardisoFactors)
