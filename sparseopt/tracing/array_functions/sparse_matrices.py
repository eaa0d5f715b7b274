"""Constant matrices times traced arrays, from either side: one `Linear` node.

In C order, ``A @ X`` of a matrix X with n columns is ``kron(A, I_n)`` times the elements of X, and
``X @ A`` is ``kron(I, A.T)`` times them.  Entries of A that are exactly zero are dropped: they are
no part of the sparsity.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.sparse as sp

from sparseopt.errors import ShapeError
from sparseopt.graph.nodes import Constant, Linear
from sparseopt.tracing.conversion import constant_array
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = ["constant_csr", "linear", "scalar_factor", "times_constant", "times_traced"]


def constant_csr(matrix: Any) -> Any:
    """Return a dense or sparse constant matrix in canonical CSR form, without stored zeros."""
    result: Any
    is_sparse: bool = sp.issparse(matrix)
    if is_sparse:
        constant_array(np.zeros(0, matrix.dtype))
        result = sp.csr_array(matrix, dtype=np.float64, copy=True)
        if result.ndim != 2:
            result = sp.csr_array(result.reshape(1, -1))
    else:
        result = sp.csr_array(np.atleast_2d(constant_array(matrix)))
    result.sum_duplicates()
    result.eliminate_zeros()
    return result


def linear(matrix: sp.csr_array, array: TracedArray, shape: tuple[int, ...]) -> TracedArray:
    """Return a constant matrix times the flat elements of an array."""
    where = user_frame()
    if math.prod(shape) == 0 or matrix.nnz == 0:
        return traced_from_node(Constant(np.zeros(math.prod(shape)), where), shape)
    return traced_from_node(Linear(matrix, array.node, where), shape)


def scalar_factor() -> ShapeError:
    """Return the error of a matrix product with a scalar."""
    return ShapeError(
        "matrix product with a traced scalar",
        where=describe_where(user_frame()),
        instead="c * x for the product of a number and an array",
    )


def _check(first: tuple[int, ...], second: tuple[int, ...], inner: tuple[int, int]) -> None:
    if inner[0] != inner[1]:
        raise ShapeError(
            f"matrix product of shapes {first} and {second}",
            where=describe_where(user_frame()),
            why=f"{inner[0]} columns meet {inner[1]} rows",
        )


def _identity_kron(before: int, matrix: sp.csr_array, after: int) -> sp.csr_array:
    if after > 1:
        matrix = sp.kron(matrix, sp.eye_array(after), format="csr")
    if before > 1:
        matrix = sp.kron(sp.eye_array(before), matrix, format="csr")
    return sp.csr_array(matrix)


def times_traced(matrix: Any, array: TracedArray) -> TracedArray:
    """Return ``matrix @ array`` for a constant matrix of one or two dimensions."""
    if array.ndim == 0:
        raise scalar_factor()
    csr = constant_csr(matrix)
    rows = tuple(matrix.shape[:-1])
    if array.ndim == 1:
        _check(matrix.shape, array.shape, (csr.shape[1], array.size))
        return linear(csr, array, rows)
    batch, (inner, columns) = array.shape[:-2], array.shape[-2:]
    _check(matrix.shape, array.shape, (csr.shape[1], inner))
    whole = _identity_kron(math.prod(batch), csr, columns)
    return linear(whole, array, (*batch, *rows, columns))


def times_constant(array: TracedArray, matrix: Any) -> TracedArray:
    """Return ``array @ matrix`` for a constant matrix of one or two dimensions."""
    if array.ndim == 0:
        raise scalar_factor()
    is_vector = len(matrix.shape) == 1
    csr = constant_csr(matrix) if is_vector else sp.csr_array(constant_csr(matrix).T)
    _check(array.shape, matrix.shape, (array.shape[-1], csr.shape[1]))
    batch = array.shape[:-1]
    whole = _identity_kron(math.prod(batch), csr, 1)
    return linear(whole, array, (*batch, *(() if is_vector else (csr.shape[0],))))
