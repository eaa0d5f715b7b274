"""Taking ``a == b``, ``a <= b``, ``a >= b`` apart into an expression and its bounds.

A comparison of traced arrays is recorded as a node like any other; as a constraint it means the
relation.  Constant data stays on the side of the bounds, so that ``x <= 5`` is a row with the one
entry ``x``; otherwise the row is the difference of the two sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ProblemError
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Node, Where
from sparseopt.tracing.conversion import as_traced, is_traced, unlabeled
from sparseopt.tracing.source_lines import describe_where
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["Relation", "expression", "relation", "relation_within"]

FloatArray = NDArray[np.float64]

_RELATIONS = {"equal": "==", "less_equal": "<=", "greater_equal": ">="}
_REFUSED = {"less": ("<", "<="), "greater": (">", ">="), "not_equal": ("!=", "==")}


@dataclass(frozen=True)
class Relation:
    """``lower <= node <= upper``; the bounds have the rows' shape, or are numbers for all."""

    node: Node
    shape: tuple[int, ...]
    lower: FloatArray | float
    upper: FloatArray | float


def expression(value: Any, where: Where) -> TracedArray:
    """Return an expression that is not a comparison as a traced array."""
    traced = as_traced(value)
    if traced.is_boolean:
        raise ProblemError(
            "a comparison stands where a value is expected",
            where=describe_where(where),
            instead="give lower= and upper= with an expression, or the relation alone",
        )
    return traced


def relation(value: Any, where: Where) -> Relation:
    """Take a recorded relation apart, or say why the value is none."""
    value = unlabeled(value)
    if not is_traced(value):
        raise ProblemError(
            f"a constraint is a plain {type(value).__name__}, not a relation",
            where=describe_where(where),
            why="it does not depend on any variable of the model",
            instead="compare an expression of the variables: m.subject_to(x**2 <= 1)",
        )
    if not isinstance(value, TracedArray):
        raise ProblemError(
            "several relations are given at once",
            where=describe_where(where),
            instead="call subject_to for each, or np.stack the expressions and compare once",
        )
    return _split(value, where)


def _split(value: TracedArray, where: Where) -> Relation:
    node = value.node
    name = node.function.name if isinstance(node, Elementwise) else ""
    if name in _REFUSED:
        written, instead = _REFUSED[name]
        raise ProblemError(
            f"a constraint is written with {written}",
            where=describe_where(where),
            why="the feasible points of a continuous problem form a closed set",
            instead=f"use {instead}, with a margin on the other side if it matters",
        )
    if name == "logical_and":
        raise ProblemError(
            "a constraint combines comparisons with &",
            where=describe_where(where),
            why="each relation has bounds and multipliers of its own",
            instead="subject_to(expression, lower=0, upper=1) for a range, else one call for each",
        )
    if name not in _RELATIONS:
        raise ProblemError(
            "a constraint is neither a relation nor an expression with bounds",
            where=describe_where(where),
            instead="write expression <= bound, ==, >=; or subject_to(expression, lower=0, upper=1)"
            " for a range",
        )
    left, right = node.args
    if isinstance(left, Constant) and not isinstance(right, Constant):
        left, right = right, left
        name = {"less_equal": "greater_equal", "greater_equal": "less_equal"}.get(name, name)
    bound: FloatArray | float = 0.0
    if isinstance(right, Constant):
        # A constant of size one stands for any shape.
        bound = float(right.values[0]) if right.size == 1 else right.values.reshape(value.shape)
    else:
        left = Elementwise(FUNCTIONS["subtract"], (left, right), node.size, node.where)
    if left.size != node.size:  # a constant of size one stands for any size
        left = Gather((left,), StridedIndex.of(0, (node.size,), (0,)), node.where)
    lower: FloatArray | float = -np.inf if name == "less_equal" else bound
    upper: FloatArray | float = np.inf if name == "greater_equal" else bound
    return Relation(left, value.shape, lower, upper)


def relation_within(
    constraint: Any, lower: ArrayLike | None, upper: ArrayLike | None, where: Where
) -> Relation:
    """Return a relation, or an expression with bounds as one."""
    if lower is None and upper is None:
        return relation(constraint, where)
    traced = expression(constraint, where)
    # A list is as good as an array; what does not broadcast is refused by name afterwards.
    low: Any = -np.inf if lower is None else lower
    high: Any = np.inf if upper is None else upper
    return Relation(traced.node, traced.shape, low, high)
