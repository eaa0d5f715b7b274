"""Where to cut a long program into stages: at its waists.

Along the order of evaluation, the values alive at a position are those computed before it and used
after it.  An unrolled time stepping has few values alive between two steps and many inside one, so
cutting where few are alive makes a stage of every step or two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.nodes import Elementwise, Linear, Node

__all__ = ["values_at_waists"]

LONGEST = 4
"""A segment may be this many times as long as the shortest one."""


def _last_uses(order: list[Node], position: dict[int, int]) -> dict[int, int]:
    """Return the last position at which each node's values are read, copies looked through."""
    last: dict[int, int] = {}
    for node in reversed(order):
        reader = position.get(id(node), last.get(id(node), 0))
        for arg in node.args:
            last[id(arg)] = max(last.get(id(arg), 0), reader)
    return last


def _widths(
    computed: Sequence[Node], position: dict[int, int], last: dict[int, int]
) -> NDArray[np.int64]:
    """Return how many values are alive after each position."""
    change = np.zeros(len(computed) + 1, np.int64)
    for node in computed:
        change[position[id(node)]] += node.size
        change[max(last.get(id(node), len(computed)), position[id(node)])] -= node.size
    return np.cumsum(change)[:-1]


def values_at_waists(
    order: list[Node], segment: int, is_computed: Callable[[Node], bool]
) -> list[Node]:
    """Return the values to make stages so that segments have about ``segment`` operations.

    Parameters
    ----------
    order : list of Node
        Nodes in order of evaluation.
    segment : int
        Fewest operations between two cuts.
    is_computed : callable
        Whether a node's value depends on the variables and may become a stage.
    """
    computed = [n for n in order if isinstance(n, (Elementwise, Linear)) and is_computed(n)]
    position = {id(n): k for k, n in enumerate(computed)}
    last = _last_uses(order, position)
    widths = _widths(computed, position, last)
    cuts = []
    start = 0
    while start + segment < len(computed):
        window = widths[start + segment : start + LONGEST * segment]
        cuts.append(start + segment + int(np.argmin(window)))
        start = cuts[-1]
    alive: list[Node] = []
    found: set[int] = set()
    for node in computed:
        k = int(np.searchsorted(cuts, position[id(node)]))
        crosses = k < len(cuts) and last.get(id(node), len(computed)) > cuts[k]
        if crosses and id(node) not in found:
            found.add(id(node))
            alive.append(node)
    return alive
