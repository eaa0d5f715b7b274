"""Noticing functions that do something else when they are called again.

What is recorded stands for every later call.  A function that draws random numbers, counts its
calls or reads a clock is another function each time, and one recording of it would be silently
wrong.  So it is recorded twice on the same inputs, and the two recordings are compared node by
node: kinds, sizes, index maps, and the bytes of constants.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.errors import SparseOptError, TracingError
from sparseopt.graph.index import ArrayIndex, Index
from sparseopt.graph.nodes import (
    Call,
    Constant,
    Elementwise,
    Gather,
    Input,
    Linear,
    Node,
    RowSum,
    Where,
)
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.foreign_errors import recorded
from sparseopt.tracing.source_lines import describe_where, raising_line

__all__ = ["MOST_NODES", "first_difference", "repeated"]

MOST_NODES = 5_000
"""Longer recordings are not repeated: with this many nodes it takes some 50 ms more."""

_Pair = tuple[Node, Node, Where]


class _Depth(threading.local):
    value = 0


_depth = _Depth()


def repeated(function: Callable[[], Any], name: str) -> Any:
    """Return ``function()``, and compare it with a second call.

    Inside of a function that is itself recorded twice, one call is enough.

    Parameters
    ----------
    function : callable
        Returns traced values, of the same inputs at every call.
    name : str
        Of the user's function, for messages.

    Raises
    ------
    TracingError
        Naming the line where the second recording differs.
    """
    before = _next_number()
    _depth.value += 1
    try:
        first = recorded(function)
        many = _next_number() - before > MOST_NODES
        if _depth.value == 1 and is_traced(first) and not many:
            _compare(first, _again(function, name), name)
    finally:
        _depth.value -= 1
    return first


def _next_number() -> int:
    return Constant(np.zeros(0)).number


def _again(function: Callable[[], Any], name: str) -> Any:
    try:
        return function()
    except SparseOptError:
        raise
    except Exception as error:
        where = raising_line(error.__traceback__)
        what = f"it raises {type(error).__name__}: {error}".rstrip(": ")
        raise _differs(name, where, what) from error


def _compare(first: Any, second: Any, name: str) -> None:
    if not is_traced(second):
        raise _differs(name, None, f"it returns {type(second).__name__}")
    one, other = as_traced(first), as_traced(second)
    if one.shape != other.shape:
        raise _differs(name, one.node.where, f"shape {one.shape} became {other.shape}")
    found = first_difference(one.node, other.node)
    if found is not None:
        raise _differs(name, *found)


def _differs(name: str, where: Where, how: str) -> TracingError:
    return TracingError(
        f"{name} does something else when it is called again",
        where=describe_where(where),
        why=f"{how}; a recording would hold for the first call only",
        instead="draw random numbers before, or with a seed inside; no counters and no state kept "
        "between calls; parameters for what changes between solves",
    )


def first_difference(first: Node, second: Node) -> tuple[Where, str] | None:
    """Return line and description of the first operation that differs, or None.

    Examples
    --------
    >>> from sparseopt.tracing.trace import trace
    >>> one, two = (trace(lambda x, k=k: np.sin(x) * k, (2,))[0].outputs[0] for k in (2.0, 3.0))
    >>> first_difference(one, two)[1]
    'a constant is 2 at first, then 3'
    """
    found: list[tuple[int, Where, str]] = []
    seen: set[tuple[int, int]] = set()
    waiting: list[_Pair] = [(first, second, first.where)]
    while waiting:
        one, other, where = waiting.pop()
        if one is other or (id(one), id(other)) in seen:
            continue
        seen.add((id(one), id(other)))
        how = _difference(one, other)
        if how:
            found.append((one.number, one.where or other.where or where, how))
        waiting += [(a, b, one.where or where) for a, b in zip(one.args, other.args, strict=False)]
    if not found:
        return None
    _, where, how = min(found, key=lambda difference: difference[0])
    return where, how


def _difference(one: Node, other: Node) -> str:
    """Return how two nodes differ, their arguments aside, or an empty text."""
    if type(one) is not type(other):
        return f"{_title(one)} became {_title(other)}"
    if one.size != other.size or len(one.args) != len(other.args):
        return f"{_title(one)} of {one.size} elements became one of {other.size}"
    same = True
    if isinstance(one, Constant) and isinstance(other, Constant):
        if one.values.tobytes() != other.values.tobytes():
            return _changed(one, other)
    elif isinstance(one, Elementwise) and isinstance(other, Elementwise):
        same = one.function.name == other.function.name
    elif isinstance(one, Gather) and isinstance(other, Gather):
        same = _same_index(one.index, other.index)
    elif isinstance(one, Linear) and isinstance(other, Linear):
        same = _same_matrix(one, other)
    elif isinstance(one, Call) and isinstance(other, Call):
        same = one.function.name == other.function.name
        same &= getattr(one.function, "key", None) == getattr(other.function, "key", None)
    elif isinstance(one, Input) and isinstance(other, Input):
        same = one.name == other.name
    return "" if same else f"{_title(one)} became {_title(other)}"


def _changed(one: Constant, other: Constant) -> str:
    place = int(np.argmax(one.values != other.values))
    was, became = one.values[place], other.values[place]
    return f"a constant is {was:g} at first, then {became:g}"


def _title(node: Node) -> str:
    if isinstance(node, Elementwise):
        return f"np.{node.function.name}"
    if isinstance(node, Call):
        return f"external function {node.function.name}"
    names = {Gather: "a choice of elements", Linear: "a product with a matrix"}
    return names.get(type(node), f"a {type(node).__name__.lower()}")


def _same_index(one: Index, other: Index) -> bool:
    if isinstance(one, ArrayIndex) and isinstance(other, ArrayIndex):
        return np.array_equal(one.values, other.values)
    return one == other if type(one) is type(other) else False


def _same_matrix(one: Linear, other: Linear) -> bool:
    a, b = one.matrix, other.matrix
    if isinstance(a, RowSum) or isinstance(b, RowSum):
        return isinstance(a, RowSum) and isinstance(b, RowSum) and a.width == b.width
    pairs = ((a.indptr, b.indptr), (a.indices, b.indices), (a.data, b.data))
    return a is b or all(np.array_equal(left, right) for left, right in pairs)
