"""Reverse sweeps: weighted sums of first derivatives, as nodes.

A ``where`` splits its adjoint in two, each zero where the other branch is taken.  Zero times the
infinite partial of a branch not taken would be NaN; so an adjoint carries a *mask* with it, nonzero
where it belongs to a taken branch, and is put to zero elsewhere after every product.  A mask does
not depend on anything by its derivative, so the result can be differentiated again.  Where elements
are chosen by constant indices it is known now which of them matter: only there may data be NaN, as
missing observations are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.programs.nodes import (
    ProgramNodes,
    copied_sources,
    is_zero,
)
from sparseopt.derivatives.programs.opaque_products import OpaquePullback
from sparseopt.derivatives.programs.scattering import scatter
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Linear, Node, RowSum
from sparseopt.graph.program import topological_order
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["adjoints"]

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class _Adjoint:
    """The derivative by a node, and where it is of interest (None: everywhere).

    ``mask`` depends on values; ``live`` is known already.
    """

    value: Node
    mask: Node | None = None
    live: BoolArray | None = None


@dataclass
class _Contributions:
    """What the users of a node contribute: to all its elements, or to some of them."""

    whole: list[_Adjoint] = field(default_factory=list)
    pieces: list[tuple[_Adjoint, NDArray[np.integer]]] = field(default_factory=list)


def adjoints(
    nodes: ProgramNodes, weighted: Sequence[tuple[Node, Node]], inputs: Sequence[Node]
) -> list[Node]:
    """Return the gradient of a weighted sum of outputs by inputs.

    Parameters
    ----------
    nodes : ProgramNodes
        Which all nodes belong to.
    weighted : sequence of (output, weights)
        Weights are a vector of the output's size, or a literal for all its elements.
    inputs : sequence of Node

    Returns
    -------
    list of Node
        One for each input, of its size.
    """
    sweep = _ReverseSweep(nodes, [output for output, _ in weighted], inputs)
    for output, weights in weighted:
        sweep.add(output, _Adjoint(weights))
    for node in reversed(sweep.order):
        sweep.visit(node)
    literal = nodes.literal(0.0)
    return [nodes.sized(sweep.found.get(node, literal), node.size) for node in inputs]


class _ReverseSweep:
    def __init__(
        self, nodes: ProgramNodes, outputs: Sequence[Node], inputs: Sequence[Node]
    ) -> None:
        self.nodes = nodes
        self.order = topological_order(outputs)
        self.found: dict[Node, Node] = {}
        self.pending: dict[Node, _Contributions] = {}
        self.inputs = set(inputs)
        self.active = set(inputs)
        for node in self.order:
            if any(a in self.active for a in node.args):
                self.active.add(node)

    def add(self, node: Node, adjoint: _Adjoint) -> None:
        if node in self.active and not is_zero(adjoint.value):
            self.pending.setdefault(node, _Contributions()).whole.append(adjoint)

    def visit(self, node: Node) -> None:
        contributions = self.pending.pop(node, None)
        if contributions is None:
            return
        self.nodes.at(node)
        adjoint = self._combined(node, contributions)
        if node in self.inputs:
            self.found[node] = adjoint.value
        self.nodes.at(node)
        if isinstance(node, Elementwise):
            self._elementwise(node, adjoint)
        elif isinstance(node, Gather):
            self._gather(node, adjoint)
        elif isinstance(node, Linear):
            self._linear(node, adjoint)
        elif isinstance(node, Call):
            product = self.nodes.call_product(OpaquePullback, node, adjoint.value)
            self.add(node.args[0], _Adjoint(product))

    # ---- sums of contributions
    def _combined(self, node: Node, contributions: _Contributions) -> _Adjoint:
        nodes, size = self.nodes, node.size
        terms = [adjoint.value for adjoint in contributions.whole]
        if contributions.pieces:
            places = [(adjoint.value, p) for adjoint, p in contributions.pieces]
            terms.append(scatter(nodes, places, size))
        nodes.size = size
        return _Adjoint(
            nodes.total(terms), self._mask(contributions, size), _live(contributions, size)
        )

    def _mask(self, contributions: _Contributions, size: int) -> Node | None:
        """Return a vector that is positive where some contribution is of interest."""
        nodes, whole, pieces = self.nodes, contributions.whole, contributions.pieces
        if all(adjoint.mask is None for adjoint in (*whole, *(part for part, _ in pieces))):
            return None
        if any(adjoint.mask is None and adjoint.live is None for adjoint in whole):
            return None
        terms = [self._interest(adjoint) for adjoint in whole]
        if pieces:
            terms.append(scatter(nodes, [(self._interest(a), p) for a, p in pieces], size))
        nodes.size = size
        return nodes.total(terms)

    def _interest(self, adjoint: _Adjoint) -> Node:
        """Return a vector, or a literal, that is positive where an adjoint is of interest."""
        if adjoint.mask is not None:
            return adjoint.mask
        if adjoint.live is not None:
            return self.nodes.indicator(adjoint.live)
        return self.nodes.literal(1.0)

    # ---- rules
    def _elementwise(self, node: Elementwise, adjoint: _Adjoint) -> None:
        nodes = self.nodes
        branches = nodes.select(node)
        if branches is not None:
            self._branches(*branches, adjoint)
            return
        for argument, partial in zip(node.args, nodes.partials(node), strict=True):
            if argument not in self.active or is_zero(partial):
                continue
            is_finite = isinstance(partial, Constant) and np.isfinite(partial.values).all()
            if isinstance(partial, Constant) and not is_finite and adjoint.live is not None:
                data = np.where(adjoint.live, np.broadcast_to(partial.values, node.size), 0.0)
                partial = nodes.constant(data)
            product = nodes.make("multiply", adjoint.value, partial)
            if not is_finite:
                product = nodes.masked(adjoint.mask, product)
            self.add(argument, replace(adjoint, value=product))

    def _branches(self, condition: Node, first: Node, second: Node, adjoint: _Adjoint) -> None:
        nodes = self.nodes
        zero = nodes.literal(0.0)
        value, mask = adjoint.value, adjoint.mask or nodes.literal(1.0)
        for branch, values, masks in (
            (first, (value, zero), (mask, zero)),
            (second, (zero, value), (zero, mask)),
        ):
            chosen = nodes.make("where", condition, *values)
            where_chosen = nodes.make("where", condition, *masks)
            self.add(branch, replace(adjoint, value=chosen, mask=where_chosen))

    def _gather(self, node: Gather, adjoint: _Adjoint) -> None:
        nodes, mask = self.nodes, adjoint.mask
        for source, copies, positions in copied_sources(node):
            if source not in self.active:
                continue
            part = _Adjoint(
                nodes.chosen([adjoint.value], copies),
                None if mask is None else nodes.chosen([mask], copies),
                None if adjoint.live is None else adjoint.live[copies],
            )
            if not is_zero(part.value):
                contributions = self.pending.setdefault(source, _Contributions())
                contributions.pieces.append((part, positions))

    def _linear(self, node: Linear, adjoint: _Adjoint) -> None:
        mask, live = adjoint.mask, adjoint.live
        if live is not None:
            node = _without_rows(node, live)
            live = _reached(node, live)
        value = self._transposed(node, adjoint.value)
        if mask is not None:
            mask = self._transposed(node, mask, pattern_only=True)
        self.add(node.args[0], _Adjoint(value, mask, live))

    def _transposed(self, node: Linear, value: Node, pattern_only: bool = False) -> Node:
        nodes, matrix = self.nodes, node.matrix
        if isinstance(matrix, RowSum):
            spread = StridedIndex.of(0, (matrix.num_rows, matrix.width), (1, 0))
            return nodes.copies([value], spread)
        return nodes.product(nodes.transposed(matrix, pattern_only), value, node.size)


# ---- which elements matter, where that is known now
def _live(contributions: _Contributions, size: int) -> BoolArray | None:
    live = np.zeros(size, bool)
    for adjoint in contributions.whole:
        if adjoint.live is None:
            return None
        live |= adjoint.live
    for adjoint, positions in contributions.pieces:
        live[positions if adjoint.live is None else positions[adjoint.live]] = True
    return None if live.all() else live


def _reached(node: Linear, live: BoolArray) -> BoolArray:
    """Return which elements of the argument add to live rows."""
    if isinstance(node.matrix, RowSum):
        return np.repeat(live, node.matrix.width)
    reached = np.zeros(node.args[0].size, bool)
    reached[node.matrix.indices[np.repeat(live, np.diff(node.matrix.indptr))]] = True
    return reached


def _without_rows(node: Linear, live: BoolArray) -> Linear:
    """Return the product of the live rows alone, if the matrix is not finite."""
    matrix = node.matrix
    if isinstance(matrix, RowSum) or np.isfinite(matrix.data).all():
        return node
    entries = np.repeat(live, np.diff(matrix.indptr))
    lengths = np.where(live, np.diff(matrix.indptr), 0)
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    finite = sp.csr_array((matrix.data[entries], matrix.indices[entries], pointers), matrix.shape)
    return Linear(finite, node.args[0], node.where)
