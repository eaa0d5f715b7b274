"""Elements of a Program that are constants, and their values, found without x.

A padded array is constant at its border, a product is zero wherever one factor is a constant zero,
a `where` with a constant condition is the branch it takes.  Parameters are never known: a value
that may be set again counts as anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import ScalarFunction
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Linear, Node, RowSum

__all__ = ["Known", "Mask", "irrelevant_arguments", "known_values"]

Mask = NDArray[np.bool_] | bool
"""A flag for every element, or one for all of them."""


@dataclass(frozen=True, eq=False)
class Known:
    """Which elements are constants, and their values (anything where they are not)."""

    mask: Mask
    values: NDArray[np.float64]

    def equal(self, value: float) -> Mask:
        """Return which elements are known to have a value."""
        return self.mask & (self.values == value)


Knowledge = Known | None


def irrelevant_arguments(function: ScalarFunction, args: Sequence[Knowledge]) -> list[Mask]:
    """Return, for each argument, the elements in which it cannot change the result.

    That is so where other arguments are constants: ``0 * x``, ``0 / x``, ``x ** 0``, ``1 ** x``,
    and the branch that a constant condition never takes.
    """
    nothing: list[Mask] = [False] * len(args)
    if function.name == "where":
        condition = args[0]
        if condition is None:
            return nothing
        zero = condition.equal(0.0)
        return [False, zero, condition.mask & ~np.asarray(condition.values == 0.0)]
    if function.name not in ("multiply", "divide", "power", "xlogy", "xlog1py"):
        return nothing
    first = False if args[0] is None else args[0].equal(1.0 if function.name == "power" else 0.0)
    second: Mask = False
    if args[1] is not None and function.name in ("multiply", "power"):
        second = args[1].equal(0.0)
    return [second, first]


def _elementwise(node: Elementwise, args: list[Knowledge], irrelevant: list[Mask]) -> Knowledge:
    mask: Any = True
    for known, unneeded in zip(args, irrelevant, strict=True):
        mask = mask & ((False if known is None else known.mask) | unneeded)
    if not np.any(mask):
        return None
    # Whatever cannot change the result may be replaced by one.
    plain = [1.0 if k is None else np.where(k.mask, k.values, 1.0) for k in args]
    with np.errstate(all="ignore"):
        values = np.broadcast_to(node.function.numpy(*plain), (node.size,))
    return Known(_whole(mask, node.size), values)


def _whole(mask: Mask, size: int) -> Mask:
    if isinstance(mask, np.ndarray):
        return True if mask.all() else np.broadcast_to(mask, (size,))
    return bool(mask)


def _gather(node: Gather, args: list[Knowledge]) -> Knowledge:
    if all(known is None for known in args):
        return None
    pairs = list(zip(node.args, args, strict=True))
    index = node.index.materialize()
    masks = [np.full(a.size, k is not None and k.mask) for a, k in pairs]
    mask = np.concatenate(masks)[index]
    if not mask.any():
        return None
    values = np.concatenate([np.zeros(a.size) if k is None else k.values for a, k in pairs])
    return Known(_whole(mask, node.size), values[index])


def _linear(node: Linear, known: Known) -> Knowledge:
    size = node.args[0].size
    values = np.where(known.mask, known.values, 0.0)
    unknown = np.broadcast_to(~np.asarray(known.mask), (size,))
    if isinstance(node.matrix, RowSum):
        shape = (node.matrix.num_rows, node.matrix.width)
        mask, sums = ~unknown.reshape(shape).any(axis=1), values.reshape(shape).sum(axis=1)
    else:
        mask = (abs(node.matrix) @ unknown.astype(np.float64)) == 0.0
        sums = np.asarray(node.matrix @ values)
    return Known(_whole(mask, node.size), sums) if mask.any() else None


def known_values(
    nodes: Sequence[Node],
) -> tuple[dict[Node, Knowledge], dict[Node, list[Mask]]]:
    """Return what is known of every node, and the irrelevant arguments of scalar functions."""
    known: dict[Node, Knowledge] = {}
    irrelevant: dict[Node, list[Mask]] = {}
    for node in nodes:
        args = [known[a] for a in node.args]
        found: Knowledge = None
        if isinstance(node, Constant):
            found = Known(True, node.values)
        elif isinstance(node, Elementwise):
            if any(k is not None for k in args):
                irrelevant[node] = irrelevant_arguments(node.function, args)
                found = _elementwise(node, args, irrelevant[node])
        elif isinstance(node, Gather):
            found = _gather(node, args)
        elif isinstance(node, Linear) and args[0] is not None:
            found = _linear(node, args[0])
        known[node] = found
    return known, irrelevant
