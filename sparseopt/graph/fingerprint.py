"""What determines a program's values and derivatives, as a digest: equal for equal programs."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import ArrayIndex
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program

__all__ = ["fingerprint"]


def fingerprint(program: Program, most_bytes: float = np.inf) -> str | None:
    """Return a digest of all that evaluations of a program depend on.

    Names, lines of source and the values of parameters are not in it.

    Parameters
    ----------
    program : Program
    most_bytes : float
        Of its data; a program with more has none.

    Returns
    -------
    str or None
        None for a program that calls functions which are not NumPy: what they do is not known.

    Examples
    --------
    >>> def program(name):
    ...     x = Input("x", 3)
    ...     return Program((x,), (), (Elementwise(FUNCTIONS[name], (x,), 3),))
    >>> fingerprint(program("sin")) == fingerprint(program("sin"))
    True
    >>> fingerprint(program("sin")) == fingerprint(program("cos"))
    False
    """
    digest = hashlib.blake2b(digest_size=20)
    number = {node: k for k, node in enumerate(program.nodes())}
    left = most_bytes
    lines: list[object] = [
        [(node.role, node.size, node.may_vary, number.get(node)) for node in group]
        for group in (program.variables, program.parameters)
    ]
    for node in number:
        content = _content(node)
        if content is None:
            return None
        what, arrays = content
        left -= sum(array.nbytes for array in arrays)
        if left < 0:
            return None
        lines.append((what, node.size, [number[a] for a in node.args]))
        for array in arrays:
            lines.append((array.dtype.str, array.size))
            digest.update(np.ascontiguousarray(array).data)
    lines.append([number[node] for node in program.outputs])
    digest.update(repr(lines).encode())
    return digest.hexdigest()


def _content(node: Node) -> tuple[object, list[Any]] | None:
    """Return what a node computes from its arguments, and the arrays of that."""
    if isinstance(node, Elementwise):
        known = FUNCTIONS.get(node.function.name) is node.function
        return (node.function.name, []) if known else None
    if isinstance(node, Gather):
        if isinstance(node.index, ArrayIndex):
            return "gather", [node.index.materialize()]
        return ("gather", *node.index), []
    if isinstance(node, Constant):
        return ("constant", node.has_plain_zeros), [node.values]
    if isinstance(node, Input):
        return "input", []
    return _matrix(node.matrix) if isinstance(node, Linear) else None


def _matrix(matrix: Any) -> tuple[object, list[Any]]:
    if isinstance(matrix, RowSum):
        return ("sums", matrix.num_rows, matrix.width), []
    return ("matrix", matrix.shape), [matrix.indptr, matrix.indices, matrix.data]
