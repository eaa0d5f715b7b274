"""Constant matrices times traced arrays, from either side: one `Linear` node.

In C order, ``A @ X`` of a matrix X with n columns is ``kron(A, I_n)`` times the elements of X, and
``X @ A`` is ``kron(I, A.T)`` times them.  Entries of A that are exactly zero are dropped: they are
no part of the sparsity.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ShapeError
from sparseopt.graph.index import ranges
from sparseopt.graph.nodes import Constant, Linear
from sparseopt.scipy_on_demand import is_sparse
from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.conversion import constant_array
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = [
    "along_rows",
    "constant_csr",
    "linear",
    "scalar_factor",
    "times_constant",
    "times_traced",
]


def constant_csr(matrix: Any) -> Any:
    """Return a dense or sparse constant matrix in canonical CSR form, without stored zeros."""
    result: Any
    if is_sparse(matrix):
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


def kron_of_identities(before: int, matrix: sp.csr_array, after: int) -> sp.csr_array:
    """Return ``kron(I, kron(matrix, I))`` by copying rows: SciPy would sort its entries."""
    if after == 1:
        return _repeated(before, matrix)
    rows, columns = matrix.shape
    shape = (before * rows * after, before * columns * after)
    dtype = sp.get_index_dtype(maxval=max(*shape, before * matrix.nnz * after))
    lengths = np.repeat(np.diff(matrix.indptr), after).astype(dtype)
    indices, values = _with_identity(matrix, after, lengths)
    indptr = np.zeros(shape[0] + 1, dtype)
    np.cumsum(np.tile(lengths, before) if before > 1 else lengths, out=indptr[1:])
    if before > 1:
        starts = np.arange(before, dtype=dtype) * dtype(columns * after)
        indices, values = (starts[:, None] + indices).reshape(-1), np.tile(values, before)
    return sp.csr_array((values, indices, indptr), shape=shape)


def _with_identity(
    matrix: sp.csr_array, count: int, lengths: NDArray[np.integer]
) -> tuple[NDArray[np.integer], NDArray[np.float64]]:
    """Return columns and values of ``kron(matrix, I)``; rows of it have so many entries.

    Row (i, a) holds the entries of row i, in the columns (j, a).
    """
    dtype: Any = lengths.dtype
    columns, copies = (
        matrix.indices.astype(dtype) * dtype.type(count),
        np.arange(count, dtype=dtype),
    )
    longest = int(lengths.max(initial=0))
    if longest and ((lengths == longest) | (lengths == 0)).all():
        shape = (columns.size // longest, count, longest)
        indices = columns.reshape(-1, 1, longest) + copies[:, None]
        values = np.broadcast_to(matrix.data.reshape(-1, 1, longest), shape)
        return indices.reshape(-1), values.reshape(-1)
    entries = ranges(np.repeat(matrix.indptr[:-1], count), lengths)
    inner = np.repeat(np.tile(copies, matrix.shape[0]), lengths)
    return columns[entries] + inner, matrix.data[entries]


def _repeated(count: int, matrix: sp.csr_array) -> sp.csr_array:
    """Return ``kron(I, matrix)``, the matrix as blocks along a diagonal."""
    if count == 1:
        return matrix
    rows, columns = matrix.shape
    shape, nnz = (count * rows, count * columns), matrix.nnz
    dtype = sp.get_index_dtype(maxval=max(*shape, count * nnz))
    block = np.arange(count, dtype=dtype)[:, None]
    indices = (matrix.indices.astype(dtype) + block * dtype(columns)).reshape(-1)
    indptr = np.zeros(shape[0] + 1, dtype)
    indptr[1:] = (matrix.indptr[1:].astype(dtype) + block * dtype(nnz)).reshape(-1)
    data = np.broadcast_to(matrix.data, (count, nnz)).reshape(-1)
    return sp.csr_array((data, indices, indptr), shape=shape)


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
    whole = kron_of_identities(math.prod(batch), csr, columns)
    return linear(whole, array, (*batch, *rows, columns))


def times_constant(array: TracedArray, matrix: Any) -> TracedArray:
    """Return ``array @ matrix`` for a constant matrix of one or two dimensions."""
    if array.ndim == 0:
        raise scalar_factor()
    is_vector = len(matrix.shape) == 1
    csr = constant_csr(matrix) if is_vector else sp.csr_array(constant_csr(matrix).T)
    _check(array.shape, matrix.shape, (array.shape[-1], csr.shape[1]))
    product = along_rows(csr, array)
    return product.reshape(array.shape[:-1]) if is_vector else product


def along_rows(matrix: sp.csr_array, array: TracedArray) -> TracedArray:
    """Return a canonical matrix times each vector along the last axis of an array."""
    batch = array.shape[:-1]
    whole = kron_of_identities(math.prod(batch), matrix, 1)
    return linear(whole, array, (*batch, matrix.shape[0]))
