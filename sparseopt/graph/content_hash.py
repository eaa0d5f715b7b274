"""A short name for what a Program computes: equal for equal formulas and data, in any process."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from sparseopt.graph.index import ArrayIndex
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program

__all__ = ["content_hash", "content_key"]


def content_hash(program: Program) -> str:
    """Return 32 hexadecimal digits that depend on the formulas, their data and the inputs' names.

    Values of parameters, source lines, and the inside of functions that are not NumPy do not count.
    """
    digest = hashlib.blake2b(digest_size=16)
    number = {id(node): k for k, node in enumerate(program.nodes())}
    for node in program.nodes():
        args = [number[id(arg)] for arg in node.args]
        digest.update(f"{type(node).__name__} {node.size} {args} {_text(node)}\n".encode())
        for array in _arrays(node):
            digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(str([number[id(output)] for output in program.outputs]).encode())
    return digest.hexdigest()


def content_key(program: Program) -> tuple[object, ...]:
    """Return a key that also tells the functions that are not NumPy apart, in this process.

    It holds as long as the program lives.
    """
    inside = (node.function for node in program.nodes() if isinstance(node, Call))
    return (content_hash(program), *(getattr(f, "key", id(f)) for f in inside))


def _text(node: Node) -> str:
    if isinstance(node, Input):
        return f"{node.role} {node.name}"
    if isinstance(node, (Elementwise, Call)):
        return node.function.name
    if isinstance(node, Gather) and not isinstance(node.index, ArrayIndex):
        return str(node.index)
    if isinstance(node, Linear) and isinstance(node.matrix, RowSum):
        return f"{node.matrix.num_rows} {node.matrix.width}"
    return ""


def _arrays(node: Node) -> list[Any]:
    if isinstance(node, Constant):
        return [node.values]
    if isinstance(node, Gather) and isinstance(node.index, ArrayIndex):
        return [node.index.values.astype(np.int64)]
    if isinstance(node, Linear) and not isinstance(node.matrix, RowSum):
        matrix = node.matrix
        return [matrix.data, matrix.indices.astype(np.int64), matrix.indptr.astype(np.int64)]
    return []
