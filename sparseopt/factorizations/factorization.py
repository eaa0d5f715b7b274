"""`factorization`: a sparse matrix factored by one of the backends."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import NonFiniteError, ShapeError, SingularMatrixError, SolverError
from sparseopt.factorizations.protocol import Backend
from sparseopt.factorizations.registry import RELIABLE, chosen_backend
from sparseopt.factorizations.singularity import is_numerically_singular, singular_matrix

__all__ = ["Factorization", "factorization"]

FloatArray = NDArray[np.float64]


class Factorization:
    """The factors of a square sparse matrix, for systems with it and with its transpose.

    Attributes
    ----------
    shape : (int, int)
    backend : str
        Name of what factored it.
    num_solves : int
        Systems solved since, each right-hand side of a matrix counted.
    """

    def __init__(self, matrix: sp.csc_array, backend: Backend) -> None:
        self.shape = matrix.shape
        self.backend = backend.name
        self.num_solves = 0
        self._factors = backend.factor(matrix)

    def solve(self, b: ArrayLike) -> FloatArray:
        """Return x with A x = b.

        Parameters
        ----------
        b : array-like, shape (n,) or (n, k)

        Returns
        -------
        ndarray of float64, in b's shape

        Raises
        ------
        ShapeError
            If b has another length than the matrix has rows.
        """
        return self._factors.solve(self._right_hand_side(b))

    def solve_transposed(self, b: ArrayLike) -> FloatArray:
        """Return x with Aᵀ x = b; arguments and result are those of `solve`."""
        return self._factors.solve_transposed(self._right_hand_side(b))

    def _right_hand_side(self, b: ArrayLike) -> FloatArray:
        array = np.ascontiguousarray(b, np.float64)
        if array.ndim not in (1, 2) or array.shape[0] != self.shape[0]:
            raise ShapeError(
                f"a right-hand side of shape {array.shape} for a matrix of shape {self.shape}",
                instead=f"shape ({self.shape[0]},) or ({self.shape[0]}, k)",
            )
        self.num_solves += 1 if array.ndim == 1 else array.shape[1]
        return array

    def __repr__(self) -> str:
        return f"Factorization({self.shape[0]} x {self.shape[1]}, {self.backend})"


def factorization(matrix: Any, backend: str = "auto") -> Factorization:
    """Factor a square sparse matrix.

    Parameters
    ----------
    matrix : SciPy sparse matrix or array, shape (n, n)
    backend : {"auto", "superlu", "cholmod", "umfpack", "pardiso"}
        The library; "auto" takes SuperLU unless a faster one that fits is installed.

    Returns
    -------
    Factorization

    Raises
    ------
    SingularMatrixError
        If the matrix is singular, by structure or to working precision; ``rows`` says where.
    NonFiniteError
        If an entry is NaN or infinite.
    ShapeError
        If the matrix is not square.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> F = factorization(sp.csc_array([[2.0, 1.0], [0.0, 4.0]]), backend="superlu")
    >>> F.solve([4.0, 8.0])
    array([1., 2.])
    >>> F.solve_transposed([2.0, 5.0])
    array([1., 1.])
    >>> F.num_solves
    2
    """
    columns = sp.csc_array(matrix, dtype=np.float64)
    if columns.shape[0] != columns.shape[1]:
        raise ShapeError(f"a matrix of shape {columns.shape} is to be factored; it must be square")
    columns.sum_duplicates()  # also sorts
    _require_finite(columns)
    chosen = chosen_backend(backend, columns)
    try:
        return _regular(columns, chosen)
    except SingularMatrixError:
        raise
    except ArithmeticError as error:  # for this backend only, such as a matrix without pivots
        plain = _regular(columns, chosen_backend(RELIABLE, columns))
        if backend == "auto":
            return plain
        raise SolverError(
            f"{chosen.name} cannot factor the matrix of shape {columns.shape}",
            why=str(error),
            instead=f'backend="{RELIABLE}"',
        ) from error


def _regular(matrix: sp.csc_array, backend: Backend) -> Factorization:
    """Return factors that are not singular."""
    reliable = chosen_backend(RELIABLE, matrix)
    try:
        found = Factorization(matrix, backend)
    except ArithmeticError as error:
        if backend is not reliable:
            raise
        raise singular_matrix(matrix, reliable.factor) from error
    if matrix.shape[0] and is_numerically_singular(matrix, found._factors):
        raise singular_matrix(matrix, reliable.factor)
    return found


def _require_finite(matrix: sp.csc_array) -> None:
    wrong = np.flatnonzero(~np.isfinite(matrix.data))
    if wrong.size:
        row = matrix.indices[wrong[0]]
        column = np.searchsorted(matrix.indptr, wrong[0], side="right") - 1
        raise NonFiniteError(
            f"the matrix to be factored has {wrong.size} entries that are NaN or infinite: "
            f"the first is {matrix.data[wrong[0]]} in row {row}, column {column}",
            instead="look for a division by zero, or a point outside of a function's domain",
        )
