"""Nodes of a Program, every distinct one once, and the partials of each as nodes again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.programs.opaque_products import OpaquePullback, OpaquePushforward
from sparseopt.graph.handles import Expression, Functions, term_of
from sparseopt.graph.index import Index, StridedIndex, index_of
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.graph.rewriting import Rewriter
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["ProgramNodes", "copied_sources", "is_zero"]

IntArray = NDArray[np.integer]


def is_zero(node: Node | None) -> bool:
    """Whether a derivative vanishes identically."""
    if node is None:
        return True
    return isinstance(node, Constant) and node.size == 1 and node.values[0] == 0.0


class ProgramNodes(Rewriter):
    """The nodes of a program, simplified, and what is made from them.

    Parameters
    ----------
    program : Program

    Attributes
    ----------
    outputs : list of Node
        The program's outputs among these nodes.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.functions = Functions(self)
        self._partials: dict[Node, tuple[Node, ...]] = {}
        self._opaque: dict[tuple[type, int], OpaquePushforward | OpaquePullback] = {}
        self._transposed: dict[tuple[int, bool], tuple[sp.csr_array, sp.csr_array]] = {}
        new: dict[Node, Node] = {}
        for node in program.nodes():
            new[node] = self.rebuild(node, tuple(new[a] for a in node.args))
        self.outputs = [self.sized(new[o], o.size) for o in program.outputs]

    def at(self, node: Node) -> None:
        """Give what is made next the size and the source line of a node."""
        self.size, self.where = node.size, node.where or self.where

    def partials(self, node: Elementwise) -> tuple[Node, ...]:
        """Return the first partials of a scalar function by its arguments."""
        found = self._partials.get(node)
        if found is None:
            self.at(node)
            rule = node.function.partials
            if rule is None:
                found = tuple(self.literal(0.0) for _ in node.args)
            else:
                handles = [Expression(self, a) for a in node.args]
                results = rule(self.functions, Expression(self, node), *handles)
                found = tuple(term_of(self, result) for result in results)
            self._partials[node] = found
        return found

    def select(self, node: Elementwise) -> tuple[Node, Node, Node] | None:
        """Return (condition, first, second) if the function differentiates as a ``where``."""
        rule = node.function.select
        if rule is None:
            return None
        self.at(node)
        parts = rule(self.functions, *(Expression(self, a) for a in node.args))
        condition, first, second = (term_of(self, part) for part in parts)
        return condition, first, second

    def masked(self, mask: Node | None, value: Node) -> Node:
        """Return ``value`` where a mask is nonzero, and zero elsewhere, also for NaN."""
        return value if mask is None else self.make("where", mask, value, self.literal(0.0))

    def total(self, terms: Sequence[Node]) -> Node:
        """Return the sum of vectors of the present size."""
        result = self.literal(0.0)
        for term in terms:
            result = self.make("add", result, term)
        return result

    def chosen(self, sources: Sequence[Node], positions: NDArray[np.integer]) -> Node:
        """Return copies of elements of the concatenated sources."""
        return self.copies(sources, index_of(positions))

    def copies(self, sources: Sequence[Node], index: Index) -> Node:
        """Return ``index`` of the concatenated sources; a single literal stays one."""
        if len(sources) == 1 and self.value_of(sources[0]) is not None:
            return sources[0]
        if len(sources) == 1 and self._holds_literals(sources[0]):
            # Part of a seed: zeros of one branch of a formula must not meet its infinite partials.
            seed = sources[0]
            assert isinstance(seed, Gather)
            places = seed.index.take(index.materialize())
            if places.size and (places == places[0]).all():
                return seed.args[int(places[0])]
            return self.gather(seed.args, index_of(places), self.where)
        return self.gather(tuple(sources), index, self.where)

    def _holds_literals(self, node: Node) -> bool:
        return isinstance(node, Gather) and all(self.value_of(a) is not None for a in node.args)

    def indicator(self, chosen: NDArray[np.bool_]) -> Node:
        """Return ones and zeros, each known by its place."""
        if chosen.all():
            return self.literal(1.0)
        zero, one = self.literal(0.0), self.literal(1.0)
        return self.gather((zero, one), index_of(chosen.astype(np.int32)), self.where)

    def joined(self, sources: Sequence[Node]) -> Node:
        """Return the sources one after another."""
        total = sum(source.size for source in sources)
        return self.gather(tuple(sources), StridedIndex.of(0, (total,), (1,)), self.where)

    def product(self, matrix: RowSum | sp.csr_array, arg: Node, size: int) -> Node:
        """Return a constant matrix times a vector of ``size`` elements, or a literal for them."""
        arg = self.sized(arg, size)
        kind: object = id(matrix)
        if isinstance(matrix, RowSum):
            kind = (matrix.num_rows, matrix.width)
        return self._intern(("linear", kind, id(arg)), Linear(matrix, arg, self.where))

    def call_product(
        self, kind: type[OpaquePushforward] | type[OpaquePullback], node: Call, vector: Node
    ) -> Node:
        """Return a product with the Jacobian of a function that is not NumPy."""
        key = (kind, id(node.function))
        function = self._opaque.setdefault(key, kind(node.function))
        size = node.size if kind is OpaquePullback else node.args[0].size
        argument = self.joined([node.args[0], self.sized(vector, size)])
        return self._intern(
            ("call", id(function), id(argument)), Call(function, argument, node.where)
        )

    def transposed(self, matrix: sp.csr_array, pattern_only: bool) -> sp.csr_array:
        """Return the transpose, or ones where it has entries; the same one every time."""
        key = (id(matrix), pattern_only)
        if key not in self._transposed:
            transposed = sp.csr_array(matrix.T)
            if pattern_only:
                transposed.data = np.ones_like(transposed.data)
            self._transposed[key] = matrix, transposed  # the first one keeps its id alive
        return self._transposed[key][1]


def copied_sources(node: Gather) -> Iterator[tuple[Node, IntArray, IntArray]]:
    """Yield each source with the elements of a gather that copy it, and which ones they copy."""
    flat = node.index.materialize()
    if len(node.args) == 1:
        yield node.args[0], np.arange(flat.size, dtype=np.int32), flat
        return
    ends = np.cumsum([source.size for source in node.args])
    owner = np.searchsorted(ends, flat, side="right")
    order = np.argsort(owner, kind="stable")
    cuts = np.searchsorted(owner[order], np.arange(len(node.args) + 1))
    for number, source in enumerate(node.args):
        copies = order[cuts[number] : cuts[number + 1]]
        if copies.size:
            yield source, copies, flat[copies] - (ends[number] - source.size)
