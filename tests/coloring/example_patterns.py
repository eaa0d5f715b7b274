"""Patterns with known numbers of colors, and strategies that draw patterns."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from sparseopt.patterns.sparsity_pattern import SparsityPattern

Matrix = NDArray[np.float64]

# Gebremedhin, Manne, Pothen (2005), "What color is your Jacobian?", SIAM Review 47, Fig. 4.1.
WHAT_COLOR_4_1 = np.array(
    [
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 1, 1],
        [0, 1, 1, 1, 0, 0],
        [0, 0, 1, 1, 0, 1],
        [0, 1, 0, 0, 1, 0],
        [0, 1, 0, 1, 0, 1],
    ]
)
# Ibid., Fig. 6.1; Gebremedhin, Tarafdar, Pothen, Walther (2009), "Efficient computation of sparse
# Hessians using coloring and automatic differentiation", INFORMS J. Comput. 21, Fig. 1.
EFFICIENT_1 = np.array(
    [
        [1, 1, 0, 0, 0, 0, 1, 0, 0, 0],
        [1, 1, 1, 0, 1, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 0, 1, 0, 0, 0, 0],
        [0, 0, 1, 1, 0, 0, 0, 0, 0, 1],
        [0, 1, 0, 0, 1, 1, 0, 1, 0, 0],
        [0, 0, 1, 0, 1, 1, 0, 0, 1, 0],
        [1, 0, 0, 0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 0, 1, 0, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 1, 0, 1, 1, 1],
        [0, 0, 0, 1, 0, 0, 0, 0, 1, 1],
    ]
)


def path(n: int) -> list[tuple[int, int]]:
    return [(i, i + 1) for i in range(n - 1)]


def cycle(n: int) -> list[tuple[int, int]]:
    return [*path(n), (0, n - 1)]


def complete_bipartite(m: int, n: int) -> list[tuple[int, int]]:
    return [(i, m + j) for i in range(m) for j in range(n)]


def complete(n: int) -> list[tuple[int, int]]:
    return [(i, j) for j in range(n) for i in range(j)]


def grid(rows: int, cols: int) -> list[tuple[int, int]]:
    number = np.arange(rows * cols).reshape(rows, cols)
    right = zip(number[:, :-1].ravel(), number[:, 1:].ravel(), strict=True)
    down = zip(number[:-1].ravel(), number[1:].ravel(), strict=True)
    return [(int(i), int(j)) for i, j in (*right, *down)]


# name: (edges, star, acyclic, distance-2 chromatic number), found by exhaustive search; those of
# cycles, paths and grids agree with Fertin, Raspaud, Reed (2004), doi:10.1002/jgt.20029.
SMALL_GRAPHS: dict[str, tuple[list[tuple[int, int]], int, int, int]] = {
    "C3": (cycle(3), 3, 3, 3),
    "C4": (cycle(4), 3, 3, 4),
    "C5": (cycle(5), 4, 3, 5),
    "C6": (cycle(6), 3, 3, 3),
    "C7": (cycle(7), 3, 3, 4),
    "P2": (path(2), 2, 2, 2),
    "P3": (path(3), 2, 2, 3),
    "P4": (path(4), 3, 2, 3),
    "P5": (path(5), 3, 2, 3),
    "P6": (path(6), 3, 2, 3),
    "P7": (path(7), 3, 2, 3),
    "P8": (path(8), 3, 2, 3),
    "K1,5": (complete_bipartite(1, 5), 2, 2, 6),
    "K2,2": (complete_bipartite(2, 2), 3, 3, 4),
    "K2,3": (complete_bipartite(2, 3), 3, 3, 5),
    "K2,4": (complete_bipartite(2, 4), 3, 3, 6),
    "K3,3": (complete_bipartite(3, 3), 4, 4, 6),
    "K5": (complete(5), 5, 5, 5),
    "grid2x2": (grid(2, 2), 3, 3, 4),
    "grid2x3": (grid(2, 3), 4, 3, 4),
    "grid2x5": (grid(2, 5), 4, 3, 4),
    "grid3x3": (grid(3, 3), 4, 3, 5),
    "grid3x4": (grid(3, 4), 4, 3, 5),
    "grid3x5": (grid(3, 5), 4, 3, 5),
    "arrow10": (complete_bipartite(1, 9), 2, 2, 10),
}


def from_edges(edges: list[tuple[int, int]], *, diagonal: bool = True) -> Matrix:
    """Return the symmetric 0/1 matrix of a graph."""
    n = 1 + max(max(edge) for edge in edges)
    matrix = np.eye(n) if diagonal else np.zeros((n, n))
    for i, j in edges:
        matrix[i, j] = matrix[j, i] = 1.0
    return matrix


def band(n: int, lower: int, upper: int) -> Matrix:
    return sum((np.eye(n, k=k) for k in range(-lower, upper + 1)), np.zeros((n, n)))


def symmetric_pattern(n: int, rows: Any, cols: Any) -> SparsityPattern:
    """Return the pattern of given entries and the diagonal, in either triangle."""
    rows, cols = np.asarray(rows), np.asarray(cols)
    keys = np.unique(np.maximum(rows, cols) * n + np.minimum(rows, cols))
    keys = keys[keys // n != keys % n]
    every = np.arange(n)
    return SparsityPattern(
        np.concatenate([every, keys // n]),
        np.concatenate([every, keys % n]),
        (n, n),
        symmetric=True,
    )


def arrowhead(n: int, hub: int = 0) -> SparsityPattern:
    return symmetric_pattern(n, np.full(n, hub), np.arange(n))


def band_with_hubs(n: int, half_width: int, hubs: list[int]) -> SparsityPattern:
    every = np.arange(n)
    rows = [every[k:] for k in range(half_width + 1)] + [np.full(n, hub) for hub in hubs]
    cols = [every[: n - k] for k in range(half_width + 1)] + [every for _ in hubs]
    return symmetric_pattern(n, np.concatenate(rows), np.concatenate(cols))


@st.composite
def matrices(draw: st.DrawFn, largest: int = 8) -> Matrix:
    """Draw a matrix of zeros and nonzero values; empty shapes, rows and columns occur."""
    shape = draw(st.tuples(st.integers(0, largest), st.integers(0, largest)))
    seed, density = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0.1, 0.3, 0.6]))
    random = np.random.default_rng(seed)
    values = random.uniform(1.0, 2.0, shape) * random.choice([-1.0, 1.0], shape)
    return values * (random.random(shape) < density)


@st.composite
def symmetric_matrices(draw: st.DrawFn, largest: int = 9) -> Matrix:
    """Draw a symmetric matrix, with or without zeros in the diagonal."""
    n = draw(st.integers(0, largest))
    seed, density = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0.1, 0.3, 0.6]))
    random = np.random.default_rng(seed)
    lower = np.tril(random.uniform(1.0, 2.0, (n, n)) * (random.random((n, n)) < density))
    if draw(st.booleans()):
        np.fill_diagonal(lower, 1.5)
    return lower + np.tril(lower, -1).T
