"""A loop written all at once: its carries are variables, and every step is an equation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.errors import ShapeError
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Node
from sparseopt.graph.program import Program
from sparseopt.loops.batched import batched
from sparseopt.loops.body import Leaves, trace_body
from sparseopt.loops.scan import Leaf, array_leaves
from sparseopt.tracing.calls import require_function
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["scan_defects"]


def scan_defects(
    step: Callable[[Any, Any], tuple[Any, Any]], carries: Any, inputs: Any = None
) -> tuple[Any, Any]:
    """Return how far given carries are from those of `scan`: zero where they follow the steps.

    The step is traced once, and recorded for all times together: a few vector operations however
    many steps there are.  As equality constraints the defects give the loop in full space, with a
    sparse Jacobian of two block diagonals.

    Parameters
    ----------
    step : callable
        As for `scan`.
    carries : array, or tuple or dict of arrays
        The carry before each step and the last one: the first axis is longer by one than that of
        the inputs.
    inputs : array, or tuple or dict of arrays, optional

    Returns
    -------
    defects, outputs : arrays, or tuples or dicts of arrays
        ``step(carries[t], inputs[t]) - carries[t + 1]``, and what the steps return beside; the
        first axis is that of the steps.

    Raises
    ------
    ShapeError
        If lengths do not fit, or a step changes the carry's shape.
    TracingError
        If the step cannot be recorded, naming the line.

    Examples
    --------
    >>> import numpy as np
    >>> def step(x, force):
    ...     return 0.5 * x + force, None
    >>> scan_defects(step, np.array([1.0, 0.5, 1.0]), np.array([0.0, 1.0]))[0]
    array([0.  , 0.25])
    >>> from sparseopt.modeling.operators import jacobian
    >>> J = jacobian(lambda x: scan_defects(step, x, np.ones(4))[0], np.zeros(5))
    >>> print(J.pattern)
    SparsityPattern(4 x 5, nnz=8)
    ⠙⢦⡀
    """
    require_function(step, 2, "the step of scan_defects")
    states, whole = array_leaves(carries, "carries")
    rows, row_leaves = array_leaves(inputs, "inputs")
    steps = _checked_steps(whole, row_leaves)
    carry = Leaves(whole.names, tuple(s[1:] for s in whole.shapes), whole.structure)
    each = Leaves(row_leaves.names, tuple(s[1:] for s in row_leaves.shapes), row_leaves.structure)
    body = trace_body(step, carry, each)
    before, after = (_by_steps([s[part] for s in states]) for part in (slice(-1), slice(1, None)))
    count = 1 + len(rows)
    given = [before.node, *(as_traced(row).node for row in rows)]
    inner = body.program.variables
    found = batched(
        body.program.outputs,
        dict(zip(inner[:count], given, strict=True)),
        dict(zip(inner[count:], body.captured, strict=True)),
        steps,
    )
    together = traced_from_node(found[0], (steps * carry.size,)) - after.reshape(-1)
    flat: Any = np.concatenate([together, *(traced_from_node(n, (n.size,)) for n in found[1:])])
    if not (body.captured or any(is_traced(leaf) for leaf in (*states, *rows))):
        flat = _computed(as_traced(flat).node)
    defects = flat[: steps * carry.size].reshape((steps, carry.size))
    shapes = tuple((steps, *shape) for shape in body.outputs.shapes)
    stacked = Leaves(body.outputs.names, shapes, body.outputs.structure)
    outputs = stacked.tree(stacked.split(flat[steps * carry.size :]))
    return carry.tree(_columns(defects, carry)), outputs


def _by_steps(leaves: list[Leaf]) -> TracedArray:
    """Return the leaves beside each other, a row for each step."""
    arrays: Any = [as_traced(leaf) for leaf in leaves]
    rows = [array.reshape((array.shape[0], -1)) for array in arrays]
    whole: Any = np.concatenate(rows, axis=1)
    return as_traced(whole)


def _columns(defects: Any, carry: Leaves) -> list[Any]:
    """Return the parts of rows that belong to the leaves, in their shapes."""
    parts, start = [], 0
    for shape, size in zip(carry.shapes, carry.sizes, strict=True):
        part = defects[:, start : start + size]
        parts.append(part.reshape((part.shape[0], *shape)))
        start += size
    return parts


def _computed(node: Node) -> Any:
    return interpret(Program((), (), (node,)), np.zeros(0))[0]


def _checked_steps(carries: Leaves, rows: Leaves) -> int:
    lengths = {name: (s[0] if s else 0) - 1 for name, s in _named(carries)}
    lengths.update((name, s[0] if s else 0) for name, s in _named(rows))
    if len(set(lengths.values())) != 1 or min(lengths.values()) < 1:
        listed = ", ".join(f"{count} of {name}" for name, count in lengths.items())
        raise ShapeError(
            f"the numbers of steps are {listed or 'not given'}",
            where=describe_where(user_frame()),
            why="carries have one row more than there are steps, and inputs one row for each",
            instead="carries of shape (steps + 1, ...) and inputs of shape (steps, ...)",
        )
    return next(iter(lengths.values()))


def _named(leaves: Leaves) -> zip[tuple[str, tuple[int, ...]]]:
    return zip(leaves.names, leaves.shapes, strict=True)
