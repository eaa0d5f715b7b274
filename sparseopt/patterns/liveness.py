"""Which elements of each node reach an output through partials that can be nonzero."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Linear, Node, RowSum
from sparseopt.patterns.known_values import Mask

__all__ = ["live_elements"]

Flags = Callable[[Elementwise], list[Mask]]


def live_elements(nodes: list[Node], outputs: Iterable[Node], flags: Flags) -> dict[Node, Mask]:
    """Return the live elements of every node that has any.

    Parameters
    ----------
    nodes : list of Node
        Every node after its arguments.
    outputs : iterable of Node
    flags : callable
        Where the first partials of a scalar function can be nonzero, for each argument.
    """
    live: dict[Node, Mask] = dict.fromkeys(outputs, True)
    for node in reversed(nodes):
        mask = live.get(node, False)
        if mask is False:
            continue
        if isinstance(node, Elementwise):
            for arg, flag in zip(node.args, flags(node), strict=True):
                if not isinstance(arg, Constant):
                    _add(live, arg, mask & flag)
        elif isinstance(node, Gather):
            _gather(live, node, mask)
        elif isinstance(node, Linear):
            _add(live, node.args[0], _linear(node, mask))
        elif isinstance(node, Call):
            _add(live, node.args[0], _called(node, mask))
    return live


def _called(node: Call, mask: Mask) -> Mask:
    function = node.function
    active: NDArray[np.bool_] | None = getattr(function, "active", None)
    if active is not None and getattr(function, "is_dense", False):
        return active  # its pattern is not formed for this
    counted = np.broadcast_to(mask, (node.size,))[function.jacobian_rows]
    read: NDArray[np.bool_] = np.zeros(node.args[0].size, bool)
    read[function.jacobian_cols[counted]] = True
    return read


def _add(live: dict[Node, Mask], node: Node, mask: Mask) -> None:
    total = live.get(node, False) | mask
    if isinstance(total, np.ndarray):
        if total.all():
            total = True
        elif not total.any():
            return
    if total is not False:
        live[node] = total


def _gather(live: dict[Node, Mask], node: Gather, mask: Mask) -> None:
    sizes = [a.size for a in node.args]
    if mask is True and len(sizes) == 1 and node.index.is_identity(sizes[0]):
        return _add(live, node.args[0], True)
    read = np.zeros(sum(sizes), bool)
    index = node.index.materialize()
    read[index if isinstance(mask, bool) else index[mask]] = True
    start = 0
    for arg, size in zip(node.args, sizes, strict=True):
        if not isinstance(arg, Constant):
            _add(live, arg, read[start : start + size])
        start += size
    return None


def _linear(node: Linear, mask: Mask) -> Mask:
    if isinstance(node.matrix, RowSum):
        return mask if isinstance(mask, bool) else np.repeat(mask, node.matrix.width)
    read: NDArray[np.bool_] = np.zeros(node.args[0].size, bool)
    counted = node.matrix.data != 0.0
    if not isinstance(mask, bool):
        counted &= np.repeat(mask, np.diff(node.matrix.indptr))
    read[node.matrix.indices[counted]] = True
    return read
