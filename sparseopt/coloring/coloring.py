"""`Coloring`: the colors of a pattern's columns or rows, compression, and decompression.

Column colors c give the compressed matrix B = J S with the seed matrix S[j, c] = 1 where column j
has color c; row colors give B = Sᵀ J.  A symmetric matrix is compressed by columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.compiled import IntArray, run
from sparseopt.coloring.decompression import Recovery, recovery_of
from sparseopt.coloring.linear_forms import LatticeCertificate
from sparseopt.errors import PatternError, ShapeError
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.scipy_on_demand import is_sparse
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["Coloring"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Coloring:
    """A partition of columns, of rows, or of both, and how it determines a matrix.

    Attributes
    ----------
    pattern : SparsityPattern
        What was colored; the lower triangle, if the partition is symmetric.
    partition : "column", "row", "symmetric" or "bidirectional"
    decompression : "direct" or "substitution"
    order : str
        The vertex order that gave the colors.
    column_colors, row_colors : int32 arrays, shapes (n,) and (m,), or None
        Numbered from 0 each; -1 is neutral: such a column or row is never compressed.
    lower_bound : int
        No partition of this kind has fewer colors; a matrix without entries counts as one color,
        unless the partition is bidirectional.
    lattice : LatticeCertificate or None
        If order is "lattice": the linear form that gives the colors.

    Examples
    --------
    >>> from sparseopt.coloring import color
    >>> J = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 4.0], [5.0, 0.0, 0.0]])
    >>> coloring = color(J)
    >>> coloring.num_colors
    2
    >>> bool((coloring.decompress(coloring.compress(J)).toarray() == J).all())
    True
    """

    pattern: SparsityPattern
    partition: str
    decompression: str
    order: str
    column_colors: IntArray | None
    row_colors: IntArray | None
    lower_bound: int
    lattice: LatticeCertificate | None = None

    @property
    def num_column_colors(self) -> int:
        """Number of colors of columns: products J v needed."""
        return _count(self.column_colors)

    @property
    def num_row_colors(self) -> int:
        """Number of colors of rows: products Jᵀ w needed."""
        return _count(self.row_colors)

    @property
    def num_colors(self) -> int:
        """Number of colors altogether."""
        return self.num_column_colors + self.num_row_colors

    @property
    def colors(self) -> IntArray:
        """The one array of colors; bidirectional: those of the columns, then those of the rows."""
        arrays = [c for c in (self.column_colors, self.row_colors) if c is not None]
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)

    @cached_property
    def recovery(self) -> Recovery:
        """Which number of the compressed matrix is which value; found on first use."""
        return recovery_of(
            self.pattern,
            self.column_colors,
            self.row_colors,
            symmetric=self.partition == "symmetric",
            substitution=self.decompression == "substitution",
        )

    def groups(self) -> Any:
        """Return the columns (rows) of each color, a list of int arrays; bidirectional: a pair."""
        return self._sides(_members)

    def seed_matrix(self) -> Any:
        """Return the seed matrix: dense float64, shape (n, colors) or (m, colors).

        Bidirectional: the pair of the columns' and the rows' seed matrices.
        """
        return self._sides(_seeds)

    def _sides(self, function: Any) -> Any:
        sides = [function(c) for c in (self.column_colors, self.row_colors) if c is not None]
        return sides[0] if len(sides) == 1 else tuple(sides)

    def compress(self, matrix: Any) -> Any:
        """Return the compressed matrix: J S, shape (m, colors), or Sᵀ J, shape (colors, n).

        Parameters
        ----------
        matrix : dense or SciPy sparse, shape (m, n)
            A symmetric matrix with both triangles.

        Returns
        -------
        float64 array; bidirectional: the pair (J S, Sᵀ J).

        Raises
        ------
        ShapeError
            If the shape is not the pattern's.
        PatternError
            If an entry outside the pattern is not zero: it would spoil others.  If only one
            triangle of a symmetric matrix is given.
        """
        J = _checked(matrix, self.pattern)
        sides = []
        if self.column_colors is not None:
            sides.append((J @ _sparse_seeds(self.column_colors)).toarray())
        if self.row_colors is not None:
            sides.append((J.T @ _sparse_seeds(self.row_colors)).toarray().T)
        return sides[0] if len(sides) == 1 else tuple(sides)

    def decompress(self, compressed: Any) -> sp.csr_array:
        """Return the matrix, both triangles if symmetric, from what `compress` returns."""
        return self.pattern.to_matrix(self.decompress_values(compressed))

    def decompress_values(self, compressed: Any) -> FloatArray:
        """Return the values in the order of the pattern, shape (nnz,).

        Raises
        ------
        ShapeError
            If a compressed matrix does not have the shape that `compress` returns.
        """
        columns, rows = self._compressed_sides(compressed)
        flat = np.concatenate([columns.ravel(), rows.ravel()])
        steps, values = self.recovery, np.empty(self.pattern.nnz)
        source, update = self._places
        if update is None:
            values[steps.value] = flat[source]
        else:
            run(_substitution, (steps.value, source, update), (flat, values), 3 * values.size)
        return values

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
        """Where the recovery reads and updates, in both compressed matrices one after another."""
        (m, n), num_columns = self.pattern.shape, self.num_column_colors

        def places(vertex: IntArray, color: IntArray) -> NDArray[np.int64]:
            wide = color.astype(np.int64)
            in_rows = m * num_columns + (wide - num_columns) * n + vertex
            in_columns = vertex.astype(np.int64) * num_columns + color
            return np.where(vertex < 0, -1, np.where(color < num_columns, in_columns, in_rows))

        steps = self.recovery
        source = places(steps.vertex, steps.color)
        if steps.update_vertex is None or steps.update_color is None:
            return source, None
        return source, places(steps.update_vertex, steps.update_color)

    def _compressed_sides(self, compressed: Any) -> tuple[FloatArray, FloatArray]:
        m, n = self.pattern.shape
        shapes = {"column": (m, self.num_column_colors), "row": (self.num_row_colors, n)}
        empty = {"column": np.zeros((m, 0)), "row": np.zeros((0, n))}
        if self.partition != "bidirectional":
            given = {"row" if self.partition == "row" else "column": compressed}
        elif isinstance(compressed, (tuple, list)) and len(compressed) == 2:
            given = {"column": compressed[0], "row": compressed[1]}
        else:
            raise ShapeError("a bidirectional partition has a pair of compressed matrices")
        for side, array in given.items():
            array = np.asarray(array, np.float64)
            if array.shape != shapes[side]:
                raise ShapeError(
                    f"a compressed matrix of shape {array.shape}, expected {shapes[side]}",
                    why=f"{side} partition of a {m} x {n} matrix in {self.num_colors} colors",
                )
            empty[side] = array
        return empty["column"], empty["row"]

    def __repr__(self) -> str:
        m, n = self.pattern.shape
        return (
            f"Coloring({m} x {n}, {self.partition}, {self.decompression}, "
            f"num_colors={self.num_colors}, lower_bound={self.lower_bound}, order={self.order!r})"
        )


def _count(colors: IntArray | None) -> int:
    return 0 if colors is None else int(colors.max(initial=-1)) + 1


def _members(colors: IntArray) -> list[NDArray[np.intp]]:
    by_color = np.argsort(colors, kind="stable")
    bounds = np.searchsorted(colors[by_color], np.arange(_count(colors) + 1))
    return [by_color[bounds[c] : bounds[c + 1]] for c in range(_count(colors))]


def _sparse_seeds(colors: IntArray) -> sp.csr_array:
    used = np.flatnonzero(colors >= 0)
    shape = (colors.size, _count(colors))
    return sp.csr_array((np.ones(used.size), (used, colors[used])), shape=shape)


def _seeds(colors: IntArray) -> FloatArray:
    return _sparse_seeds(colors).toarray()


def _checked(matrix: Any, pattern: SparsityPattern) -> Any:
    given: Any = matrix if is_sparse(matrix) else np.asarray(matrix)
    if given.shape != pattern.shape:
        raise ShapeError(f"a matrix of shape {given.shape} for a pattern of shape {pattern.shape}")
    J: Any = sp.csr_array(given.astype(np.float64))
    structure = pattern.to_matrix(np.ones(pattern.nnz))
    inside = J.multiply(structure)
    if inside.count_nonzero() != J.count_nonzero():
        raise PatternError(
            "the matrix has nonzero entries outside the pattern",
            why="they would be added to entries of the pattern",
        )
    if pattern.symmetric and ((J != 0) != (J.T != 0)).nnz:
        raise PatternError("the matrix is not symmetric", instead="give both triangles")
    return J


def _substitution(value, source, update, flat, values):  # type: ignore[no-untyped-def]
    for k in range(len(value)):
        found = flat[source[k]]
        values[value[k]] = found
        if update[k] >= 0:
            flat[update[k]] -= found
