"""Which intermediates become stages.

A stage is an intermediate vector z whose values are computed once and whose derivatives go through
the chain rule.  Sums over many entries inside a nonlinear function must be stages; everything else
is written into the templates, where small sums unroll, unless the templates would grow too large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparseopt.graph.nodes import Constant, Elementwise, Gather, Linear, Node, RowSum
from sparseopt.graph.program import Program

__all__ = ["MAX_WIDTH", "StageChoice", "choose_stages", "constant_factor", "linear_arguments"]

MAX_WIDTH = 16
"""Sums of up to this many entries may unroll into a template."""
MAX_UNROLLED = 2000
"""Operations that one unrolled sum may add to a template."""
CHEAP = 4
"""An element of so few operations is computed again rather than kept as a stage."""
MAX_SEGMENT = 100
"""Operations between stages where templates have to be cut."""


def constant_factor(node: Elementwise) -> tuple[Node, Constant, bool] | None:
    """Return (argument, constant, divided) if the node is a constant times its argument."""
    name = node.function.name
    if name == "multiply":
        first, second = node.args
        if isinstance(first, Constant):
            return second, first, False
        if isinstance(second, Constant):
            return first, second, False
    if name == "divide" and isinstance(node.args[1], Constant):
        return node.args[0], node.args[1], True
    return None


def linear_arguments(node: Node) -> tuple[Node, ...] | None:
    """Return the arguments that ``node`` is linear in with constant coefficients, else None."""
    if isinstance(node, Gather):
        return node.args
    if isinstance(node, Elementwise):
        if node.function.name in ("add", "subtract", "negative"):
            return node.args
        factor = constant_factor(node)
        return (factor[0],) if factor else None
    return None


@dataclass(frozen=True)
class StageChoice:
    """The stages, and which sums the linear walk has to take apart.

    Parameters
    ----------
    stages : list of Node
        Intermediates in order of evaluation.
    costs : dict
        ``id(node)`` to the operations that one element costs when written out, stages excluded.
    wide : set of int
        ``id`` of sums that do not unroll into templates, and of what contains one linearly.
    """

    stages: list[Node]
    costs: dict[int, int]
    wide: set[int]


def _width(node: Linear) -> int:
    if isinstance(node.matrix, RowSum):
        return node.matrix.width
    return int(np.diff(node.matrix.indptr).max(initial=0))


def _cost(node: Node, costs: dict[int, int]) -> int:
    inner = [costs[id(a)] for a in node.args]
    if isinstance(node, Elementwise):
        return min(1 + sum(inner), 10**9)
    if isinstance(node, Gather):
        return max(inner)
    if isinstance(node, Linear):
        return min(_width(node) * (inner[0] + 1), 10**9) if _unrolls(node, inner[0]) else 0
    return 0


def _unrolls(node: Linear, inner: int) -> bool:
    width = _width(node)
    return width <= MAX_WIDTH and width * (inner + 1) <= MAX_UNROLLED


def _repeats_elements(node: Linear) -> bool:
    """Whether taking the matrix apart would compute many elements of its argument again."""
    if isinstance(node.matrix, RowSum):
        return False
    return node.matrix.nnz > 1.5 * node.matrix.shape[1]


def choose_stages(program: Program, cut: bool = False) -> StageChoice:
    """Choose the intermediates of a program.

    Parameters
    ----------
    program : Program
    cut : bool
        Also make stages of nonlinear vectors that are read at several places, and of long chains;
        used when templates would grow too large.

    Returns
    -------
    StageChoice
    """
    order = program.nodes()
    shifted = _read_shifted(order) if cut else set()
    costs: dict[int, int] = {}
    stages: set[int] = set()
    nonlinear = _nonlinear_uses(program, order)
    for node in order:
        cost = _cost(node, costs)
        if isinstance(node, Linear):
            inner = node.args[0]
            if _repeats_elements(node) and costs[id(inner)] > CHEAP:
                stages.add(id(inner))
                costs[id(inner)] = 0
            if id(node) in nonlinear and not _unrolls(node, costs[id(inner)]):
                stages.add(id(node))
                cost = 0
        elif cut and cost and (cost > MAX_SEGMENT or (id(node) in shifted and cost > CHEAP)):
            stages.add(id(node))
            cost = 0
        costs[id(node)] = cost
    wide = _wide(order, stages, costs)
    return StageChoice([n for n in order if id(n) in stages], costs, wide)


def _read_shifted(order: list[Node]) -> set[int]:
    return {
        id(source)
        for node in order
        if isinstance(node, Gather) and (len(node.args) > 1 or node.size > 1)
        for source in node.args
        if not isinstance(source, (Constant, Gather))
    }


def _nonlinear_uses(program: Program, order: list[Node]) -> set[int]:
    """Return the nodes that some nonlinear function, or an unrolled sum, depends on."""
    used: set[int] = set()
    for node in reversed(order):
        linear = linear_arguments(node)
        if isinstance(node, Linear):
            # The argument of a wide sum is walked linearly; an unrolled one counts as nonlinear
            # only where the sum itself does.
            linear = node.args if id(node) not in used or _width(node) > MAX_WIDTH else None
        if linear is None or id(node) in used:
            keep = () if isinstance(node, Linear) and linear is not None else node.args
            used.update(id(a) for a in keep)
    return used


def _wide(order: list[Node], stages: set[int], costs: dict[int, int]) -> set[int]:
    wide: set[int] = set()
    for node in order:
        if isinstance(node, Linear):
            inner = node.args[0]
            width = _width(node)
            cheap = width <= MAX_WIDTH and width * (costs[id(inner)] + 1) <= 16 * CHEAP
            if not cheap or id(inner) in wide:
                wide.add(id(node))
            continue
        linear = linear_arguments(node)
        if linear and any(id(a) in wide and id(a) not in stages for a in linear):
            wide.add(id(node))
    return wide
