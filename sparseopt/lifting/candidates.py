"""Which values of a program may be worth a variable: sums of many terms, and states at waists.

A value that reads many variables makes entries for all of them wherever it is used; as a variable
it is read as one.  Reads are therefore counted as if every candidate found so far were a variable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.cutting import values_at_waists
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program, depth
from sparseopt.patterns.activity import flowing_arguments

__all__ = ["Group", "candidate_groups", "cut_groups"]

FloatArray = NDArray[np.float64]
Group = list[Node]
"""Values that are lifted together or not at all."""

MANY_READS = 8.0
"""A value whose elements read so many variables on average is a candidate."""
MERGES = {"multiply", "maximum", "minimum", "hypot", "logaddexp", "logaddexp2"}
"""Functions that products and maxima over many elements are trees of."""
MOST_SINGLE = 16
"""More candidates than that are taken together by source lines."""
DEEP = 40
"""A program of shorter chains of operations is not cut at waists."""
SEGMENTS = (80, 20, 4)
"""Operations between the cuts of a long chain; all are tried."""


class _Reads:
    """How many variables the elements of each value read, candidates counting as variables."""

    def __init__(self, program: Program) -> None:
        self._outputs = set(program.outputs)
        self._most = float(program.num_variables)
        self._reads: dict[Node, FloatArray] = {}
        self.candidates: list[Node] = []
        for node in program.nodes():
            found = self._of(node)
            if found is None:
                continue
            if self._is_candidate(node, found):
                self.candidates.append(node)
                found = np.ones(node.size)
            # What is read twice counts twice: in a long chain without end.
            self._reads[node] = np.minimum(found, self._most)

    def _is_candidate(self, node: Node, reads: FloatArray) -> bool:
        if node in self._outputs or not node.size or reads.mean() < MANY_READS:
            return False
        if isinstance(node, Elementwise):
            known = [self._reads.get(arg) for arg in node.args]
            return node.function.name in MERGES and all(
                reads is not None and reads.mean() >= MANY_READS / 2 for reads in known
            )
        return isinstance(node, Linear)

    def _of(self, node: Node) -> FloatArray | None:
        if isinstance(node, Input) and node.role == "variable":
            return np.ones(node.size)
        known = [self._reads.get(arg) for arg in node.args]
        if all(reads is None for reads in known):
            return None
        if isinstance(node, Elementwise):
            flags = flowing_arguments(node.function)
            parts = [r for r, f in zip(known, flags, strict=True) if f and r is not None]
            return np.asarray(np.sum(parts, axis=0)) if parts else None
        if isinstance(node, Gather):
            filled: list[FloatArray] = [
                np.zeros(arg.size) if reads is None else reads
                for arg, reads in zip(node.args, known, strict=True)
            ]
            return np.asarray(np.concatenate(filled).take(node.index.materialize()))
        (reads,) = known
        assert reads is not None
        if isinstance(node, Call):
            return np.full(node.size, reads.sum())
        assert isinstance(node, Linear)
        if isinstance(node.matrix, RowSum):
            return np.asarray(reads.reshape(node.matrix.num_rows, node.matrix.width).sum(axis=1))
        return np.asarray(abs(node.matrix).sign() @ reads)


def candidate_groups(program: Program) -> list[Group]:
    """Return the sums, and merging steps of products and maxima, that read many variables.

    Each is a group by itself; where there are many, those of one source line are a group.
    """
    candidates = _Reads(program).candidates
    if len(candidates) <= MOST_SINGLE:
        return [[node] for node in candidates]
    groups: dict[object, Group] = {}
    for node in candidates:
        kind = (type(node), node.where) if node.where else node
        groups.setdefault(kind, []).append(node)
    return list(groups.values())


def cut_groups(program: Program, taken: Sequence[Group]) -> list[Group]:
    """Return groups that each cut a long chain, such as unrolled time stepping, into segments.

    Parameters
    ----------
    program : Program
    taken : sequence of groups
        Whose values are not repeated.
    """
    if depth(program) < DEEP:
        return []
    order = program.nodes()
    excluded = {node for group in taken for node in group} | set(program.outputs)
    varying: set[Node] = set()
    for node in order:
        is_variable = isinstance(node, Input) and node.role == "variable"
        if is_variable or any(arg in varying for arg in node.args):
            varying.add(node)

    def may_be_cut(node: Node) -> bool:
        return node in varying and node not in excluded and not isinstance(node, Constant)

    groups = [values_at_waists(order, segment, may_be_cut) for segment in SEGMENTS]
    return [group for group in groups if group]
