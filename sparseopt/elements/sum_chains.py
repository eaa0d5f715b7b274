"""Long chains of additions become one sum.

``s = 0; for …: s += term`` records as many nested additions as there are terms.  As one sum the
terms are elements of a vector: equal ones stack, and nothing nests.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Elementwise, Gather, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args

__all__ = ["MIN_TERMS", "sum_chains"]

MIN_TERMS = 24


def _is_addition(node: Node) -> bool:
    return isinstance(node, Elementwise) and node.function.name in ("add", "subtract")


def _terms(node: Node, uses: Counter[Node]) -> list[tuple[Node, bool]]:
    """Return the terms of nested additions in order, each with whether it is subtracted."""
    found: list[tuple[Node, bool]] = []
    stack = [(node, False)]
    while stack:
        term, negative = stack.pop()
        if _is_addition(term) and term.size == node.size and (term is node or uses[term] == 1):
            first, second = term.args
            flip = isinstance(term, Elementwise) and term.function.name == "subtract"
            stack += [(second, negative ^ flip), (first, negative)]
        else:
            found.append((term, negative))
    return found


def _spread(term: Node, size: int) -> Node:
    if term.size == size:
        return term
    return Gather((term,), StridedIndex.of(0, (size,), (0,)), term.where)


def _sum(node: Node, terms: list[tuple[Node, bool]]) -> Node:
    negative = FUNCTIONS["negative"]
    sources = []
    for term, negated in terms:
        if negated:
            term = Elementwise(negative, (term,), term.size, term.where)
        sources.append(_spread(term, node.size))
    count = len(sources)
    index = StridedIndex.of(0, (node.size, count), (1, node.size))
    return Linear(RowSum(node.size, count), Gather(sources, index, node.where), node.where)


def _roots(order: list[Node], uses: Counter[Node]) -> set[Node]:
    """Return the additions that end a long chain."""
    lengths: dict[Node, int] = {}
    roots: set[Node] = set()
    for node in order:
        if not _is_addition(node):
            continue
        total = 0
        for arg in node.args:
            below = lengths.get(arg, 0)
            joins = below and uses[arg] == 1 and arg.size == node.size
            total += below if joins else 1
            if joins:
                roots.discard(arg)
        lengths[node] = total
        if total >= MIN_TERMS:
            roots.add(node)
    return roots


def sum_chains(program: Program) -> Program:
    """Return an equivalent program in which long chains of additions are sums."""
    order = program.nodes()
    if sum(map(_is_addition, order)) < MIN_TERMS - 1:
        return program
    uses = Counter(chain.from_iterable(node.args for node in order))
    uses.update(program.outputs)
    roots = _roots(order, uses)
    if not roots:
        return program
    new: dict[Node, Node] = {}
    for node in order:
        if node in roots:
            terms = _terms(node, uses)
            new[node] = _sum(node, [(new.get(t, t), negative) for t, negative in terms])
        elif not new.keys().isdisjoint(node.args):
            new[node] = with_args(node, tuple(new.get(a, a) for a in node.args))
    return program.with_outputs([new.get(o, o) for o in program.outputs])
