"""Closed forms of problems whose integrals are sums over finite elements."""

from __future__ import annotations

from ctypes import c_long

import numpy as np
from numpy.typing import NDArray

from benchmarks.limits.form import NO_ENTRIES, ClosedForm, Places, model_start, struct
from benchmarks.tools.interface import Pattern, Vector
from problems.pde import minimal_surface_fem as _minimal_surface_fem

CHUNK = 64  # as in the C file
# Quadratic functions of a triangle: of the corners 0, 1, 2, of the sides 01, 12, 02.
SHARED = [(k, k) for k in range(6)]
SHARED += [(1, 0), (3, 0), (3, 1), (2, 1), (4, 1), (4, 2), (2, 0), (5, 0), (5, 2)]
OWN = [(4, 3), (5, 3), (5, 4), (4, 0), (5, 1), (3, 2)]


def minimal_surface_fem(num_cells: int) -> ClosedForm:
    """Minimal surface by quadratic finite elements."""
    basis, _ = _minimal_surface_fem.elements(num_cells=num_cells)
    of = np.asarray(basis.element_dofs)
    first, second = (of[list(side)] for side in zip(*SHARED, *OWN, strict=True))
    places = np.maximum(first, second).astype(np.int64) * basis.N + np.minimum(first, second)
    shared, entry = _first_come(places[: len(SHARED)])
    to_reference, size = basis.mapping.invDF(basis.X)[..., 0], basis.mapping.detDF(basis.X)[:, 0]
    metric = np.einsum("ajt,bjt->abt", to_reference, to_reference)
    shape = np.stack([metric[0, 0], metric[0, 1], metric[1, 1], np.abs(size)])
    slope = np.array([basis.elem.lbasis(basis.X, k)[1] for k in range(len(of))]).transpose(2, 1, 0)
    data, alive = struct(
        [c_long(number) for number in (of.shape[1], basis.N, shared.size)],
        [
            of.astype(np.int32),
            _runs(of),
            entry,
            _runs(entry),
            shape,
            slope,
            basis.W,
            _products(slope),
        ],
    )
    entries = np.concatenate([shared, places[len(SHARED) :].ravel()])
    return ClosedForm(
        start=model_start("minimal_surface_fem", {"num_cells": num_cells}),
        num_constraints=0,
        scalars=[data],
        jacobian=NO_ENTRIES,
        hessian=Pattern(*np.divmod(entries, basis.N)),
        alive=alive,
    )


def _first_come(places: Places) -> tuple[Places, NDArray[np.int32]]:
    """Return the different places in the order in which they come, and which one each is."""
    found, first, which = np.unique(places, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.argsort(order)
    return found[order], rank[which].reshape(places.shape).astype(np.int32)


def _runs(places: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return where the places of each chunk begin, by rows; -1 where they are not consecutive."""
    starts = np.arange(0, places.shape[1], CHUNK)
    gaps = np.diff(places, axis=1, append=0) != 1
    gaps[:, np.append(starts[1:], places.shape[1]) - 1] = False  # from one chunk to the next
    runs = np.where(np.logical_or.reduceat(gaps, starts, axis=1), -1, places[:, starts])
    return runs.astype(np.int32)


def _products(slope: Vector) -> Vector:
    """Return what a pair's entry is of the second derivatives at the points, pair by pair."""
    x, y = slope[:, 0], slope[:, 1]
    return np.stack(
        [
            np.stack([x[:, a] * x[:, b], x[:, a] * y[:, b] + y[:, a] * x[:, b], y[:, a] * y[:, b]])
            for a, b in (*SHARED, *OWN)
        ]
    ).transpose(0, 2, 1)
