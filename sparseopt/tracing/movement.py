"""Copying elements from place to place: NumPy's own functions applied to arrays of positions.

Whatever NumPy does to an array without computing (concatenate, pad, roll, repeat, ...) it does to
the positions of the elements too.  So no function that moves elements is written here again: it
acts on positions, and one `Gather` copies the elements to where their positions went.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import TracingError
from sparseopt.graph.index import Index, index_of
from sparseopt.graph.nodes import Constant, Gather, Node, Where
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.storage import gather
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["copies", "join", "plain", "positions", "rearrange", "with_filler"]

Positions = NDArray[Any]


def positions(shape: tuple[int, ...], start: int = 0) -> Positions:
    """Return the flat C-order positions of an array's elements, counted from ``start``."""
    size = int(np.prod(shape))
    if start + size < 2**31:
        return np.arange(start, start + size, dtype=np.int32).reshape(shape)
    return np.arange(start, start + size, dtype=np.int64).reshape(shape)


def plain(*values: Any) -> None:
    """Refuse traced values where a number must be known while the code is recorded."""
    if any(is_traced(value) for value in values):
        raise TracingError(
            "an index, a shape or a condition depends on the variables",
            where=describe_where(user_frame()),
            why="which elements are meant, and so the sparsity, would change with the variables",
            instead="np.where(condition, a, b) where a value is chosen; else use constants here",
        )


def rearrange(function: Callable[..., Any], array: Any, *args: Any, **kwargs: Any) -> TracedArray:
    """Return the elements of one array moved as NumPy's ``function`` moves them."""
    plain(*args, *kwargs.values())
    traced = as_traced(array)
    return traced.take_flat(np.asarray(function(positions(traced.shape), *args, **kwargs)))


def join(arrays: Sequence[Any], arrange: Callable[..., Any]) -> TracedArray:
    """Return elements of several arrays, placed as ``arrange`` places their positions."""
    traced = [as_traced(array) for array in arrays]
    start, numbered = 0, []
    for array in traced:
        numbered.append(positions(array.shape, start))
        start += array.size
    placed = np.asarray(arrange(*numbered))
    return copies(traced, index_of(np.ascontiguousarray(placed).reshape(-1)), placed.shape)


def with_filler(
    function: Callable[..., Any], array: Any, filler: Any, *args: Any, **kwargs: Any
) -> TracedArray:
    """Return ``function`` of an array, where zeros that it puts in stand for ``filler``."""
    plain(*args, *kwargs.values())
    return join([filler, array], lambda _, moved: function(moved, *args, **kwargs))


def copies(arrays: Sequence[TracedArray], index: Index, shape: tuple[int, ...]) -> TracedArray:
    """Return elements of the concatenated arrays as a new array."""
    where = user_frame()
    nodes = [array.node for array in arrays if array.size]
    boolean = all(array.is_boolean for array in arrays)
    return traced_from_node(_copy(nodes, index, where), shape, boolean)


def _copy(nodes: list[Node], index: Index, where: Where) -> Node:
    if index.size == 0:
        return Constant(np.zeros(0), where)
    if len(nodes) == 1:
        return gather(nodes[0], index)
    constants = [node.values for node in nodes if isinstance(node, Constant)]
    if len(constants) == len(nodes):
        return Constant(np.concatenate(constants)[index.materialize()], where)
    return Gather(nodes, index, where)
