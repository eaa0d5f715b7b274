"""Long chains of additions become one sum.

``s = 0; for …: s += term`` records as many nested additions as there are terms.  As one sum the
terms are elements of a vector: equal ones stack, and nothing nests.
"""

from __future__ import annotations

from collections import Counter

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Elementwise, Gather, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args

__all__ = ["MIN_TERMS", "sum_chains"]

MIN_TERMS = 24


def _is_addition(node: Node) -> bool:
    return isinstance(node, Elementwise) and node.function.name in ("add", "subtract")


def _terms(node: Node, uses: Counter[int]) -> list[tuple[Node, bool]]:
    """Return the terms of nested additions in order, each with whether it is subtracted."""
    found: list[tuple[Node, bool]] = []
    stack = [(node, False)]
    while stack:
        term, negative = stack.pop()
        if _is_addition(term) and term.size == node.size and (term is node or uses[id(term)] == 1):
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


def sum_chains(program: Program) -> Program:
    """Return an equivalent program in which long chains of additions are sums."""
    order = program.nodes()
    uses = Counter(id(arg) for node in order for arg in node.args)
    uses.update(id(o) for o in program.outputs)
    inside = {
        id(arg)
        for node in order
        if _is_addition(node)
        for arg in node.args
        if _is_addition(arg) and uses[id(arg)] == 1 and arg.size == node.size
    }
    new: dict[int, Node] = {}
    for node in order:
        if id(node) in inside:
            continue
        terms = _terms(node, uses) if _is_addition(node) else []
        if len(terms) >= MIN_TERMS:
            new[id(node)] = _sum(node, [(new[id(t)], n) for t, n in terms])
        else:
            _rebuild(node, inside, new)
    return program.with_outputs([new[id(o)] for o in program.outputs])


def _rebuild(node: Node, inside: set[int], new: dict[int, Node]) -> None:
    """Rebuild a node and the short chain of additions below it."""
    stack = [(node, False)]
    while stack:
        item, ready = stack.pop()
        if ready:
            new[id(item)] = with_args(item, tuple(new[id(a)] for a in item.args))
        elif id(item) not in new:
            stack.append((item, True))
            stack += [(a, False) for a in item.args if id(a) in inside]
