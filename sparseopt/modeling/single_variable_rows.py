"""Finding rows of the form ``coefficient * x[variable] + constant`` by looking at a node.

Only a few node kinds are followed, a few levels deep: what people write for a bound is
``x[0] == 1`` or ``2 * x - 1 <= 3``, not a deep expression.  A row that is not recognized stays a
constraint, which is never wrong.  Parameters count as unrecognized: their values may change.

Nodes are asked for the rows at given positions, so that one element of a long vector costs one
element.  Single numbers take a path of their own, in plain Python: models written in scalar loops
have as many constraints as rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.distinct import positions_of_labels
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, Node, RowSum

__all__ = ["NO_VARIABLE", "SingleVariableRows", "single_variable_rows"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Offsets = Mapping[int, int]
Row = tuple[int, float, float]
Rows = tuple[IntArray, FloatArray, FloatArray]

NO_VARIABLE = -1
_UNRECOGNIZED = -2
_UNRECOGNIZED_ROW: Row = (_UNRECOGNIZED, 0.0, 0.0)
_DEEPEST = 8
_MOST_SOURCES_OF_A_SCALAR = 16

# What the rows of a node may be, judged by kinds of nodes alone.
_NOTHING, _CONSTANT, _VARIABLE = 0, 1, 2


@dataclass(frozen=True)
class SingleVariableRows:
    """Row ``row[i]`` of a node is ``coefficient[i] * x[variable[i]] + constant[i]``.

    ``variable[i]`` is `NO_VARIABLE` for a constant row, with coefficient 0.
    """

    row: IntArray
    variable: IntArray
    coefficient: FloatArray
    constant: FloatArray


def single_variable_rows(
    node: Node, offsets: Offsets
) -> SingleVariableRows | tuple[int, float, float] | None:
    """Return the rows of a node that are recognized, or None if there are none.

    Parameters
    ----------
    node : Node
    offsets : mapping of id(Input) to int
        Where each variable array starts in the flat vector of variables.

    Returns
    -------
    SingleVariableRows, or for a node of size one the tuple (variable, coefficient, constant)
    """
    if _judge(node, _DEEPEST) == _NOTHING:
        return None
    if node.size == 1:
        variable, coefficient, constant = _scalar(node, 0, offsets)
        usable = variable != _UNRECOGNIZED and _is_usable(variable, coefficient, constant)
        return (variable, coefficient, constant) if usable else None
    rows = _at(node, np.arange(node.size), offsets)
    if rows is None:
        return None
    variables, coefficients, constants = rows
    finite = np.isfinite(coefficients) & np.isfinite(constants)
    usable_rows = finite & ((coefficients != 0.0) == (variables >= 0))
    row = np.flatnonzero(usable_rows & (variables != _UNRECOGNIZED))
    if not row.size:
        return None
    return SingleVariableRows(row, variables[row], coefficients[row], constants[row])


def _is_usable(variable: int, coefficient: float, constant: float) -> bool:
    finite = bool(np.isfinite(coefficient) and np.isfinite(constant))
    return finite and (coefficient != 0.0) == (variable >= 0)


def _judge(node: Node, depth: int) -> int:
    """Return what rows a node can have; a nonlinear block costs a few looks, whatever its size."""
    if isinstance(node, Input):
        return _VARIABLE if node.role == "variable" else _NOTHING
    if isinstance(node, Constant):
        return _CONSTANT
    if depth == 0:
        return _NOTHING
    if isinstance(node, Elementwise):
        return _judge_function(node, depth)
    if isinstance(node, Gather):
        return max(_judge(arg, depth - 1) for arg in node.args)
    if isinstance(node, Linear):
        return _judge(node.args[0], depth - 1)
    return _NOTHING


def _judge_function(node: Elementwise, depth: int) -> int:
    name = node.function.name
    if name == "negative":
        return _judge(node.args[0], depth - 1)
    if name not in ("add", "subtract", "multiply", "divide"):
        return _NOTHING
    first = _judge(node.args[0], depth - 1)
    if first == _NOTHING:
        return _NOTHING
    second = _judge(node.args[1], depth - 1)
    if second == _NOTHING:
        return _NOTHING
    if (name == "multiply" and first == second == _VARIABLE) or (
        name == "divide" and second == _VARIABLE
    ):
        return _NOTHING
    return max(first, second)


# ---- one row, in plain Python
def _scalar(node: Node, position: int, offsets: Offsets) -> Row:
    if isinstance(node, Input):
        first = offsets.get(id(node))
        return _UNRECOGNIZED_ROW if first is None else (first + position, 1.0, 0.0)
    if isinstance(node, Constant):
        return NO_VARIABLE, 0.0, float(node.values[position if node.size > 1 else 0])
    if isinstance(node, Elementwise):
        if _judge(node, _DEEPEST) == _NOTHING:  # one part of a Gather may be, beside others
            return _UNRECOGNIZED_ROW
        rows = [_scalar(arg, position, offsets) for arg in node.args]
        return _scalar_function(node.function.name, rows)
    if isinstance(node, Gather) and len(node.args) <= _MOST_SOURCES_OF_A_SCALAR:
        position = _moved(node, position)
        for source in node.args:
            if position < source.size:
                return _scalar(source, position, offsets)
            position -= source.size
    if isinstance(node, Linear):
        found = _at(node, np.array([position]), offsets)
        if found is not None:
            variable, coefficient, constant = found
            return int(variable[0]), float(coefficient[0]), float(constant[0])
    return _UNRECOGNIZED_ROW


def _moved(node: Gather, position: int) -> int:
    index = node.index
    if isinstance(index, StridedIndex) and index.is_line:
        return index.offset + index.strides[0] * position
    return int(index.take(np.array([position]))[0])


def _scalar_function(name: str, rows: list[Row]) -> Row:
    variable, coefficient, constant = rows[0]
    if name == "negative":
        return variable, -coefficient, -constant
    if name in ("add", "subtract"):
        sign = 1.0 if name == "add" else -1.0
        other, other_coefficient, other_constant = rows[1]
        if variable == NO_VARIABLE or other in (NO_VARIABLE, variable):
            either = other if variable == NO_VARIABLE else variable
            total = coefficient + sign * other_coefficient
            return either, total, constant + sign * other_constant
        return _UNRECOGNIZED_ROW
    if name == "multiply" and variable == NO_VARIABLE:
        rows = rows[::-1]
        variable, coefficient, constant = rows[0]
    other, _, factor = rows[1]
    if name not in ("multiply", "divide") or other != NO_VARIABLE:
        return _UNRECOGNIZED_ROW
    if name == "divide":
        factor = 1.0 / factor if factor else np.inf
    return variable, coefficient * factor, constant * factor


# ---- many rows, in NumPy
def _at(node: Node, positions: IntArray, offsets: Offsets) -> Rows | None:
    """Return what the rows at some positions are, or None if none of them is recognized."""
    size = positions.size
    if isinstance(node, Input) and id(node) in offsets:
        return offsets[id(node)] + positions, np.ones(size), np.zeros(size)
    if isinstance(node, Constant):
        values = node.values[positions] if node.size > 1 else np.full(size, node.values[0])
        return np.full(size, NO_VARIABLE), np.zeros(size), values
    if isinstance(node, Elementwise):
        if _judge(node, _DEEPEST) == _NOTHING:
            return None
        rows: list[Rows] = []
        for arg in node.args:
            found = _at(arg, positions, offsets)
            if found is None:  # nor is what is made of it
                return None
            rows.append(found)
        return _some(_function(node.function.name, rows))
    if isinstance(node, Gather):
        return _gather(node, np.asarray(node.index.take(positions), np.int64), offsets)
    if isinstance(node, Linear):
        return _linear(node, positions, offsets)
    return None


def _some(rows: Rows) -> Rows | None:
    variable = rows[0]
    is_none = variable.size and variable[0] == _UNRECOGNIZED and np.all(variable == _UNRECOGNIZED)
    return None if is_none else rows


def _unrecognized(size: int) -> Rows:
    return np.full(size, _UNRECOGNIZED), np.zeros(size), np.zeros(size)


def _function(name: str, rows: list[Rows]) -> Rows:
    variable, coefficient, constant = rows[0]
    if name == "negative":
        return variable, -coefficient, -constant
    if name not in ("add", "subtract", "multiply", "divide"):
        return _unrecognized(variable.size)
    other, other_coefficient, other_constant = rows[1]
    if name in ("add", "subtract"):
        sign = 1.0 if name == "add" else -1.0
        total = coefficient + sign * other_coefficient
        return _joined(variable, other), total, constant + sign * other_constant
    if name == "multiply" and bool((variable == NO_VARIABLE).all()):
        variable, coefficient, constant = rows[1]
        other, _, other_constant = rows[0]
    factor = other_constant
    if name == "divide":
        with np.errstate(divide="ignore"):
            factor = 1.0 / np.where(other == NO_VARIABLE, other_constant, 1.0)
    usable = (other == NO_VARIABLE) & np.isfinite(factor)
    variable = np.where(usable, variable, _UNRECOGNIZED)
    with np.errstate(invalid="ignore"):
        return variable, coefficient * factor, constant * factor


def _joined(first: IntArray, second: IntArray) -> IntArray:
    """Return the variable of a sum of two rows."""
    either = np.where(first == NO_VARIABLE, second, first)
    same = (first == second) | (first == NO_VARIABLE) | (second == NO_VARIABLE)
    return np.where(same, either, _UNRECOGNIZED)


def _gather(node: Gather, positions: IntArray, offsets: Offsets) -> Rows | None:
    if len(node.args) == 1:
        return _at(node.args[0], positions, offsets)
    variable, coefficient, constant = _unrecognized(positions.size)
    starts = np.cumsum([0] + [source.size for source in node.args])
    owner = np.searchsorted(starts, positions, side="right") - 1
    for k, chosen in enumerate(positions_of_labels(owner, len(node.args))):
        source = node.args[k]
        if not chosen.size or _judge(source, _DEEPEST) == _NOTHING:
            continue
        within = positions[chosen] - starts[k]
        if chosen.size == 1:
            row = _scalar(source, int(within[0]), offsets)
            variable[chosen], coefficient[chosen], constant[chosen] = row
        else:
            rows = _at(source, within, offsets)
            if rows is not None:
                variable[chosen], coefficient[chosen], constant[chosen] = rows
    return _some((variable, coefficient, constant))


def _linear(node: Linear, positions: IntArray, offsets: Offsets) -> Rows | None:
    matrix = node.matrix
    if isinstance(matrix, RowSum):
        if matrix.width == 1:
            return _at(node.args[0], positions, offsets)
        return None
    rows = _unrecognized(positions.size)
    alone = np.flatnonzero(np.diff(matrix.indptr)[positions] == 1)
    places = matrix.indptr[positions[alone]]
    columns, factors = matrix.indices[places], np.asarray(matrix.data)[places]
    found = _at(node.args[0], np.asarray(columns, np.int64), offsets) if alone.size else None
    if found is not None:
        variable, coefficient, constant = found
        rows[0][alone] = variable
        rows[1][alone] = coefficient * factors
        rows[2][alone] = constant * factors
    return _some(rows)
