"""How much elements share: who reads a value in the end, and how many operations one element takes.

Vectorized code repeats values that belong together: in ``length[:, None] * vectors`` each length is
read three times, but by one row alone, where it is computed once anyway.  Whether keeping a value
as a stage saves anything depends on how many final elements read it, not on how often it is copied.
Both counts are taken at a few elements of a vector, and only guide what is fast.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import selector
from sparseopt.graph.nodes import Call, Elementwise, Gather, Linear, Node, RowSum

__all__ = ["num_operations_of_element", "num_readers"]

SAMPLES = 64
"""Elements that are followed at once, each as one bit of a word."""

Words = NDArray[np.uint64]


def num_readers(value: Node, order: Sequence[Node], final: Collection[int]) -> float:
    """Return how many final elements read an element of a value, on average.

    Parameters
    ----------
    value : Node
    order : sequence of Node
        All nodes in order of evaluation.
    final : collection of int
        ``id`` of the nodes whose elements are final; what reads them does not matter.
    """
    positions = np.unique(np.linspace(0, value.size - 1, SAMPLES).astype(np.int64))
    words: dict[int, Words] = {id(value): np.zeros(value.size, np.uint64)}
    words[id(value)][positions] = np.uint64(1) << np.arange(positions.size, dtype=np.uint64)
    total = 0
    for node in order:
        if node is not value and any(id(a) in words for a in node.args):
            words[id(node)] = _read(node, words)
        if id(node) in words and id(node) in final:
            total += _num_bits(words.pop(id(node)))
    return total / positions.size


def _read(node: Node, words: dict[int, Words]) -> Words:
    """Return which of the followed elements each element of a node reads."""
    if isinstance(node, Gather):
        found = [_words_of(a, words) for a in node.args]
        whole = found[0] if len(found) == 1 else np.concatenate(found)
        read: Words = whole[selector(node.index)]
        return read
    if isinstance(node, Linear):
        return _read_by_sum(node, words[id(node.args[0])])
    if isinstance(node, Call):
        return np.broadcast_to(np.bitwise_or.reduce(words[id(node.args[0])]), (node.size,))
    return reduce(np.bitwise_or, [words[id(a)] for a in node.args if id(a) in words])


def _words_of(node: Node, words: dict[int, Words]) -> Words:
    found = words.get(id(node))
    return np.zeros(node.size, np.uint64) if found is None else found


def _read_by_sum(node: Linear, words: Words) -> Words:
    if isinstance(node.matrix, RowSum):
        joined: Words = np.bitwise_or.reduce(words.reshape(-1, node.matrix.width), axis=1)
        return joined
    lengths = np.diff(node.matrix.indptr)
    result = np.zeros(node.size, np.uint64)
    if node.matrix.nnz:
        starts = node.matrix.indptr[:-1][lengths > 0]
        result[lengths > 0] = np.bitwise_or.reduceat(words[node.matrix.indices], starts)
    return result


def _num_bits(words: Words) -> int:
    return int(np.unpackbits(words[words != 0].view(np.uint8)).sum())


def num_operations_of_element(node: Node, stages: Collection[int], most: int) -> int:
    """Return the operations of the middle element of a node, what it shares counted once.

    Parameters
    ----------
    node : Node
    stages : collection of int
        ``id`` of nodes whose values are known.
    most : int
        Where to stop counting.
    """
    reached: dict[int, set[int]] = {}
    stack: list[tuple[Node, list[int]]] = [(node, [node.size // 2])]
    count = 0
    while stack and count <= most:
        current, places = stack.pop()
        known = reached.setdefault(id(current), set())
        new = [place for place in places if place not in known]
        if new:
            known.update(new)
            count += len(new) if isinstance(current, Elementwise) else 0
            stack += [below for below in _below(current, new) if id(below[0]) not in stages]
    return count


def _below(node: Node, places: list[int]) -> list[tuple[Node, list[int]]]:
    """Return what some elements of a node read; few are asked for, and no arrays are made."""
    if isinstance(node, Elementwise):
        return [(a, places if a.size == node.size else [0]) for a in node.args]
    if isinstance(node, Gather):
        read = sorted(set(node.index.take(np.array(places)).tolist()))
        start, found = 0, []
        for arg in node.args:
            inside = [place - start for place in read if start <= place < start + arg.size]
            found += [(arg, inside)] if inside else []
            start += arg.size
        return found
    if isinstance(node, Linear):
        return [(node.args[0], _terms(node, places))]
    return [(a, list(range(a.size))) for a in node.args]


def _terms(node: Linear, rows: list[int]) -> list[int]:
    matrix = node.matrix
    if isinstance(matrix, RowSum):
        return [row * matrix.width + k for row in rows for k in range(matrix.width)]
    starts = matrix.indptr
    terms = (matrix.indices[starts[row] : starts[row + 1]].tolist() for row in rows)
    return sorted(set(chain.from_iterable(terms)))
