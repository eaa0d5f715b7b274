"""Equal values once: value numbering of a traced program.

A loop that recomputes the norm of ``x`` for each element records as many norms as elements.  They
are found equal here, before loops are rolled up: stacked, they would be a vector whose elements
nobody compares.  Nothing is simplified, so that rows of one kind stay equal to each other
(Alpern, Wegman and Zadeck 1988, doi:10.1145/73560.73562, for programs without control flow).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.algebra import COMMUTATIVE
from sparseopt.graph.index import ArrayIndex, Index
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args

__all__ = ["constant_key", "index_key", "matrix_key", "share_equal_values"]

_SHORT = 16


def constant_key(values: NDArray[np.float64]) -> object:
    """Return a dictionary key of data: its content where it is short, else the array itself."""
    return values.tobytes() if values.size <= _SHORT else id(values)


def index_key(index: Index) -> object:
    """Return a dictionary key of an index map: its content where it is short or strided."""
    if isinstance(index, ArrayIndex):
        return index.values.tobytes() if index.size <= 4 * _SHORT else id(index.values)
    return index


def matrix_key(node: Linear) -> object:
    """Return a dictionary key of the matrix of a linear node."""
    matrix = node.matrix
    return (matrix.num_rows, matrix.width) if isinstance(matrix, RowSum) else id(matrix)


def _key(node: Node, args: tuple[Node, ...]) -> object:
    """Return what nodes of equal values have in common, or None for a node of its own."""
    if isinstance(node, Elementwise):
        name = node.function.name
        if name in COMMUTATIVE and args[0].number > args[1].number:
            args = args[::-1]
        return (name, node.size, args)
    if isinstance(node, Constant):
        return ("constant", node.has_plain_zeros, constant_key(node.values))
    if isinstance(node, Gather):
        return ("gather", index_key(node.index), args)
    if isinstance(node, Linear):
        return ("linear", matrix_key(node), args)
    if isinstance(node, Call):
        return ("call", getattr(node.function, "key", id(node.function)), args)
    return None


def share_equal_values(program: Program) -> Program:
    """Return an equivalent program in which every value is computed once.

    Parameters
    ----------
    program : Program

    Returns
    -------
    Program
        The program itself where no two nodes are equal.
    """
    first: dict[object, Node] = {}
    shared: dict[Node, Node] = {}
    for node in program.nodes():
        args = node.args
        if shared and not shared.keys().isdisjoint(args):
            args = tuple([shared.get(a, a) for a in args])
        key = _key(node, args)
        found = None if key is None else first.get(key)
        if found is None:
            found = with_args(node, args) if args is not node.args else node
            if key is not None:
                first[key] = found
        if found is not node:
            shared[node] = found
    if not shared:
        return program
    return program.with_outputs([shared.get(o, o) for o in program.outputs])
