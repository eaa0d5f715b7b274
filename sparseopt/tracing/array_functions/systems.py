"""Linear systems, inverses, determinants and Cholesky factors of dense matrices.

Up to 3 × 3 the formula by cofactors is recorded.  Larger matrices are single operations that LAPACK
evaluates (`dense_systems`).  Every result depends on every element: each large matrix is an
operation of its own, of whose derivatives products with vectors alone are formed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from sparseopt.graph.nodes import Constant, Gather
from sparseopt.graph.opaque import OpaqueFunction
from sparseopt.tracing.array_functions.linear_algebra import matmul
from sparseopt.tracing.calls import record_call
from sparseopt.tracing.conversion import as_traced, constant_array, is_traced
from sparseopt.tracing.dense_factors import cholesky
from sparseopt.tracing.dense_systems import LARGEST_FORMED, determinant, system
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["inverse"]

LARGEST_FORMULA = 3


def _square(a: Any) -> TracedArray:
    matrix: TracedArray = as_traced(a)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")
    return matrix


def _recorded(
    function: Callable[[int], OpaqueFunction], arguments: list[Any], shape: tuple[int, ...]
) -> Any:
    """Return a function of stacks of matrices: one operation, or one for each large matrix.

    Parameters
    ----------
    function : callable
        The function of so many matrices.
    arguments : list of arrays
        Of equal axes before the last two.
    shape : tuple of int
        Of the result for one matrix.
    """
    batch = np.shape(arguments[0])[:-2]
    count = math.prod(batch)
    if count == 1 or np.shape(arguments[0])[-1] <= LARGEST_FORMED:
        return record_call(function(count), arguments, (*batch, *shape))
    each = [a.reshape(count, *a.shape[-2:]) for a in arguments]
    found = [record_call(function(1), [a[k] for a in each], shape) for k in range(count)]
    return np.stack(found).reshape(*batch, *shape)


def _elements(matrix: Any) -> list[list[Any]]:
    n = matrix.shape[-1]
    return [[matrix[..., i, j] for j in range(n)] for i in range(n)]


def _adjugate(matrix: Any) -> list[list[Any]]:
    """Return the adjugate of matrices up to 3 × 3 by cofactors."""
    m = _elements(matrix)
    n = len(m)
    if n == 1:
        return [[np.ones(matrix.shape[:-2])]]
    if n == 2:
        return [[m[1][1], -m[0][1]], [-m[1][0], m[0][0]]]
    return [
        [
            m[(j + 1) % 3][(i + 1) % 3] * m[(j + 2) % 3][(i + 2) % 3]
            - m[(j + 1) % 3][(i + 2) % 3] * m[(j + 2) % 3][(i + 1) % 3]
            for j in range(3)
        ]
        for i in range(3)
    ]


def _expanded(matrix: Any, adjugate: list[list[Any]]) -> Any:
    """Return the determinant by the first row."""
    terms = [matrix[..., 0, j] * adjugate[j][0] for j in range(matrix.shape[-1])]
    return sum(terms[1:], terms[0])


def _stack(rows: list[list[Any]]) -> Any:
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


@implements(np.linalg.det)
def _det(a: Any) -> Any:
    matrix = _square(a)
    n, batch = matrix.shape[-1], matrix.shape[:-2]
    if n == 0 or not math.prod(batch):
        return np.ones(batch)
    if n <= LARGEST_FORMULA:
        return _expanded(matrix, _adjugate(matrix))
    return _recorded(lambda count: determinant(count, n, False), [matrix], ())


@implements(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    matrix = _square(a)
    n, batch = matrix.shape[-1], matrix.shape[:-2]
    kind = type(np.linalg.slogdet(np.ones((1, 1))))
    if n <= LARGEST_FORMULA or not math.prod(batch):
        value = _det(matrix)
        return kind(np.sign(value), np.log(abs(value)))
    both = _recorded(lambda count: determinant(count, n, True), [matrix], (2,))
    return kind(both[..., 0].copy(), both[..., 1].copy())


@implements(np.linalg.inv)
def inverse(a: Any) -> Any:
    """Return the inverses of a stack of traced matrices."""
    matrix = _square(a)
    n = matrix.shape[-1]
    if n <= LARGEST_FORMULA and matrix.size:
        adjugate = _adjugate(matrix)
        return _stack(adjugate) / _expanded(matrix, adjugate)[..., None, None]
    return _solve_columns(matrix, np.broadcast_to(np.eye(n), matrix.shape))


@implements(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    if not is_traced(a):
        return _constant_system(constant_array(a), as_traced(b))
    matrix = _square(a)
    right = as_traced(b) if is_traced(b) else constant_array(b)
    if right.ndim == 1:
        return _solve_columns(matrix, right[:, None])[..., 0]
    return _solve_columns(matrix, right)


def _constant_system(matrix: Any, right: TracedArray) -> Any:
    """Return the solution as a constant matrix times the right-hand side."""
    if right.ndim == 1 and matrix.ndim > 2:
        return (np.linalg.inv(matrix) @ right[:, None])[..., 0]
    return np.linalg.inv(matrix) @ right


def _solve_columns(matrix: TracedArray, right: Any) -> Any:
    n, k = matrix.shape[-1], right.shape[-1]
    if right.shape[-2] != n:
        raise ValueError(
            f"a matrix of {n} columns meets a right-hand side of {right.shape[-2]} rows"
        )
    if n <= LARGEST_FORMULA and matrix.size and right.size:
        adjugate = _adjugate(matrix)
        return matmul(_stack(adjugate), right) / _expanded(matrix, adjugate)[..., None, None]
    batch = np.broadcast_shapes(matrix.shape[:-2], right.shape[:-2])
    if not math.prod(batch) * n * k:
        return np.zeros((*batch, n, k))
    sides = [np.broadcast_to(matrix, (*batch, n, n)), np.broadcast_to(right, (*batch, n, k))]
    # Not `is_fixed`: an operator around this code may differentiate by what is a parameter here.
    active = not _is_data(matrix), not _is_data(right)
    return _recorded(lambda count: system(count, n, k, active), sides, (n, k))


def _is_data(array: Any) -> bool:
    if not is_traced(array):
        return True
    node = array.node
    while isinstance(node, Gather) and len(node.args) == 1:
        node = node.args[0]
    return isinstance(node, Constant)


@implements(np.linalg.cholesky)
def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """Return the factors; NaN, where NumPy raises, for a matrix that is not positive definite."""
    matrix = _square(a)
    n = matrix.shape[-1]
    if not matrix.size:
        return matrix.copy()
    lower = matrix.swapaxes(-1, -2) if upper else matrix
    factor = _recorded(lambda count: cholesky(count, n), [lower], (n, n))
    return factor.swapaxes(-1, -2) if upper else factor
