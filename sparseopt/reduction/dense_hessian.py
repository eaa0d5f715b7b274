"""A reduced problem with the matrix of its second derivatives, for solvers that factor one.

The matrix is dense.  It takes the derivatives of the states by all parameters, a linear solve for
each of these, which rows that see states use too.  It is for few parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.reduction.reduced_functions import ReducedFunctions

__all__ = ["DenseHessian"]

FloatArray = NDArray[np.float64]


class DenseHessian:
    """The same problem, whose `hessian_values` are those of a dense matrix.

    Parameters
    ----------
    problem : ReducedFunctions
    """

    is_matrix_free = False

    def __init__(self, problem: ReducedFunctions) -> None:
        self._problem = problem
        size = problem.num_variables
        rows, columns = (index.astype(np.int32) for index in np.tril_indices(size))
        self.hessian_pattern = SparsityPattern(rows, columns, (size, size), symmetric=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._problem, name)

    def hessian_values(
        self, p: FloatArray, multipliers: FloatArray, objective_weight: float = 1.0
    ) -> FloatArray:
        """Return the entries of the lower triangle; NaN where there are no states."""
        matrix = self._problem.dense_hessian(p, multipliers, objective_weight)
        return matrix[self.hessian_pattern.rows, self.hessian_pattern.cols]

    def hessian(
        self, p: FloatArray, multipliers: FloatArray, objective_weight: float = 1.0
    ) -> sp.csr_array:
        """Return the whole matrix."""
        return sp.csr_array(self._problem.dense_hessian(p, multipliers, objective_weight))
