"""`color`: a coloring of a pattern, the public entry of this package."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from sparseopt.coloring.coloring import Coloring
from sparseopt.coloring.given_patterns import as_pattern, lower_triangle
from sparseopt.coloring.problems import ColoringProblem, OneSided, Symmetric
from sparseopt.coloring.search import search
from sparseopt.errors import ColoringError, did_you_mean
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["color"]

PARTITIONS = ("column", "row", "symmetric", "bidirectional")
DECOMPRESSIONS = ("direct", "substitution")


def color(
    pattern: Any,
    partition: str = "column",
    decompression: str = "direct",
    order: str | ArrayLike = "smallest_last",
    *,
    seed: int = 0,
) -> Coloring:
    """Return a greedy coloring: columns or rows that can be compressed into one.

    Valid for every order; the fewest colors are not guaranteed, but `Coloring.lower_bound` tells
    how far they can be.

    Parameters
    ----------
    pattern : SparsityPattern, SciPy sparse or dense array, shape (m, n)
        Stored entries of a sparse array count, explicit zeros included.
    partition : "column", "row", "symmetric" or "bidirectional"
        Structurally orthogonal columns (products J v) or rows (Jᵀ w); for a symmetric matrix
        columns that share entries of the other triangle; or columns and rows together.
    decompression : "direct" or "substitution"
        Entries are read, or found one from another, with fewer colors; symmetric and bidirectional
        partitions only.
    order : str, or int array, shape (number of vertices,)
        "natural", "random", "largest_first", "smallest_last", "incidence_degree",
        "dynamic_largest_first", a permutation of the vertices, or "best": several, and the one with
        the fewest colors is kept.
    seed : int
        For order="random".

    Returns
    -------
    Coloring
        A matrix with columns but no entries has one color, a matrix without columns none.

    Raises
    ------
    ColoringError
        For unknown names, an order that is not a permutation, or a decompression that does not go
        with the partition.
    PatternError
        For a symmetric partition of a pattern that is not square or not structurally symmetric,
        for NaN, for entries out of range or given twice, and beyond 32-bit sizes.

    References
    ----------
    Gebremedhin, Manne, Pothen (2005), "What color is your Jacobian? Graph coloring for computing
    derivatives", doi:10.1137/S0036144504444711.

    Examples
    --------
    >>> import numpy as np
    >>> tridiagonal = np.eye(6) + np.eye(6, k=1) + np.eye(6, k=-1)
    >>> color(tridiagonal, order="natural").colors
    array([0, 1, 2, 0, 1, 2], dtype=int32)
    >>> color(tridiagonal, "symmetric", "substitution").num_colors
    2
    """
    _check_names(partition, decompression)
    given = as_pattern(pattern)
    if partition == "bidirectional":
        raise ColoringError("bidirectional partitions are not available yet")
    if partition == "symmetric":
        given = lower_triangle(given)
    problem = _problem(given, partition, decompression)
    name, colors = search(problem, order, seed)
    by_rows = partition == "row"
    return Coloring(
        pattern=given,
        partition=partition,
        decompression=decompression,
        order=name,
        column_colors=None if by_rows else colors,
        row_colors=colors if by_rows else None,
        lower_bound=problem.lower_bound,
    )


def _problem(pattern: SparsityPattern, partition: str, decompression: str) -> ColoringProblem:
    if partition == "column":
        return OneSided.columns(pattern)
    if partition == "row":
        return OneSided.rows(pattern)
    return Symmetric.of(pattern, substitution=decompression == "substitution")


def _check_names(partition: str, decompression: str) -> None:
    for kind, name, known in (
        ("partition", partition, PARTITIONS),
        ("decompression", decompression, DECOMPRESSIONS),
    ):
        if name not in known:
            raise ColoringError(f"unknown {kind} {name!r}", instead=did_you_mean(str(name), known))
    if decompression == "substitution" and partition in ("column", "row"):
        raise ColoringError(
            f"decompression by substitution does not go with a {partition} partition",
            why="each of its entries has one place in the compressed matrix",
            instead='decompression="direct", or partition="symmetric" or "bidirectional"',
        )
