"""Adding vectors into places of a vector: the transpose of copying elements.

Pieces that fill different places become one copy, so that a loop over the elements of an array
costs no more than what it reads; pieces that overlap, as those of a stencil, are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.programs.nodes import ProgramNodes
from sparseopt.graph.nodes import Node, RowSum
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["scatter"]

Piece = tuple[Node, NDArray[np.integer]]
"""A vector (or a literal for all its elements) and the place of each element."""

MAX_LAYERS = 8
"""More overlapping pieces than this become one sparse product."""


@dataclass
class _Layer:
    """Pieces whose places differ."""

    filled: NDArray[np.bool_]
    pieces: list[Piece] = field(default_factory=list)


def scatter(nodes: ProgramNodes, pieces: Sequence[Piece], size: int) -> Node:
    """Return the vector to which every piece adds its elements at their places.

    Parameters
    ----------
    nodes : ProgramNodes
    pieces : sequence of (Node, positions)
    size : int
        Of the result.
    """
    layers: list[_Layer] = []
    rest: list[Piece] = []
    for value, positions in pieces:
        if positions.size:
            _place(layers, rest, _without_repeats(nodes, value, positions), size)
    if rest:
        together = nodes.joined([nodes.sized(value, p.size) for value, p in rest])
        piece = _without_repeats(nodes, together, np.concatenate([p for _, p in rest]))
        layers.append(_Layer(np.zeros(size, bool), [piece]))
    vectors = [_copy(nodes, layer.pieces, size) for layer in layers]
    nodes.size = size
    return nodes.total(vectors)


def _place(layers: list[_Layer], rest: list[Piece], piece: Piece, size: int) -> None:
    """Put a piece in the first layer where its places are free."""
    positions = piece[1]
    for layer in layers:
        if not layer.filled[positions].any():
            break
    else:
        if len(layers) == MAX_LAYERS:
            rest.append(piece)
            return
        layer = _Layer(np.zeros(size, bool))
        layers.append(layer)
    layer.filled[positions] = True
    layer.pieces.append(piece)


def _without_repeats(nodes: ProgramNodes, value: Node, positions: NDArray[np.integer]) -> Piece:
    """Return a piece with the elements added up that go to one place."""
    if positions.size == 1:
        return value, positions
    places, group, counts = np.unique(positions, return_inverse=True, return_counts=True)
    if places.size == positions.size:
        return value, positions
    literal = nodes.value_of(value)
    width = int(counts[0])
    if literal is not None:
        return nodes.constant(literal * counts.astype(np.float64)), places
    if (counts == width).all():
        ordered = nodes.chosen([value], np.argsort(group, kind="stable"))
        return nodes.product(RowSum(places.size, width), ordered, positions.size), places
    entries = (np.ones(positions.size), (group, np.arange(positions.size)))
    matrix = sp.csr_array(entries, shape=(places.size, positions.size))
    return nodes.product(matrix, value, positions.size), places


def _copy(nodes: ProgramNodes, pieces: list[Piece], size: int) -> Node:
    """Return the vector of pieces in different places, zero in between."""
    literals = {nodes.value_of(value) for value, _ in pieces}
    filled = sum(p.size for _, p in pieces)
    if filled == size and len(literals) == 1 and None not in literals:
        return pieces[0][0]
    sources = [nodes.sized(value, p.size) for value, p in pieces]
    if filled < size:
        sources.append(nodes.literal(0.0))
    flat = np.full(size, filled, np.int64)
    flat[np.concatenate([p for _, p in pieces])] = np.arange(filled)
    return nodes.chosen(sources, flat)
