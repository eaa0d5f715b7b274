"""Patterns of stencils on grids."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp

Offset = tuple[int, ...]


def star_stencil(axes: int) -> list[Offset]:
    """Return an element and its nearest neighbors: 3, 5, 7 points."""
    unit = np.eye(axes, dtype=int)
    return [(0,) * axes, *map(tuple, unit.tolist()), *map(tuple, (-unit).tolist())]


def box_stencil(axes: int) -> list[Offset]:
    """Return an element and all neighbors, diagonal ones too: 3, 9, 27 points."""
    return list(itertools.product((-1, 0, 1), repeat=axes))


def stencil_pattern(
    shape: tuple[int, ...], stencil: Iterable[Offset], *, periodic: bool = False
) -> sp.csr_array:
    """Return the matrix whose row i has ones at i + offset, for elements of the array."""
    index = np.indices(shape).reshape(len(shape), -1)
    extent = np.array(shape)[:, None]
    rows, cols = [], []
    for offset in stencil:
        moved = index + np.array(offset)[:, None]
        if periodic:
            moved %= extent
        inside = ((moved >= 0) & (moved < extent)).all(axis=0)
        rows.append(np.flatnonzero(inside))
        cols.append(np.ravel_multi_index(tuple(moved[:, inside]), shape))
    entries = (np.concatenate(rows), np.concatenate(cols))
    size = int(np.prod(shape))
    matrix = sp.coo_array((np.ones(entries[0].size), entries), shape=(size, size)).tocsr()
    matrix.data[:] = 1.0
    return matrix


def brusselator(n: int) -> sp.csr_array:
    """Return two fields, first axis, on a periodic n x n grid: 5 points and the other field."""
    field = stencil_pattern((n, n), star_stencil(2), periodic=True)
    other = sp.eye_array(n * n)
    return sp.csr_array(sp.block_array([[field, other], [other, field]]))


def convolution(size: int, kernel: int) -> sp.csr_array:
    """Return the Jacobian of a square image's convolution with a square kernel, no padding."""
    image = np.arange(size * size).reshape(size, size)
    windows = np.lib.stride_tricks.sliding_window_view(image, (kernel, kernel))
    cols = windows.reshape(-1, kernel * kernel)
    rows = np.repeat(np.arange(cols.shape[0]), cols.shape[1])
    shape = (cols.shape[0], size * size)
    return sp.csr_array((np.ones(cols.size), (rows, cols.ravel())), shape=shape)
