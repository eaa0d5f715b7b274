"""Program to equivalent, smaller Program: common subexpressions, constant folding, algebra.

Dead code disappears because only what outputs reach is rebuilt.
"""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.algebra import COMMUTATIVE, kind_of_literal, simplify
from sparseopt.graph.angle_sums import WAVES
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import Index, StridedIndex, repetition
from sparseopt.graph.nodes import (
    Call,
    Constant,
    Elementwise,
    Gather,
    Input,
    Linear,
    Node,
    Where,
)
from sparseopt.graph.program import Program
from sparseopt.graph.value_numbering import constant_key, index_key, matrix_key

__all__ = ["Rewriter", "rewrite"]


class Rewriter:
    """Hash-consing constructor of nodes; the `Terms` that the algebra rules see.

    Attributes
    ----------
    size : int
        Of the elementwise nodes that `make` returns; constants of size one stand for any size.
    where : file and line, or None
        Of the nodes that are made.
    has_waves : bool
        Whether a sine or cosine was made.
    waves : dict
        What addition theorems have found out about products.
    """

    def __init__(self) -> None:
        self.has_waves = False
        self.waves: dict[Node, Any] = {}
        self.unique: dict[object, Node] = {}
        self.where: Where = None
        self.size = 1

    def _intern(self, key: object, node: Node) -> Node:
        return self.unique.setdefault(key, node)

    # ---- the protocol of graph.algebra.Terms
    def literal(self, value: float) -> Node:
        """Return the constant ``value``."""
        return self.constant(np.array([value]))

    def value_of(self, term: Node) -> float | None:
        """Return the value of a constant of size one, else None."""
        return float(term.values[0]) if _is_number(term) else None

    def call_of(self, term: Node) -> tuple[str, tuple[Node, ...]]:
        """Return function name and arguments; the name is empty for what is not elementwise."""
        if isinstance(term, Elementwise):
            return term.function.name, term.args
        return "", ()

    def kind_of(self, term: Node) -> str:
        """Return what the rules know a node by; "" for what is not elementwise."""
        if isinstance(term, Elementwise):
            name = term.function.name
            is_scaled = name == "multiply" and any(map(_is_number, term.args))
            return "scaled" if is_scaled else name
        value = self.value_of(term)
        return "" if value is None else kind_of_literal(value)

    def has_two_waves(self, term: Node) -> bool:
        """Return False where there are no sines and cosines at all."""
        return self.has_waves

    def make(self, name: str, *args: Node) -> Node:
        """Return the simplified application of a function of the table."""
        simpler = simplify(self, name, args)
        if simpler is not None:
            return simpler
        hoisted = self._before_repetition(name, args)
        if hoisted is not None:
            return hoisted
        if name in WAVES:
            self.has_waves = True
        size = max(self.size, *(a.size for a in args))
        swap = name in COMMUTATIVE and args[0].number > args[1].number
        key = (name, size, *map(id, reversed(args) if swap else args))
        return self._intern(key, Elementwise(FUNCTIONS[name], args, size, self.where))

    def _before_repetition(self, name: str, args: tuple[Node, ...]) -> Node | None:
        """Return ``f(u)[i]`` for ``f(u[i])`` where ``i`` repeats every element, else None."""
        if not any(map(_is_repetition, args)):
            return None
        copies = [a for a in args if not isinstance(a, Constant)]
        literals = all(a.size == 1 for a in args if isinstance(a, Constant))
        if not literals or not all(_is_repetition(a) for a in copies):
            return None
        sources = [c.args[0] for c in copies]
        indices = {index_key(c.index) for c in copies if isinstance(c, Gather)}
        if len(indices) > 1 or len({s.size for s in sources}) > 1:
            return None
        rest = iter(sources)
        size, self.size = self.size, sources[0].size
        value = self.make(name, *(a if isinstance(a, Constant) else next(rest) for a in args))
        value = self.sized(value, self.size)
        self.size = size
        first = copies[0]
        assert isinstance(first, Gather)
        return self.gather((value,), first.index, self.where)

    # ---- other kinds
    def constant(self, values: NDArray[np.float64], has_plain_zeros: bool = False) -> Node:
        """Return data; of size one where all values are equal."""
        if values.size > 1 and values.size <= 1 << 16 and (values == values[0]).all():
            values = values[:1]
        key = ("constant", values.size, has_plain_zeros, constant_key(values))
        return self._intern(key, Constant(values, has_plain_zeros=has_plain_zeros))

    def gather(self, sources: tuple[Node, ...], index: Index, where: Where) -> Node:
        """Return copies; the source itself where they are all of it in order."""
        if len(sources) == 1 and index.is_identity(sources[0].size):
            return sources[0]
        if len(sources) == 1 and isinstance(sources[0], (Elementwise, Linear)):
            split = repetition(index)
            if split is not None and split[0].size < sources[0].size:
                # What is repeated is a node of its own: it may be worth computing only once.
                sources, index = (self.gather(sources, split[0], where),), split[1]
        key = ("gather", index_key(index), *map(id, sources))
        return self._intern(key, Gather(sources, index, where))

    def rebuild(self, node: Node, args: tuple[Node, ...]) -> Node:
        """Return the simplified node for other arguments."""
        self.where = node.where
        if isinstance(node, Constant):
            return self.constant(node.values, node.has_plain_zeros)
        if isinstance(node, Elementwise):
            self.size = node.size
            result = self.make(node.function.name, *args)
            return self.sized(result, node.size)
        if isinstance(node, Gather):
            return self.gather(self._sized_sources(node, args), node.index, node.where)
        if isinstance(node, Linear):
            arg = self.sized(args[0], node.args[0].size)
            key = ("linear", matrix_key(node), id(arg))
            return self._intern(key, Linear(node.matrix, arg, node.where))
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


def _is_number(node: Node) -> TypeGuard[Constant]:
    return isinstance(node, Constant) and node.size == 1


def _is_repetition(node: Node) -> bool:
    return (
        isinstance(node, Gather)
        and len(node.args) == 1
        and not isinstance(node.args[0], Input)
        and node.size >= 2 * node.args[0].size
    )


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
