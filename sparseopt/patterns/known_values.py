"""Elements of a Program that are constants, and their values, found without x.

A padded array is constant at its border, a product is zero wherever one factor is a constant zero,
a `where` with a constant condition is the branch it takes.  Parameters are never known: a value
that may be set again counts as anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Linear, Node, RowSum

__all__ = ["UNKNOWN", "Known", "KnownFunctions", "Mask", "known_values"]

Mask = NDArray[np.bool_] | bool
"""A flag for every element, or one for all of them."""


class Known:
    """A vector of which some elements are known; it computes with what is known.

    Attributes
    ----------
    mask : bool array or bool
        Which elements are known.
    values : array
        Their values; anything at other elements.  An array of size one stands for any size.
    """

    __array_ufunc__ = None  # NumPy's operators leave the operation to this class

    def __init__(self, mask: Mask, values: NDArray[np.float64]) -> None:
        self.mask = mask
        self.values = values

    def equal(self, value: float) -> NDArray[np.bool_]:
        """Return which elements are known to have a value."""
        return np.asarray(self.mask & (self.values == value))

    def __add__(self, other: Any) -> Known:
        return _apply("add", self, other)

    def __radd__(self, other: Any) -> Known:
        return _apply("add", other, self)

    def __sub__(self, other: Any) -> Known:
        return _apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Known:
        return _apply("subtract", other, self)

    def __mul__(self, other: Any) -> Known:
        return _apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Known:
        return _apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Known:
        return _apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Known:
        return _apply("divide", other, self)

    def __neg__(self) -> Known:
        return _apply("negative", self)


UNKNOWN = Known(False, np.zeros(1))


class KnownFunctions:
    """The table's functions by name, of partly known values: ``f`` in the partials."""

    def __getattr__(self, name: str) -> Callable[..., Known]:
        return lambda *arguments: _apply(name, *arguments)


def _irrelevant(name: str, args: Sequence[Known]) -> list[Mask]:
    """Return, for each argument, the elements in which it cannot change the result.

    That is so where other arguments are constants: ``0 * x``, ``0 / x``, ``x ** 0``, ``1 ** x``,
    the branch that a constant condition never takes, and the condition between equal constants.
    """
    if name == "where":
        condition, first, second = args
        zero = condition.equal(0.0)
        same = np.asarray(first.mask & second.mask & (first.values == second.values))
        return [same, zero, np.asarray(condition.mask & ~zero)]
    if name == "multiply":
        return [args[1].equal(0.0), args[0].equal(0.0)]
    if name == "power":
        return [args[1].equal(0.0), args[0].equal(1.0)]
    if name in ("divide", "xlogy", "xlog1py"):
        return [False, args[0].equal(0.0)]
    return [False] * len(args)


def _apply(name: str, *arguments: Any) -> Known:
    args = [a if isinstance(a, Known) else Known(True, np.atleast_1d(a)) for a in arguments]
    mask: Any = True
    for known, unneeded in zip(args, _irrelevant(name, args), strict=True):
        mask = mask & (known.mask | unneeded)
    if not np.any(mask):
        return UNKNOWN
    # Whatever cannot change the result may be replaced by one.
    plain = [k.values if k.mask is True else np.where(k.mask, k.values, 1.0) for k in args]
    with np.errstate(all="ignore"):
        return Known(_whole(mask), FUNCTIONS[name].numpy(*plain))


def _whole(mask: Mask) -> Mask:
    return True if np.all(mask) else mask


def _filled(known: Known, size: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    return np.broadcast_to(known.mask, (size,)), np.broadcast_to(known.values, (size,))


def _gather(node: Gather, args: list[Known]) -> Known:
    pairs = [_filled(known, a.size) for known, a in zip(args, node.args, strict=True)]
    index = node.index.materialize()
    mask = np.concatenate([m for m, _ in pairs])[index]
    if not mask.any():
        return UNKNOWN
    return Known(_whole(mask), np.concatenate([v for _, v in pairs])[index])


def _linear(node: Linear, known: Known) -> Known:
    mask, values = _filled(known, node.args[0].size)
    values = np.where(mask, values, 0.0)
    if isinstance(node.matrix, RowSum):
        shape = (node.matrix.num_rows, node.matrix.width)
        mask = np.asarray(mask.reshape(shape).all(axis=1))
        sums = values.reshape(shape).sum(axis=1)
    else:
        mask = np.asarray(abs(node.matrix) @ (~mask).astype(np.float64)) == 0.0
        sums = np.asarray(node.matrix @ values)
    return Known(_whole(mask), sums) if mask.any() else UNKNOWN


def _has_empty_row(node: Node) -> bool:
    """Whether a constant matrix gives zeros, whatever it is multiplied by."""
    if not isinstance(node, Linear) or isinstance(node.matrix, RowSum):
        return False
    return bool((np.diff(node.matrix.indptr) == 0).any())


def known_values(nodes: Sequence[Node]) -> dict[Node, Known]:
    """Return what is known of every node; each comes after its arguments."""
    known: dict[Node, Known] = {}
    for node in nodes:
        args = [known[a] for a in node.args]
        found = UNKNOWN
        if isinstance(node, Constant):
            found = Known(True, node.values)
        elif all(a is UNKNOWN for a in args) and not _has_empty_row(node):
            pass
        elif isinstance(node, Elementwise):
            found = _apply(node.function.name, *args)
        elif isinstance(node, Gather):
            found = _gather(node, args)
        elif isinstance(node, Linear):
            found = _linear(node, args[0])
        known[node] = found
    return known
