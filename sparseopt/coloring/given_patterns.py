"""What a user gives as a pattern: a `SparsityPattern`, or any matrix, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.coloring.graphs import bipartite_graph
from sparseopt.errors import PatternError, ShapeError
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.scipy_on_demand import is_sparse

__all__ = ["as_pattern", "lower_triangle"]

MAX_INDEX = int(np.iinfo(np.int32).max)


def as_pattern(given: Any) -> SparsityPattern:
    """Return the pattern of a matrix; stored entries of a sparse one count, zeros included.

    Raises
    ------
    PatternError
        For NaN, indices out of range or twice, or sizes beyond 32-bit indices.
    ShapeError
        For anything but two dimensions.
    """
    if isinstance(given, SparsityPattern):
        _check_sizes(given.shape, given.nnz)
        return given
    matrix: Any = given if is_sparse(given) else np.asarray(given)
    if matrix.ndim != 2:
        raise ShapeError(f"a pattern has two dimensions, not {matrix.ndim}")
    if not (np.issubdtype(matrix.dtype, np.number) or matrix.dtype == np.bool_):
        raise PatternError(f"a matrix of {matrix.dtype} given as a pattern")
    nnz = matrix.nnz if is_sparse(given) else np.count_nonzero(matrix)
    _check_sizes(matrix.shape, int(nnz))
    rows, cols, is_canonical = _entries(matrix)
    shape = (int(matrix.shape[0]), int(matrix.shape[1]))
    return SparsityPattern(rows, cols, shape, check=not is_canonical)


def lower_triangle(pattern: SparsityPattern) -> SparsityPattern:
    """Return the lower triangle of a structurally symmetric pattern, in the order of its values.

    Raises
    ------
    PatternError
        If the pattern is not square or not structurally symmetric; an example is named.
    """
    rows, cols, shape = pattern.rows, pattern.cols, pattern.shape
    if shape[0] != shape[1]:
        raise PatternError(
            f"a symmetric partition of a {shape[0]} x {shape[1]} matrix, which is not square",
            instead='partition="column", "row" or "bidirectional"',
        )
    if pattern.symmetric:
        return pattern
    graph = bipartite_graph(cols, rows, shape[1], shape[0])
    same_sizes = np.array_equal(graph.vertex_ptr, graph.net_ptr)
    if not (same_sizes and np.array_equal(graph.nets, graph.members)):
        _refuse_unsymmetric(pattern)
    lower = rows >= cols
    return SparsityPattern(rows[lower], cols[lower], shape, symmetric=True, check=False)


def _entries(matrix: Any) -> tuple[Any, Any, bool]:
    """Return rows, columns, and whether they are known to be in range and distinct."""
    if not is_sparse(matrix):
        _check_finite(matrix)
        rows, cols = np.nonzero(matrix)
        return rows, cols, True
    sparse: Any = matrix
    try:
        coo = sparse.tocoo()
    except ValueError as error:
        raise PatternError(
            "a sparse matrix given as a pattern is broken", why=str(error)
        ) from error
    _check_finite(coo.data)
    rows, cols = coo.coords if hasattr(coo, "coords") else (coo.row, coo.col)
    is_canonical = sparse.format in ("csr", "csc") and sparse.has_canonical_format
    smallest = min(rows.min(initial=0), cols.min(initial=0))
    inside = smallest >= 0 and all(
        index.max(initial=-1) < size for index, size in zip((rows, cols), sparse.shape, strict=True)
    )
    return rows, cols, is_canonical and inside


def _refuse_unsymmetric(pattern: SparsityPattern) -> None:
    entries = set(zip(pattern.rows.tolist(), pattern.cols.tolist(), strict=True))
    i, j = min(entry for entry in entries if entry[::-1] not in entries)
    raise PatternError(
        f"a symmetric partition, but entry ({i}, {j}) has no counterpart ({j}, {i})",
        instead="give both triangles, or a SparsityPattern with symmetric=True",
    )


def _check_finite(values: Any) -> None:
    if np.issubdtype(values.dtype, np.inexact) and np.isnan(values).any():
        raise PatternError(
            "a matrix given as a pattern holds NaN",
            why="whether such an entry is zero cannot be known",
        )


def _check_sizes(shape: tuple[int, ...], nnz: int) -> None:
    # Both triangles of a symmetric pattern are stored for coloring.
    if max(*shape, 2 * nnz) >= MAX_INDEX:
        raise PatternError(
            f"a pattern of shape {tuple(shape)} with {nnz} entries is too large",
            why="coloring uses 32-bit indices, twice for each entry",
        )
