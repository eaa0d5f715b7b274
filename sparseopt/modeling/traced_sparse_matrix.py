"""`TracedSparseMatrix`: a sparse matrix whose values are traced and whose places are known."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ShapeError, TracingError
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.scipy_on_demand import is_sparse
from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["TracedSparseMatrix"]

IntArray = NDArray[np.integer]


class TracedSparseMatrix:
    """The Jacobian or Hessian at a traced point: what `JacobianOperator` gives for one.

    It multiplies vectors and dense arrays, traced or not, from either side.

    Attributes
    ----------
    pattern : SparsityPattern
        Places of the values; a symmetric pattern holds the lower triangle.
    values : TracedArray, shape (pattern.nnz,)
        In the order of the pattern.
    shape : (int, int)

    Examples
    --------
    >>> import numpy as np
    >>> import sparseopt as so
    >>> J = so.jacobian(lambda y: y[1:] * y[:-1], np.zeros(3))
    >>> row_sums = so.jacobian(lambda x: J(x).sum(axis=1), np.zeros(3))
    >>> row_sums([1.0, 2.0, 3.0]).toarray()
    array([[1., 1., 0.],
           [0., 1., 1.]])
    """

    __array_ufunc__ = None  # NumPy's arrays leave the product to this class

    def __init__(self, pattern: SparsityPattern, values: TracedArray) -> None:
        self.pattern = pattern
        self.values = values

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return self.pattern.shape

    @property
    def ndim(self) -> int:
        """Two."""
        return 2

    @property
    def nnz(self) -> int:
        """Number of stored values (of the lower triangle, if symmetric)."""
        return self.pattern.nnz

    @property
    def T(self) -> TracedSparseMatrix:
        """The transpose; the matrix itself if it is symmetric."""
        p = self.pattern
        if p.symmetric:
            return self
        turned = SparsityPattern(p.cols, p.rows, (p.shape[1], p.shape[0]), check=False)
        return TracedSparseMatrix(turned, self.values)

    @cached_property
    def entries(self) -> tuple[IntArray, IntArray, IntArray]:
        """Rows, columns and values' numbers of all entries, of both triangles if symmetric."""
        p = self.pattern
        numbers = np.arange(p.nnz)
        if not p.symmetric:
            return p.rows, p.cols, numbers
        off = np.flatnonzero(p.rows != p.cols)
        return (
            np.concatenate([p.rows, p.cols[off]]),
            np.concatenate([p.cols, p.rows[off]]),
            np.concatenate([numbers, off]),
        )

    def _added(self, terms: Any, places: IntArray, size: int) -> Any:
        """Return sums of the entries' terms by their places."""
        entries = (np.ones(places.size), (places, np.arange(places.size)))
        return sp.csr_array(entries, shape=(size, places.size)) @ terms

    def __matmul__(self, other: Any) -> Any:
        if is_sparse(other) or isinstance(other, TracedSparseMatrix):
            raise TracingError(
                "a traced sparse matrix is multiplied by a sparse matrix",
                where=describe_where(user_frame()),
                why="it multiplies vectors and dense arrays",
                instead="J @ (A @ v) for a vector; J @ A.toarray() if A is small",
            )
        operand = other if is_traced(other) else np.asarray(other, np.float64)
        shape = np.shape(operand)
        if len(shape) not in (1, 2) or shape[0] != self.shape[1]:
            raise ShapeError(
                f"a matrix of shape {self.shape} is multiplied by an array of shape {shape}",
                where=describe_where(user_frame()),
            )
        rows, cols, numbers = self.entries
        values = self.values[numbers]
        if len(shape) == 2:
            values = values[:, None]
        return self._added(values * operand[cols], rows, self.shape[0])

    def __rmatmul__(self, other: Any) -> Any:
        array = other if is_traced(other) else np.asarray(other, np.float64)
        return (self.T @ array.T).T

    def __mul__(self, factor: Any) -> TracedSparseMatrix:
        if np.ndim(factor) != 0:
            raise ShapeError(
                f"a traced sparse matrix is multiplied by an array of shape {np.shape(factor)}",
                where=describe_where(user_frame()),
                instead="J @ v for the product, J.toarray() * v element by element",
            )
        return TracedSparseMatrix(self.pattern, self.values * factor)

    __rmul__ = __mul__

    def __neg__(self) -> TracedSparseMatrix:
        return TracedSparseMatrix(self.pattern, -self.values)

    def toarray(self) -> TracedArray:
        """Return the dense matrix, shape ``shape``."""
        rows, cols, numbers = self.entries
        places = np.full(self.shape, self.nnz)
        places[rows, cols] = numbers
        return self._picked(places)

    def diagonal(self) -> TracedArray:
        """Return the elements (k, k), zero where there is no entry."""
        rows, cols, numbers = self.entries
        places = np.full(min(self.shape), self.nnz)
        on = rows == cols
        places[rows[on]] = numbers[on]
        return self._picked(places)

    def _picked(self, places: IntArray) -> TracedArray:
        """Return values by number; the one after the last is zero."""
        with_zero: Any = np.concatenate([self.values, np.zeros(1)])
        return as_traced(with_zero[places])

    def sum(self, axis: int | None = None) -> Any:
        """Return the sum of all elements, or those of the columns (0) or the rows (1)."""
        rows, cols, numbers = self.entries
        values = self.values[numbers]
        if axis is None:
            return np.sum(values)
        if axis not in (0, 1, -1, -2):
            raise ShapeError(f"axis {axis} of a matrix", where=describe_where(user_frame()))
        if axis in (0, -2):
            return self._added(values, cols, self.shape[1])
        return self._added(values, rows, self.shape[0])

    def __repr__(self) -> str:
        return f"TracedSparseMatrix(shape={self.shape}, nnz={self.nnz})"
