"""Which first and second partials of a Program's operations can be nonzero, element by element.

Globally the function table decides, with constants known element by element.  Locally, at given
values of the variables and parameters, a partial that is exactly zero there counts as zero too;
one that is NaN or infinite counts as nonzero.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import ScalarFunction
from sparseopt.graph.nodes import Elementwise, Node
from sparseopt.patterns.dual_numbers import first_partials, second_partials
from sparseopt.patterns.known_values import Known, Mask, known_values

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
    return tuple(not (type(p) is float and p == 0.0) for p in partials)


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
        self._known, self._irrelevant = known_values(nodes)
        self._values = None if values is None else dict(zip(nodes, values, strict=True))

    def first(self, node: Elementwise) -> list[Mask]:
        """Return, for each argument, where the first partial may be nonzero."""
        flags: list[Mask] = list(flowing_arguments(node.function))
        if node in self._irrelevant:
            pairs = zip(flags, self._irrelevant[node], strict=True)
            flags = [flag and _negated(unneeded) for flag, unneeded in pairs]
        if self._values is not None:
            partials = self._local(node, first_partials)
            flags = [_both(f, p, node.size) for f, p in zip(flags, partials, strict=True)]
        return flags

    def second(self, node: Elementwise) -> dict[tuple[int, int], Mask]:
        """Return, for each curved pair of arguments, where the second partial may be nonzero."""
        flags: dict[tuple[int, int], Mask] = dict.fromkeys(curved_pairs(node.function), True)
        if node in self._irrelevant:
            unneeded = self._irrelevant[node]
            flags = {(i, j): _negated(unneeded[i] | unneeded[j]) for i, j in flags}
        exponent = self._known[node.args[1]] if node.function.name == "power" else None
        if exponent is not None:
            curved = _negated(exponent.equal(1.0) | exponent.equal(0.0))
            flags[0, 0] = flags[0, 0] & curved
        if self._values is not None and flags:
            partials = self._local(node, second_partials)
            flags = {pair: _both(flag, partials[pair], node.size) for pair, flag in flags.items()}
        return flags

    def known(self, node: Node) -> Known | None:
        """Return which elements of a node are constants."""
        return self._known[node]

    def _local(self, node: Elementwise, partials: Any) -> Any:
        assert self._values is not None
        args = tuple(self._values[a] for a in node.args)
        with np.errstate(all="ignore"):
            return partials(node.function, self._values[node], args)


def _negated(mask: Mask) -> Mask:
    return not mask if isinstance(mask, bool) else _settled(~mask)


def _settled(mask: NDArray[np.bool_]) -> Mask:
    """Return one flag instead of an array of equal ones."""
    return bool(mask.flat[0]) if mask.size and mask.all() == mask.any() else mask


def _both(flag: Mask, partial: Any, size: int) -> Mask:
    nonzero = np.broadcast_to(np.asarray(partial) != 0.0, (size,))
    return _settled(np.asarray(flag & nonzero))
