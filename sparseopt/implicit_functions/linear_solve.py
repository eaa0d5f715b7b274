"""`linear_solve`: sparse linear systems as parts of traced programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, ShapeError, SingularMatrixError, TracingError
from sparseopt.factorizations import require_backend, require_structural_rank
from sparseopt.implicit_functions.sparse_system import Entries, SparseSystem, system_factors
from sparseopt.modeling.real_arrays import real_array
from sparseopt.modeling.traced_sparse_matrix import TracedSparseMatrix
from sparseopt.tracing.calls import is_fixed, record_call
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["linear_solve"]


def linear_solve(A: Any, b: Any, *, backend: str = "auto") -> Any:
    """Return x with A x = b, for a sparse A whose pattern is fixed.

    In traced code it is one operation with exact first and second derivatives.  At a point A is
    factored once, for the value and for all derivatives: a gradient costs one more solve, with Aᵀ,
    and a product with the Hessian two more (Giles 2008, doi:10.1007/978-3-540-68942-3_4).

    Parameters
    ----------
    A : sparse matrix, shape (n, n)
        A `TracedSparseMatrix`; SciPy's call form ``(values, (rows, columns))`` with traced values,
        entries of the same place being added; or a constant SciPy sparse matrix.
    b : array-like, shape (n,) or (n, k)
        Traced or not.
    backend : str
        Who factors A: see `sparseopt.factorizations.factorization`.

    Returns
    -------
    TracedArray, or ndarray if neither A nor b is traced, in b's shape
        NaN where A is singular, so that a solver steps back; a start at such a point is refused
        with the rows that are dependent.

    Raises
    ------
    SingularMatrixError
        If the pattern alone makes A singular: ``rows`` have too few columns between them.
        Also for numbers that make it singular, if A is constant.
    ShapeError
        If the shapes do not fit.
    NonFiniteError
        For numbers that are NaN or infinite.

    Examples
    --------
    The temperature of a rod of conductivity k, cooled at both ends:

    >>> import numpy as np
    >>> import sparseopt as so
    >>> rows, columns = [0, 0, 1, 1, 1, 2, 2], [0, 1, 0, 1, 2, 1, 2]
    >>> def temperature(k):
    ...     values = np.stack([k[0] + k[1], -k[1], -k[1], k[1] + k[2], -k[2], -k[2], k[2] + k[3]])
    ...     return so.linear_solve((values, (rows, columns)), np.ones(3))
    >>> slope = so.gradient(lambda k: temperature(k)[1], np.zeros(4))
    >>> slope(np.ones(4))
    array([-0.75, -0.25, -0.25, -0.75])
    """
    where = describe_where(user_frame())
    require_backend(backend)
    b = b if is_traced(b) else _finite(b, "b", where)
    entries, values = _entries(A, np.shape(b), where)
    n = entries.n if isinstance(entries, Entries) else entries.shape[0]
    shape = np.shape(b)
    if len(shape) not in (1, 2) or shape[0] != n:
        raise ShapeError(
            f"a right-hand side of shape {shape} for a matrix of shape ({n}, {n})", where=where
        )
    if isinstance(entries, Entries) and not is_traced(values):
        entries, values = entries.matrix(values), None
    with _at(where):
        if isinstance(entries, Entries):
            require_structural_rank(entries.matrix(np.ones(entries.num_values)))
        factors = system_factors(entries, backend)
        if values is None:
            factors.regular()
            if not is_traced(b):
                return factors.regular().solve(b)
    k = shape[1] if len(shape) == 2 else 1
    active = values is not None and not is_fixed(values), not is_fixed(b)
    function = SparseSystem(factors, k, active, where)
    return record_call(function, [b] if values is None else [values, b], shape)


def _entries(A: Any, shape: tuple[int, ...], where: str) -> tuple[Entries | sp.csc_array, Any]:
    """Return where the values of a matrix belong, and the values; or a constant, and None."""
    if isinstance(A, TracedSparseMatrix):
        _require_square(A.shape, where)
        return Entries(*A.entries, A.shape[0], A.nnz), A.values
    if isinstance(A, tuple):
        return _triplets(A, shape, where)
    if not sp.issparse(A):
        raise TracingError(
            f"linear_solve is given a matrix of type {type(A).__name__}",
            where=where,
            instead="a SciPy sparse matrix, (values, (rows, columns)), or a TracedSparseMatrix; "
            "np.linalg.solve for dense matrices",
        )
    matrix: Any = A
    _require_square(matrix.shape, where)
    _finite(matrix.tocoo().data, "A's values", where)
    constant = sp.csc_array(matrix, dtype=np.float64)
    constant.sum_duplicates()
    return constant, None


def _triplets(A: tuple[Any, ...], shape: tuple[int, ...], where: str) -> tuple[Entries, Any]:
    try:
        values, (rows, cols) = A
        rows, cols = (_positions(places) for places in (rows, cols))
    except (TypeError, ValueError) as error:
        raise ShapeError(
            "a tuple that is not (values, (rows, columns)) is given for a matrix",
            where=where,
            why=str(error),
        ) from error
    values = as_traced(values) if is_traced(values) else _finite(values, "A's values", where)
    n = shape[0] if shape else 0
    if not values.shape == rows.shape == cols.shape:
        raise ShapeError(
            f"{values.shape} values, {rows.shape} rows and {cols.shape} columns of a matrix",
            where=where,
        )
    if rows.size and not 0 <= min(rows.min(), cols.min()) <= max(rows.max(), cols.max()) < n:
        raise ShapeError(
            f"an entry lies outside of the {n} x {n} matrix that b of shape {shape} asks for",
            where=where,
        )
    return Entries(rows, cols, np.arange(rows.size), n, rows.size), values


def _positions(places: Any) -> NDArray[np.int64]:
    array = np.asarray(places)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise TypeError(f"rows and columns are vectors of integers, not {array.dtype}")
    return array.astype(np.int64)


def _require_square(shape: tuple[int, int], where: str) -> None:
    if shape[0] != shape[1]:
        raise ShapeError(f"a system with a matrix of shape {shape} is not square", where=where)


def _finite(values: Any, what: str, where: str) -> NDArray[np.float64]:
    array = real_array(values, what, where)
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0].tolist()
        raise NonFiniteError(
            f"{what}{place or ''} of linear_solve is {array[tuple(place)]}",
            where=where,
            instead="look for missing data, or a division by zero",
        )
    return array


@contextmanager
def _at(where: str) -> Iterator[None]:
    """Say which line has a matrix that is singular."""
    try:
        yield
    except SingularMatrixError as error:
        raise SingularMatrixError(
            error.what,
            rows=error.rows,
            columns=error.columns,
            where=where,
            why=error.why,
            instead=error.instead,
        ) from None
