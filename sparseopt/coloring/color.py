"""`color`: a coloring of a pattern, the public entry of this package."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from sparseopt.coloring.bicoloring import bicolored, bicoloring_lower_bound
from sparseopt.coloring.coloring import Coloring
from sparseopt.coloring.compiled import IntArray
from sparseopt.coloring.given_patterns import as_pattern, lower_triangle
from sparseopt.coloring.linear_forms import LatticeCertificate
from sparseopt.coloring.problems import OneSided, Symmetric
from sparseopt.coloring.search import num_colors, search
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
    grid: tuple[int, ...] | None = None,
    reverse_weight: float = 1.0,
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
        "dynamic_largest_first", a permutation of the vertices, or "best": several, the fewest
        colors are kept, and where a diagonal lacks entries those that are not read become neutral.
    seed : int
        For order="random".
    grid : tuple of int, optional
        Shape of the array whose elements, in C order, are the columns (the rows, if those are
        colored): a linear form of the indices is tried too.  order="best" tries to infer it.
    reverse_weight : float
        Bidirectional partitions: cost of a row color relative to a column color.

    Returns
    -------
    Coloring
        A matrix with columns but no entries has one color, a matrix without columns none; a
        bidirectional partition colors only what is read.

    Raises
    ------
    ColoringError
        For unknown names, an order that is not a permutation, a decompression or option that does
        not go with the partition, a grid of another size, or a weight that is not positive.
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
    _check_options(partition, grid, reverse_weight)
    given = as_pattern(pattern)
    if partition == "bidirectional":
        return _bidirectional(given, decompression, order, seed, reverse_weight)
    if partition == "symmetric":
        given = lower_triangle(given)
    problem = _problem(given, partition, decompression)
    name, colors, lattice = _fewest(problem, order, seed, grid)
    by_rows = partition == "row"
    return Coloring(
        pattern=given,
        partition=partition,
        decompression=decompression,
        order=name,
        column_colors=None if by_rows else colors,
        row_colors=colors if by_rows else None,
        lower_bound=problem.lower_bound,
        lattice=lattice,
    )


def _fewest(
    problem: OneSided | Symmetric, order: Any, seed: int, grid: tuple[int, ...] | None
) -> tuple[str, IntArray, LatticeCertificate | None]:
    """Return (order, colors, certificate) of the lattice coloring or the greedy one."""
    bound = problem.lower_bound
    tries_lattice = grid is not None or (isinstance(order, str) and order == "best")
    lattice = problem.lattice(grid, 2 * bound + 8) if tries_lattice else None
    colors = None if lattice is None else problem.without_unread(lattice.colors())
    if colors is not None and num_colors(colors) <= bound:
        return "lattice", colors, lattice
    name, greedy = search(problem, order, seed)
    if tries_lattice:  # a single order gives the plain greedy coloring
        greedy = problem.without_unread(greedy)
    if colors is None or num_colors(greedy) < num_colors(colors):
        return name, greedy, None
    return "lattice", colors, lattice


def _bidirectional(
    pattern: SparsityPattern, decompression: str, order: Any, seed: int, reverse_weight: float
) -> Coloring:
    name, of_columns, of_rows = bicolored(
        pattern,
        order,
        substitution=decompression == "substitution",
        seed=seed,
        reverse_weight=reverse_weight,
    )
    return Coloring(
        pattern=pattern,
        partition="bidirectional",
        decompression=decompression,
        order=name,
        column_colors=of_columns,
        row_colors=of_rows,
        lower_bound=bicoloring_lower_bound(pattern),
    )


def _problem(pattern: SparsityPattern, partition: str, decompression: str) -> OneSided | Symmetric:
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


def _check_options(partition: str, grid: tuple[int, ...] | None, reverse_weight: float) -> None:
    if grid is not None and partition == "bidirectional":
        raise ColoringError(
            "a grid does not go with a bidirectional partition",
            why="a lattice coloring is one of columns or of rows",
            instead='partition="column" or "row"',
        )
    if reverse_weight != 1 and partition != "bidirectional":
        raise ColoringError(
            f"reverse_weight does not go with a {partition} partition",
            why="its colors all cost the same",
            instead='partition="bidirectional"',
        )
