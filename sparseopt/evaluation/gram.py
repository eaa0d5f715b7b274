"""Gram matrices AᵀA of sparse matrices of fixed pattern: which products there are is found once.

The rows of A are taken one by one: each pair of a row's entries is a product that belongs to one
entry of AᵀA.  What runs at every evaluation is gather, multiply, add, compiled like everything
else; neither AᵀA nor A is ever dense.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base, Fill, Product, Schedule, Task
from sparseopt.errors import PatternError
from sparseopt.evaluation.backend import Backend, choose_backend, native_module
from sparseopt.graph.index import ranges
from sparseopt.patterns.entry_keys import decode, encode
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["MOST_PRODUCTS", "Gram"]

FloatArray = NDArray[np.float64]

MOST_PRODUCTS = 50_000_000
"""Products that are written out at most; they take 16 bytes each."""


class Gram:
    """The lower triangle of AᵀA for a matrix A of fixed pattern.

    Parameters
    ----------
    pattern : SparsityPattern
        Of A.
    backend : {"llvm", "numpy"}, optional

    Raises
    ------
    PatternError
        For more than `MOST_PRODUCTS` products: see `num_products` and `longest_row`.

    Examples
    --------
    >>> A = SparsityPattern(np.array([0, 0, 1]), np.array([0, 2, 2]), (2, 3))
    >>> gram = Gram(A)
    >>> gram.pattern.to_symmetric(gram.values(np.array([2.0, 3.0, 5.0]))).toarray()
    array([[ 4.,  0.,  6.],
           [ 0.,  0.,  0.],
           [ 6.,  0., 34.]])
    """

    def __init__(self, pattern: SparsityPattern, backend: Backend | None = None) -> None:
        if num_products(pattern) > MOST_PRODUCTS:
            raise PatternError(
                f"a product of a Jacobian with itself takes {num_products(pattern):,} products",
                why=f"row {longest_row(pattern)} alone has"
                f" {int(np.diff(pattern.indptr).max()):,} entries, which are all coupled",
            )
        self._backend = choose_backend(backend)
        first, second = _pairs(pattern)
        keys = encode(pattern.cols[first], pattern.cols[second])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        fresh = np.concatenate(([True], keys[1:] != keys[:-1])) if keys.size else keys == keys
        shape = (pattern.shape[1],) * 2
        self.pattern = SparsityPattern(*decode(keys[fresh]), shape, symmetric=True, check=False)
        self._places = (np.cumsum(fresh) - 1).astype(np.int32)
        self._factors = first[order], second[order]

    def values(self, entries: FloatArray) -> FloatArray:
        """Return the entries of AᵀA, in the order of `pattern`, for entries of A in its order."""
        out = np.empty(self.pattern.nnz)
        self._program.run(np.ascontiguousarray(entries), out)
        return out

    @cached_property
    def _program(self) -> NumpyProgram:
        first, second = self._factors
        product = Product(((Base.X, first), (Base.X, second)), Base.OUT, self._places)
        nnz = self.pattern.nnz
        phases: list[list[Task]] = [[Fill(Base.OUT, 0, nnz)], [product]]
        schedule = Schedule("gram", ExpressionPool(), phases, nnz, 0)
        execution = native_module().NativeProgram if self._backend == "llvm" else NumpyProgram
        program: NumpyProgram = execution(schedule, np.zeros(0))
        return program


def num_products(pattern: SparsityPattern) -> int:
    """Return how many products make the lower triangle of AᵀA."""
    lengths = np.diff(pattern.indptr).astype(np.int64)
    return int((lengths * (lengths + 1) // 2).sum())


def longest_row(pattern: SparsityPattern) -> int:
    """Return the row of A with the most entries, which makes the most products."""
    return int(np.argmax(np.diff(pattern.indptr)))


def _pairs(pattern: SparsityPattern) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the values to be multiplied: every entry with those not right of it in its row."""
    indptr, order = pattern.indptr.astype(np.int64), pattern.csr_order
    starts = np.repeat(indptr[:-1], np.diff(indptr))
    counts = np.arange(pattern.nnz) - starts + 1
    first = np.repeat(order, counts)
    second = order[ranges(starts, counts)]
    return first, second
