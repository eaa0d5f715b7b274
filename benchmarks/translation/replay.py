"""Replays a traced program on the arrays of another tool, node by node.

All of a traced program is five kinds of operations on flat vectors. A tool that has them on arrays
says how in an `Arrays`, and gets the program in its own expressions: whole-array formulas, as a
user of that tool would write them.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.tools.interface import ToolUnavailableError, Vector
from sparseopt.graph.index import selector
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program

Places = slice | NDArray[np.integer[Any]]


class Arrays(Protocol):
    """What a tool does with flat vectors; numbers are Python floats and broadcast."""

    def constant(self, values: Vector) -> Any:
        """Return data as the tool's vector."""

    def apply(self, function: str, args: list[Any], size: int) -> Any:
        """Return a function of the table of vectors and numbers."""

    def take(self, sources: list[Any], places: Places, size: int) -> Any:
        """Return elements of the sources, one source after the other."""

    def sum_rows(self, value: Any, num_rows: int, width: int) -> Any:
        """Return the sums of consecutive groups of `width` elements."""

    def product(self, matrix: sp.csr_array, value: Any) -> Any:
        """Return a constant sparse matrix times a vector."""


def replay(program: Program, x: Any, parameters: Vector, arrays: Arrays) -> list[Any]:
    """Return the outputs of a program in the expressions of a tool.

    Parameters
    ----------
    program : Program
    x : the tool's vector of all variables
        Indexed with slices.
    parameters : ndarray
        Taken as data.
    arrays : Arrays

    Raises
    ------
    ToolUnavailableError
        For a scalar function that the tool lacks, or a function that is not NumPy.
    """
    values: dict[int, Any] = {}
    for node in program.nodes():
        if isinstance(node, Input):
            start = program.offsets[id(node)]
            part = slice(start, start + node.size)
            if node.role == "variable":
                values[id(node)] = x if node.size == program.num_variables else x[part]
            else:
                values[id(node)] = arrays.constant(parameters[part])
        else:
            values[id(node)] = _value(node, [values[id(a)] for a in node.args], arrays)
    return [values[id(node)] for node in program.outputs]


def _value(node: Node, args: list[Any], arrays: Arrays) -> Any:
    if isinstance(node, Constant):
        return float(node.values[0]) if node.size == 1 else arrays.constant(node.values)
    if isinstance(node, Elementwise):
        return arrays.apply(node.function.name, args, node.size)
    if isinstance(node, Gather):
        return arrays.take(args, selector(node.index), node.size)
    if isinstance(node, Call):
        raise ToolUnavailableError(f"it cannot call the function {node.function.name!r}")
    assert isinstance(node, Linear)
    if isinstance(node.matrix, RowSum):
        return arrays.sum_rows(args[0], node.matrix.num_rows, node.matrix.width)
    return arrays.product(node.matrix, args[0])
