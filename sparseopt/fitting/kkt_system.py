"""The Karush–Kuhn–Tucker matrix at a solution, factored once and solved with often.

    ⎡ H  Aᵀ ⎤ ⎡ x ⎤   ⎡ b ⎤
    ⎣ A  0  ⎦ ⎣ λ ⎦ = ⎣ d ⎦

for the variables that are free and the rows A that are active.  Where H = JᵀJ for residuals with
Jacobian J, the product is never formed: with y = J x the system is

    ⎡ -αI  J   0  ⎤
    ⎢  Jᵀ  0   Aᵀ ⎥
    ⎣  0   A   0  ⎦

whose condition is that of J and not its square, for a small α (Björck 1967,
doi:10.1007/BF01939321).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.factorizations import Factorization, factorization
from sparseopt.fitting.active_set import ActiveSet

__all__ = ["KKTSystem", "chunked", "unit_columns"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_CHUNK = 64
"""Right-hand sides at a time."""

_AUGMENTED = 1e-5
"""α, for columns of J scaled to 1."""
_SWEEPS = 4
_PERTURBED = 1e-12
_MOST_NULL_VECTORS = 8
_NULL = 1e-10
"""Eigenvalues below it are those of null vectors; the matrix is scaled to a largest entry of 1."""


def chunked(places: IntArray) -> list[IntArray]:
    """Return places in groups for which right-hand sides are held at a time."""
    return [places[first : first + _CHUNK] for first in range(0, places.size, _CHUNK)]


def unit_columns(size: int, places: IntArray) -> FloatArray:
    """Return unit vectors, shape (size, places.size)."""
    columns = np.zeros((size, places.size))
    columns[places, np.arange(places.size)] = 1.0
    return columns


class KKTSystem:
    """A factored KKT matrix.

    Parameters
    ----------
    hessian : sparse array, shape (n, n), or None
        H; None if ``residuals`` are given.
    jacobian : csr_array, shape (m, n)
        Of all constraints.
    active : ActiveSet
    residuals : sparse array, shape (r, n), optional
        J, for H = JᵀJ.
    extra : sparse array, shape (k, n), optional
        Rows that are active besides those of the Jacobian.

    Attributes
    ----------
    num_free, num_active : int
    num_factorizations, num_solves : int
        Work, counted.

    Raises
    ------
    SingularMatrixError
        See `null_vectors`.
    """

    def __init__(
        self,
        hessian: sp.csr_array | None,
        jacobian: sp.csr_array,
        active: ActiveSet,
        residuals: sp.csr_array | None = None,
        extra: sp.csr_array | None = None,
    ) -> None:
        self._active = active
        self._sizes = (jacobian.shape[1], jacobian.shape[0])
        rows = jacobian[active.rows][:, active.free]
        if extra is not None:
            rows = sp.csr_array(sp.vstack([rows, extra[:, active.free]]))
        self.num_free, self.num_active = active.free.size, int(rows.shape[0])
        if residuals is None:
            assert hessian is not None
            self._first, self._alpha = 0, 1.0
            leading = hessian[active.free][:, active.free]
            matrix = sp.block_array(
                [[leading, rows.T], [rows, _zeros(rows.shape[0])]], format="csc"
            )
            self._scale = _equilibrated(matrix)
        else:
            self._first, self._alpha = residuals.shape[0], _AUGMENTED
            matrix, self._scale = _augmented(residuals[:, active.free], rows)
        self._scaling = sp.diags_array(self._scale)
        self.matrix: sp.csc_array = sp.csc_array(self._scaling @ matrix @ self._scaling)
        self._factorization: Factorization | None = None
        self.num_factorizations = 0

    @property
    def num_solves(self) -> int:
        """Right-hand sides solved for since."""
        return self._factorization.num_solves if self._factorization else 0

    @property
    def num_degrees_of_freedom(self) -> int:
        """Dimension of the free variables' space within the active rows, if these are regular."""
        return self.num_free - self.num_active

    @property
    def _row_places(self) -> slice:
        """Where the active rows of the Jacobian are."""
        first = self._first + self.num_free
        return slice(first, first + self._active.rows.size)

    def factorize(self) -> Factorization:
        """Return the factors, made at the first call; raise `SingularMatrixError` if singular."""
        if self._factorization is None:
            self._factorization = factorization(self.matrix)
            self.num_factorizations += 1
        return self._factorization

    def solve(
        self, columns: FloatArray, rows: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Return (x, λ) for right-hand sides of all variables and all constraints.

        Parameters
        ----------
        columns : ndarray, shape (n, k)
        rows : ndarray, shape (m, k), optional
            Zero if left out.

        Returns
        -------
        x, multipliers : ndarray, shapes (n, k), (m, k)
            Zero for variables that are held, and for rows that are not active.
        """
        if not self.num_free + self.num_active:
            return np.zeros_like(columns), np.zeros((self._sizes[1], columns.shape[1]))
        right = np.zeros((self._scale.size, columns.shape[1]))
        middle = slice(self._first, self._first + self.num_free)
        right[middle] = columns[self._active.free]
        if rows is not None:
            right[self._row_places] = self._alpha * rows[self._active.rows]
        scale = self._scale[:, None]
        found = scale * self.factorize().solve(scale * right)
        x, multipliers = np.zeros_like(columns), np.zeros((self._sizes[1], columns.shape[1]))
        x[self._active.free] = found[middle] / self._alpha
        multipliers[self._active.rows] = found[self._row_places]
        return x, multipliers

    def null_vectors(self) -> tuple[FloatArray, FloatArray]:
        """Return a basis of what a singular matrix leaves undetermined, at most 8 vectors.

        Block inverse iteration with a perturbed matrix, and Ritz vectors (Golub and Van Loan 2013,
        section 8.2).  Columns are in the scaled variables, in which all matter alike.

        Returns
        -------
        x, multipliers : ndarray, shapes (n, k), (m, k)
        """
        size = self.matrix.shape[0]
        moved = np.full(size, _PERTURBED)
        moved[: self._first] *= -1.0
        moved[self._first + self.num_free :] *= -1.0
        factors = factorization(self.matrix + sp.diags_array(moved))
        block = np.random.default_rng(0).standard_normal((size, min(size, _MOST_NULL_VECTORS)))
        for _ in range(_SWEEPS):
            block = np.linalg.qr(factors.solve(block))[0]
        small, turn = np.linalg.eigh(block.T @ (self.matrix @ block))
        vectors = (block @ turn)[:, np.abs(small) < _NULL]
        n, m = self._sizes
        x, multipliers = np.zeros((n, vectors.shape[1])), np.zeros((m, vectors.shape[1]))
        middle = slice(self._first, self._first + self.num_free)
        x[self._active.free] = vectors[middle]
        multipliers[self._active.rows] = vectors[self._row_places]
        return x, multipliers

    def rows_across(self, x: FloatArray) -> sp.csr_array:
        """Return rows orthogonal to what has no part along vectors of scaled variables."""
        rows = x.copy()
        middle = self._scale[self._first : self._first + self.num_free]
        rows[self._active.free] /= middle[:, None]
        return sp.csr_array(rows.T)

    def unscaled(self, x: FloatArray) -> FloatArray:
        """Return vectors of scaled variables in the variables' own units."""
        scaled = x.copy()
        middle = self._scale[self._first : self._first + self.num_free]
        scaled[self._active.free] *= middle[:, None]
        return scaled


def _zeros(size: int) -> sp.csr_array:
    return sp.csr_array((size, size))


def _largest(matrix: Any, axis: int) -> FloatArray:
    if 0 in matrix.shape:
        return np.ones(matrix.shape[1 - axis])
    found = abs(matrix).max(axis=axis)
    sizes = np.asarray(found.toarray(), np.float64).reshape(-1)
    return np.where(sizes > 0.0, sizes, 1.0)


def _equilibrated(matrix: sp.csc_array) -> FloatArray:
    """Return a symmetric scaling that makes the largest entry of each row about 1 (Ruiz 2001)."""
    scale = np.ones(matrix.shape[0])
    for _ in range(_SWEEPS):
        scaling = sp.diags_array(scale)
        scale = scale / np.sqrt(_largest(scaling @ matrix @ scaling, 0))
    return scale


def _augmented(residuals: sp.csr_array, rows: sp.csr_array) -> tuple[sp.csc_array, FloatArray]:
    """Return the system with the residuals' block, and its scaling."""
    columns = 1.0 / np.maximum(_largest(residuals, 0), _largest(rows, 0))
    scaled = rows @ sp.diags_array(columns)
    matrix = sp.block_array(
        [
            [-_AUGMENTED * sp.eye_array(residuals.shape[0]), residuals, None],
            [residuals.T, None, rows.T],
            [None, rows, _zeros(rows.shape[0])],
        ],
        format="csc",
    )
    return matrix, np.concatenate((np.ones(residuals.shape[0]), columns, 1.0 / _largest(scaled, 1)))
