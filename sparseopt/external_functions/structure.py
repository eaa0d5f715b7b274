"""Structures of Jacobians and Hessians, and bringing the user's matrices into their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import PatternError, ShapeError
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["Structure", "dense_structure", "given_structure", "gram_structure"]

IntArray = NDArray[np.integer]
Array = NDArray[Any]


class Structure:
    """The structural nonzeros of a derivative, and where the user's values go.

    Parameters
    ----------
    name : str
        What the structure is of, for messages.
    rows, cols : int arrays
        In the order of the values that the user returns.
    shape : (int, int)
    active : bool array
        Columns (of a Hessian rows too) that derivatives are wanted by.
    symmetric : bool
        Keep the lower triangle; entries above it stand for those below.
    """

    def __init__(
        self,
        name: str,
        rows: IntArray,
        cols: IntArray,
        shape: tuple[int, int],
        active: NDArray[np.bool_],
        *,
        symmetric: bool = False,
    ) -> None:
        self.name = name
        self.num_given = rows.size
        if symmetric:
            rows, cols = np.maximum(rows, cols), np.minimum(rows, cols)
        keys = rows.astype(np.int64) * shape[1] + cols
        _, first = np.unique(keys, return_index=True)
        wanted = np.sort(first)
        if not symmetric and wanted.size < rows.size:
            raise PatternError(f"an entry occurs twice in the {name}")
        kept = active[cols[wanted]] & (active[rows[wanted]] if symmetric else True)
        self._chosen = wanted[kept]
        self._active = active
        self.pattern = SparsityPattern(
            rows[self._chosen], cols[self._chosen], shape, symmetric=symmetric
        )
        self._keys = keys[self._chosen]
        self._order = np.argsort(self._keys)
        self._seen: tuple[IntArray, IntArray, IntArray, IntArray] | None = None

    @property
    def is_dense(self) -> bool:
        """Whether every entry by an active argument is in the structure."""
        n = int(np.count_nonzero(self._active))
        full = n * (n + 1) // 2 if self.pattern.symmetric else n * self.pattern.shape[0]
        return self.pattern.nnz == full

    def values(self, found: Any) -> Array:
        """Return the values of a matrix, or of the user's vector of values, in pattern order.

        Raises
        ------
        PatternError
            If the matrix has a nonzero outside the structure.
        """
        if isinstance(found, np.ndarray) and found.ndim == 1:
            return np.asarray(found[self._chosen])
        if isinstance(found, np.ndarray):
            if not self.is_dense:
                self._refuse_others(*_entries(sp.coo_array(found)))
            return np.asarray(found[self.pattern.rows, self.pattern.cols])
        return self._place(*_entries(sp.csr_array(found).tocoo()))

    def _place(self, rows: IntArray, cols: IntArray, data: Array) -> Array:
        seen = self._seen
        if seen is None or not (np.array_equal(seen[0], rows) and np.array_equal(seen[1], cols)):
            seen = self._seen = (rows, cols, *self._located(rows, cols))
        _, _, inside, places = seen
        if inside.size < rows.size:
            self._refuse_others(rows, cols, data)
        out = np.zeros(self.pattern.nnz, data.dtype)
        np.add.at(out, places, data[inside])
        return out

    def _located(self, rows: IntArray, cols: IntArray) -> tuple[IntArray, IntArray]:
        """Return which entries are in the structure, and their places."""
        keys = rows.astype(np.int64) * self.pattern.shape[1] + cols
        if not self._keys.size:
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        ordered = self._keys[self._order]
        place = np.minimum(np.searchsorted(ordered, keys), ordered.size - 1)
        inside = np.flatnonzero(ordered[place] == keys)
        return inside, self._order[place[inside]]

    def _refuse_others(self, rows: IntArray, cols: IntArray, data: Array) -> None:
        wanted = self._active[cols] & (data != 0.0)
        if self.pattern.symmetric:
            wanted &= self._active[rows] & (rows >= cols)
        rows, cols = rows[wanted], cols[wanted]
        inside, _ = self._located(rows, cols)
        if inside.size < rows.size:
            outside = int(np.setdiff1d(np.arange(rows.size), inside)[0])
            raise PatternError(
                f"the {self.name} lacks the entry ({rows[outside]}, {cols[outside]})",
                why="the matrix that was returned is not zero there",
                instead="give a pattern with every entry that is ever nonzero",
            )


def _entries(matrix: Any) -> tuple[IntArray, IntArray, Array]:
    rows, cols = matrix.coords
    return rows, cols, matrix.data


def given_structure(
    name: str,
    given: Any,
    shape: tuple[int, int],
    active: NDArray[np.bool_],
    *,
    symmetric: bool = False,
) -> Structure:
    """Return the structure of a user's pattern: rows and columns, a sparse matrix, or a mask.

    Raises
    ------
    ShapeError
        If the pattern has another shape.
    PatternError
        If an entry lies outside, or occurs twice.
    """
    if isinstance(given, SparsityPattern) and given.symmetric and not symmetric:
        given = given.to_matrix(np.ones(given.nnz))
    rows: IntArray
    cols: IntArray
    if isinstance(given, SparsityPattern):
        found, rows, cols = given.shape, given.rows, given.cols
    elif isinstance(given, tuple) and len(given) == 2:
        found, rows, cols = shape, np.asarray(given[0]), np.asarray(given[1])
    else:
        matrix: Any = given if sp.issparse(given) else np.atleast_2d(np.asarray(given))
        found = matrix.shape
        rows, cols, _ = _entries(sp.coo_array(matrix))
    if found != shape:
        raise ShapeError(f"the {name} has shape {found}", why=f"shape {shape} is needed")
    SparsityPattern(rows, cols, shape)  # raises for entries outside
    return Structure(name, rows, cols, shape, active, symmetric=symmetric)


def dense_structure(
    name: str, shape: tuple[int, int], active: NDArray[np.bool_], *, symmetric: bool = False
) -> Structure:
    """Return the structure of all entries by active arguments."""
    columns = np.flatnonzero(active)
    rows = columns if symmetric else np.arange(shape[0])
    r, c = (part.reshape(-1) for part in np.meshgrid(rows, columns, indexing="ij"))
    if symmetric:
        r, c = r[r >= c], c[r >= c]
    return Structure(name, r, c, shape, active, symmetric=symmetric)


def gram_structure(name: str, jacobian: Structure, active: NDArray[np.bool_]) -> Structure:
    """Return the structure of all pairs of arguments that one row of the Jacobian depends on.

    A second derivative of ``weights · f`` by two elements is zero unless some element of f depends
    on both.
    """
    n = jacobian.pattern.shape[1]
    if jacobian.is_dense:
        return dense_structure(name, (n, n), active, symmetric=True)
    ones = jacobian.pattern.to_csr(np.ones(jacobian.pattern.nnz))
    rows, cols, _ = _entries(sp.tril(ones.T @ ones, format="coo"))
    return Structure(name, rows, cols, (n, n), active, symmetric=True)
