"""Program to equivalent, smaller Program: common subexpressions, constant folding, algebra.

Dead code disappears because only what outputs reach is rebuilt.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.algebra import simplify
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import ArrayIndex, Index, StridedIndex
from sparseopt.graph.nodes import (
    Call,
    Constant,
    Elementwise,
    Gather,
    Input,
    Linear,
    Node,
    RowSum,
    Where,
)
from sparseopt.graph.program import Program

__all__ = ["Rewriter", "rewrite"]


def _constant_key(values: NDArray[np.float64]) -> object:
    return values.tobytes() if values.size <= 16 else id(values)


class Rewriter:
    """Hash-consing constructor of nodes; the `Terms` that the algebra rules see.

    Attributes
    ----------
    size : int
        Of the elementwise nodes that `make` returns; constants of size one stand for any size.
    where : file and line, or None
        Of the nodes that are made.
    """

    def __init__(self) -> None:
        self.unique: dict[object, Node] = {}
        self.where: Where = None
        self.size = 1

    def _intern(self, key: object, node: Node) -> Node:
        return self.unique.setdefault(key, node)

    # ---- the protocol of graph.algebra.Terms
    def literal(self, value: float) -> Node:
        return self.constant(np.array([value]))

    def value_of(self, term: Node) -> float | None:
        if isinstance(term, Constant) and term.size == 1:
            return float(term.values[0])
        return None

    def call_of(self, term: Node) -> tuple[str, tuple[Node, ...]]:
        if isinstance(term, Elementwise):
            return term.function.name, term.args
        return "", ()

    def make(self, name: str, *args: Node) -> Node:
        simpler = simplify(self, name, args)
        if simpler is not None:
            return simpler
        size = max(self.size, *(a.size for a in args))
        key = (name, size, *map(id, args))
        return self._intern(key, Elementwise(FUNCTIONS[name], args, size, self.where))

    # ---- other kinds
    def constant(self, values: NDArray[np.float64]) -> Node:
        if values.size > 1 and values.size <= 1 << 16 and (values == values[0]).all():
            values = values[:1]
        return self._intern(("constant", values.size, _constant_key(values)), Constant(values))

    def gather(self, sources: tuple[Node, ...], index: Index, where: Where) -> Node:
        if len(sources) == 1 and index.is_identity(sources[0].size):
            return sources[0]
        place: object = index if isinstance(index, StridedIndex) else _array_key(index)
        return self._intern(("gather", place, *map(id, sources)), Gather(sources, index, where))

    def rebuild(self, node: Node, args: tuple[Node, ...]) -> Node:
        self.where = node.where
        if isinstance(node, Constant):
            return self.constant(node.values)
        if isinstance(node, Elementwise):
            self.size = node.size
            result = self.make(node.function.name, *args)
            return self.sized(result, node.size)
        if isinstance(node, Gather):
            return self.gather(self._sized_sources(node, args), node.index, node.where)
        if isinstance(node, Linear):
            arg = self.sized(args[0], node.args[0].size)
            kind = (
                (node.matrix.num_rows, node.matrix.width)
                if isinstance(node.matrix, RowSum)
                else id(node.matrix)
            )
            return self._intern(("linear", kind, id(arg)), Linear(node.matrix, arg, node.where))
        if isinstance(node, Call):
            arg = self.sized(args[0], node.args[0].size)
            key = ("call", id(node.function), id(arg))
            return self._intern(key, Call(node.function, arg, node.where))
        assert isinstance(node, Input)
        return node

    def sized(self, node: Node, size: int) -> Node:
        """Return a node of the wanted size: folding may have left a literal."""
        if node.size == size:
            return node
        return self._intern(
            ("spread", id(node), size),
            Gather((node,), StridedIndex.of(0, (size,), (0,)), self.where),
        )

    def _sized_sources(self, node: Gather, args: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(self.sized(a, s.size) for a, s in zip(args, node.args, strict=True))


def _array_key(index: ArrayIndex) -> object:
    return index.values.tobytes() if index.size <= 64 else id(index.values)


def rewrite(program: Program) -> Program:
    """Return an equivalent program, every distinct expression once.

    Parameters
    ----------
    program : Program

    Returns
    -------
    Program
        With the same inputs and outputs of equal sizes.
    """
    rewriter = Rewriter()
    new: dict[int, Node] = {}
    for node in program.nodes():
        new[id(node)] = rewriter.rebuild(node, tuple(new[id(a)] for a in node.args))
    outputs = [rewriter.sized(new[id(o)], o.size) for o in program.outputs]
    return program.with_outputs(outputs)
