"""Finding rows of the form ``coefficient * x[variable] + constant`` by looking at a node.

Only a few node kinds are followed, a few levels deep: what people write for a bound is
``x[0] == 1`` or ``2 * x - 1 <= 3``, not a deep expression.  A row that is not recognized stays a
constraint, which is never wrong.  Parameters count as unrecognized: their values may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, Node, RowSum

__all__ = ["NO_VARIABLE", "UNRECOGNIZED", "SingleVariableRows", "single_variable_rows"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_Number = TypeVar("_Number", np.int64, np.float64)

NO_VARIABLE = -1
UNRECOGNIZED = -2
_DEEPEST = 8
_FOLLOWED = frozenset(["add", "subtract", "multiply", "divide", "negative"])


@dataclass(frozen=True)
class SingleVariableRows:
    """Row i is ``coefficient[i] * x[variable[i]] + constant[i]``.

    ``variable[i]`` is `NO_VARIABLE` for a constant row and `UNRECOGNIZED` for any other.
    """

    variable: IntArray
    coefficient: FloatArray
    constant: FloatArray


def single_variable_rows(node: Node, offsets: Mapping[int, int]) -> SingleVariableRows | None:
    """Return what each row of a node is, or None if no row is recognized.

    Parameters
    ----------
    node : Node
    offsets : mapping of id(Input) to int
        Where each variable array starts in the flat vector of variables.
    """
    if not _may_match(node, _DEEPEST):
        return None
    rows = _rows(node, offsets)
    if bool((rows.variable == UNRECOGNIZED).all()):
        return None
    return SingleVariableRows(
        np.broadcast_to(rows.variable, (node.size,)),
        np.broadcast_to(rows.coefficient, (node.size,)),
        np.broadcast_to(rows.constant, (node.size,)),
    )


def _may_match(node: Node, depth: int) -> bool:
    """Whether any row can match; looks at kinds only, so that a nonlinear block costs nothing."""
    if isinstance(node, Input):
        return node.role == "variable"
    if isinstance(node, Constant):
        return True
    if depth == 0:
        return False
    if isinstance(node, Elementwise):
        known = node.function.name in _FOLLOWED
        return known and all(_may_match(arg, depth - 1) for arg in node.args)
    if isinstance(node, Gather):
        return any(_may_match(arg, depth - 1) for arg in node.args)
    return isinstance(node, Linear) and _may_match(node.args[0], depth - 1)


def _rows(node: Node, offsets: Mapping[int, int]) -> SingleVariableRows:
    if isinstance(node, Input) and id(node) in offsets:
        first = offsets[id(node)]
        variable = np.arange(first, first + node.size, dtype=np.int64)
        return SingleVariableRows(variable, np.ones(node.size), np.zeros(node.size))
    if isinstance(node, Constant):
        nothing = np.full(node.size, NO_VARIABLE, np.int64)
        return SingleVariableRows(nothing, np.zeros(node.size), node.values)
    if isinstance(node, Elementwise) and node.function.name in _FOLLOWED:
        return _elementwise(node.function.name, [_rows(arg, offsets) for arg in node.args])
    if isinstance(node, Gather):
        return _gather(node, offsets)
    if isinstance(node, Linear):
        return _linear(node, offsets)
    return _unrecognized(node.size)


def _unrecognized(size: int) -> SingleVariableRows:
    nothing = np.zeros(size)
    return SingleVariableRows(np.full(size, UNRECOGNIZED, np.int64), nothing, nothing)


def _elementwise(name: str, args: list[SingleVariableRows]) -> SingleVariableRows:
    first = args[0]
    if name == "negative":
        return SingleVariableRows(first.variable, -first.coefficient, -first.constant)
    second = args[1]
    if name in ("add", "subtract"):
        sign = 1.0 if name == "add" else -1.0
        return SingleVariableRows(
            _joined(first.variable, second.variable),
            first.coefficient + sign * second.coefficient,
            first.constant + sign * second.constant,
        )
    if name == "divide":
        with np.errstate(divide="ignore"):
            reciprocal = 1.0 / np.where(second.variable == NO_VARIABLE, second.constant, 1.0)
        second = SingleVariableRows(second.variable, second.coefficient, reciprocal)
    elif np.all(first.variable == NO_VARIABLE):
        first, second = second, first
    factor = second.constant
    usable = (second.variable == NO_VARIABLE) & np.isfinite(factor)
    with np.errstate(invalid="ignore"):
        return SingleVariableRows(
            np.where(usable, first.variable, UNRECOGNIZED),
            first.coefficient * factor,
            first.constant * factor,
        )


def _joined(first: IntArray, second: IntArray) -> IntArray:
    """Return the variable of a sum of two rows."""
    either = np.where(first == NO_VARIABLE, second, first)
    same = (first == second) | (first == NO_VARIABLE) | (second == NO_VARIABLE)
    return np.where(same, either, UNRECOGNIZED)


def _gather(node: Gather, offsets: Mapping[int, int]) -> SingleVariableRows:
    sources = [
        _rows(arg, offsets) if _may_match(arg, _DEEPEST) else _unrecognized(arg.size)
        for arg in node.args
    ]
    index = node.index.materialize()
    return SingleVariableRows(
        _joined_arrays([source.variable for source in sources])[index],
        _joined_arrays([source.coefficient for source in sources])[index],
        _joined_arrays([source.constant for source in sources])[index],
    )


def _joined_arrays(arrays: list[NDArray[_Number]]) -> NDArray[_Number]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _linear(node: Linear, offsets: Mapping[int, int]) -> SingleVariableRows:
    matrix = node.matrix
    if isinstance(matrix, RowSum):
        if matrix.width == 1:
            return _rows(node.args[0], offsets)
        return _unrecognized(node.size)
    alone = np.flatnonzero(np.diff(matrix.indptr) == 1)
    result = _unrecognized(node.size)
    if alone.size:
        places = matrix.indptr[alone]
        columns, factors = matrix.indices[places], np.asarray(matrix.data)[places]
        arg = _rows(node.args[0], offsets)
        variable, coefficient = result.variable.copy(), result.coefficient.copy()
        constant = result.constant.copy()
        variable[alone] = arg.variable[columns]
        coefficient[alone] = arg.coefficient[columns] * factors
        constant[alone] = arg.constant[columns] * factors
        result = SingleVariableRows(variable, coefficient, constant)
    return result
