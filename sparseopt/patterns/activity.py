"""Which first and second partials of a Program's operations can be nonzero, element by element.

Globally the function table decides, with constants known element by element: its partials are
evaluated on what is known.  Locally, at given values of the variables and parameters, a partial
that is exactly zero there counts as zero too; one that is NaN or infinite counts as nonzero.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import ScalarFunction
from sparseopt.graph.nodes import Elementwise, Node
from sparseopt.patterns.dual_numbers import first_partials, second_partials, vanishes_identically
from sparseopt.patterns.known_values import UNKNOWN, Known, KnownFunctions, Mask, known_values

__all__ = ["Activity", "curved_pairs", "flowing_arguments"]


@cache
def flowing_arguments(function: ScalarFunction) -> tuple[bool, ...]:
    """Return which arguments have a first partial that does not vanish identically.

    Examples
    --------
    >>> from sparseopt.graph.functions import FUNCTIONS
    >>> flowing_arguments(FUNCTIONS["where"]), flowing_arguments(FUNCTIONS["sign"])
    ((False, True, True), (False,))
    """
    middle = tuple(np.full(2, 0.4 * low + 0.6 * high) for low, high in function.domain)
    with np.errstate(all="ignore"):
        partials = first_partials(function, function.numpy(*middle), middle)
    return tuple(not vanishes_identically(p) for p in partials)


@cache
def curved_pairs(function: ScalarFunction) -> tuple[tuple[int, int], ...]:
    """Return the pairs of arguments whose second partial does not vanish identically."""
    return tuple((int(pair[0]), int(pair[1])) for pair in function.curvature.split())


class Activity:
    """Flags of partials for the scalar functions among some nodes.

    Parameters
    ----------
    nodes : sequence of Node
        Every node after its arguments.
    values : sequence of arrays, optional
        The value of every node at a point, for local flags.
    """

    def __init__(self, nodes: Sequence[Node], values: Sequence[NDArray[Any]] | None = None) -> None:
        self._known = known_values(nodes)
        self._values = None if values is None else dict(zip(nodes, values, strict=True))
        self._first: dict[Node, list[Mask]] = {}

    def first(self, node: Elementwise) -> list[Mask]:
        """Return, for each argument, where the first partial may be nonzero."""
        if node not in self._first:
            self._first[node] = self._first_flags(node)
        return self._first[node]

    def _first_flags(self, node: Elementwise) -> list[Mask]:
        flags: list[Mask] = list(flowing_arguments(node.function))
        for partials in self._partials(node, first_partials):
            flags = [_both(f, p, node.size) for f, p in zip(flags, partials, strict=True)]
        return flags

    def second(self, node: Elementwise) -> dict[tuple[int, int], Mask]:
        """Return, for each curved pair of arguments, where the second partial may be nonzero."""
        flags: dict[tuple[int, int], Mask] = dict.fromkeys(curved_pairs(node.function), True)
        if flags:
            for partials in self._partials(node, second_partials):
                flags = {pair: _both(f, partials[pair], node.size) for pair, f in flags.items()}
        return flags

    def _partials(self, node: Elementwise, partials: Any) -> list[Any]:
        """Return partials evaluated on what is known, and at the point, if there is one."""
        function, found = node.function, []
        args = tuple(self._known[a] for a in node.args)
        with np.errstate(all="ignore"):
            # A single argument is constant, with an empty set, or nothing is known of its partials.
            if len(args) > 1 and any(a is not UNKNOWN for a in args):
                found.append(partials(function, self._known[node], args, KnownFunctions()))
            if self._values is not None:
                point = tuple(self._values[a] for a in node.args)
                found.append(partials(function, self._values[node], point))
        return found


def _both(flag: Mask, partial: Any, size: int) -> Mask:
    """Return where a flag is set and a partial is not exactly zero."""
    zero: Any = partial.equal(0.0) if isinstance(partial, Known) else np.asarray(partial) == 0.0
    if flag is False or not zero.any():
        return flag
    return _settled(np.asarray(flag & ~np.broadcast_to(zero, (size,))))


def _settled(mask: NDArray[np.bool_]) -> Mask:
    """Return one flag instead of an array of equal ones."""
    return bool(mask.flat[0]) if mask.size and mask.all() == mask.any() else mask
