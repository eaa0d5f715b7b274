"""Which values are read at every point: not behind a `where`, and not left out by a slice.

A stage computes all its elements and, in a gradient, multiplies the derivative of each by its
adjoint.  Where that is zero because nothing reads the element, or because a ``where`` selects the
other branch, an infinite derivative would still make NaN of it.  Values are made stages for speed
alone only if that cannot happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.nodes import Call, Elementwise, Gather, Linear, Node, RowSum

__all__ = ["surely_read"]

Flags = Literal[True] | NDArray[np.bool_]
"""Which elements are read; True for all, so that most nodes need no array."""


class _Reads:
    def __init__(self, outputs: Sequence[Node]) -> None:
        self.flags: dict[int, Flags] = {id(node): True for node in outputs}

    def add(self, node: Node, flags: Flags) -> None:
        known = self.flags.get(id(node))
        if known is True:
            return
        if flags is not True and known is not None:
            flags = known | flags
        self.flags[id(node)] = True if flags is True or flags.all() else flags

    def below(self, node: Node, flags: Flags) -> None:
        """Mark what a node reads, of which the flagged elements are read."""
        if isinstance(node, Elementwise):
            if node.function.select is None:
                for arg in node.args:
                    self.add(arg, flags if arg.size == node.size else True)
        elif isinstance(node, Gather):
            self._gather(node, flags)
        elif isinstance(node, Linear):
            self.add(node.args[0], self._columns(node, flags))
        elif isinstance(node, Call):
            self.add(node.args[0], True)

    def _gather(self, node: Gather, flags: Flags) -> None:
        total = sum(a.size for a in node.args)
        if flags is True and node.index.is_identity(total):
            read: Flags = True
        else:
            read = np.zeros(total, bool)
            places = node.index.materialize()
            read[places if flags is True else places[flags]] = True
        start = 0
        for arg in node.args:
            self.add(arg, True if read is True else read[start : start + arg.size])
            start += arg.size

    def _columns(self, node: Linear, flags: Flags) -> Flags:
        matrix = node.matrix
        if isinstance(matrix, RowSum):
            return True if flags is True else np.repeat(flags, matrix.width)
        read = np.zeros(node.args[0].size, bool)
        chosen = slice(None) if flags is True else np.repeat(flags, np.diff(matrix.indptr))
        read[matrix.indices[chosen]] = True
        return read


def surely_read(order: Sequence[Node], outputs: Sequence[Node]) -> set[int]:
    """Return the ``id`` of nodes each of whose elements is read whatever the variables are.

    Parameters
    ----------
    order : sequence of Node
        The nodes in order of evaluation.
    outputs : sequence of Node
    """
    reads = _Reads(outputs)
    for node in reversed(order):
        flags = reads.flags.get(id(node))
        if flags is not None:
            reads.below(node, flags)
    return {number for number, flags in reads.flags.items() if flags is True}
