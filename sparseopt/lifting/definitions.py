"""The equation that defines a lifted value, its size, and what the value is in words.

A sum of few terms more than the one before is defined by that: a running sum has about four entries
for each element, not n² / 2.  So is one that is scaled and shifted by constants, as in
``np.cumsum(x) / n``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.nodes import Constant, Elementwise, Input, Linear, Node, RowSum
from sparseopt.lifting.matrix_forms import MatrixForms, recurrence
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["AffineSum", "affine_sum", "defining_residual", "describe_value", "num_defining_entries"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class AffineSum:
    """A value that is ``scale * linear + shift``, with constants.

    Attributes
    ----------
    linear : Linear
    scale, shift : float array, shape (linear.size,) or (1,)
        No scale is zero.
    """

    linear: Linear
    scale: FloatArray
    shift: FloatArray


def affine_sum(value: Node) -> AffineSum | None:
    """Return a value as a scaled and shifted sum; None if it is something else.

    Examples
    --------
    >>> sums = Linear(RowSum(1, 4), Input("x", 4))
    >>> mean = Elementwise(FUNCTIONS["divide"], (sums, Constant(np.array([4.0]))), 1)
    >>> affine_sum(mean).scale
    array([0.25])
    """
    node, scale, shift = value, np.ones(1), np.zeros(1)
    while isinstance(node, Elementwise):
        step = _affine_step(node)
        if step is None:
            return None
        node, factor, offset = step
        scale, shift = scale * factor, shift + scale * offset
    return AffineSum(node, scale, shift) if isinstance(node, Linear) and scale.all() else None


def _affine_step(node: Elementwise) -> tuple[Node, FloatArray | float, FloatArray | float] | None:
    """Return (inner, factor, offset) with node = factor * inner + offset; None if it is not so."""
    name = node.function.name
    if name == "negative":
        return node.args[0], -1.0, 0.0
    if sum(isinstance(arg, Constant) for arg in node.args) != 1 or len(node.args) != 2:
        return None
    first, second = node.args
    if isinstance(second, Constant):
        data = second.values
        if name == "divide" and data.all():
            return first, 1.0 / data, 0.0
        if name == "subtract":
            return first, 1.0, -data
        inner = first
    else:
        assert isinstance(first, Constant)
        data, inner = first.values, second
        if name == "subtract":
            return inner, -1.0, data
    if name == "multiply":
        return inner, data, 0.0
    return (inner, 1.0, data) if name == "add" else None


def defining_residual(value: Node, variable: Input, forms: MatrixForms) -> Node:
    """Return what is zero where a variable has a value: their difference, or a recurrence."""
    known = affine_sum(value)
    if known is not None and not isinstance(known.linear.matrix, RowSum):
        found = forms.recurrence(known.linear.matrix)
        if found is not None:
            return _recurrent(known, *found, variable)
    return Elementwise(FUNCTIONS["subtract"], (value, variable), value.size, value.where)


def _recurrent(known: AffineSum, read: sp.csr_array, own: sp.csr_array, variable: Input) -> Node:
    """Return a (B u + S (z - b) / a), where B u + S w = 0 says that w = A u."""
    size, where = variable.size, known.linear.where
    if (known.scale != 1.0).any():
        scale = sp.diags_array(np.broadcast_to(known.scale, size))
        unscale = sp.diags_array(np.broadcast_to(1.0 / known.scale, size))
        read, own = (scale @ read).tocsr(), (scale @ own @ unscale).tocsr()
    total: Node = Elementwise(
        FUNCTIONS["add"],
        (
            Linear(read, known.linear.args[0], where),
            Linear(own, variable, where),
        ),
        size,
        where,
    )
    if not known.shift.any():
        return total
    shift = Constant(own @ np.broadcast_to(known.shift, size), where, has_plain_zeros=True)
    return Elementwise(FUNCTIONS["subtract"], (total, shift), size, where)


def num_defining_entries(value: Node, forms: MatrixForms) -> int:
    """Return how many entries the definition of a value has at least, without its argument's."""
    known = affine_sum(value)
    if known is None or isinstance(known.linear.matrix, RowSum):
        return value.size
    found = forms.recurrence(known.linear.matrix)
    return int(known.linear.matrix.nnz if found is None else found[0].nnz)


def describe_value(value: Node) -> str:
    """Return in a few words what a value is.

    Examples
    --------
    >>> describe_value(Linear(RowSum(1, 20), Input("x", 20)))
    'a sum of 20 terms'
    """
    known = affine_sum(value)
    if known is not None:
        return _described_sum(known.linear.matrix)
    what = value.function.name if isinstance(value, Elementwise) else type(value).__name__.lower()
    return f"{value.size:,} × {what}" if value.size > 1 else what


def _described_sum(matrix: RowSum | sp.csr_array) -> str:
    if isinstance(matrix, RowSum):
        count, width = matrix.num_rows, matrix.width
        return f"a sum of {width:,} terms" if count == 1 else f"{count:,} sums of {width:,} terms"
    rows, columns = matrix.shape
    if recurrence(matrix) is None:
        return f"a product with a constant {rows:,} × {columns:,} matrix"
    return f"{rows:,} sums, each from the one before"
