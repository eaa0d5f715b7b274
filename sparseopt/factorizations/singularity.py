"""Singular matrices, and which rows and columns make them so.

The structure alone can be singular: k rows with entries in fewer than k columns.  A maximum
matching finds them (Pothen and Fan 1990, doi:10.1145/98267.98287).  Otherwise rows are dependent
for these values; the left null vector, by inverse iteration with a perturbed matrix, says which.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import SingularMatrixError
from sparseopt.factorizations.protocol import Factors
from sparseopt.patterns.matching import Decomposition, connected_parts, dulmage_mendelsohn

__all__ = ["is_numerically_singular", "require_structural_rank", "singular_matrix"]

FloatArray = NDArray[np.float64]

_MOST_NAMED = 5
_LARGEST_CONDITION = 1e14  # of the equilibrated matrix: singular ones are estimated above 1e15
_ITERATIONS = 3
_TAKES_PART = 1e-6


def require_structural_rank(matrix: Any) -> None:
    """Raise if a pattern is singular whatever its values are.

    Parameters
    ----------
    matrix : SciPy sparse matrix, square
        Its stored entries are the pattern.

    Raises
    ------
    SingularMatrixError
        With ``rows`` that have too few columns between them, and ``columns`` with too few rows.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> require_structural_rank(sp.csr_array([[1.0, 2.0], [0.0, 3.0]]))
    >>> try:
    ...     require_structural_rank(sp.csr_array([[1.0, 0.0], [2.0, 0.0]]))
    ... except SingularMatrixError as error:
    ...     print(error.why)
    rows 0, 1 have entries in column 0 only; too few rows determine column 1
    """
    found = dulmage_mendelsohn(sp.csr_array(matrix))
    if found.structural_rank < matrix.shape[0]:
        raise _structural(matrix, found)


def _structural(matrix: Any, found: Decomposition) -> SingularMatrixError:
    over = connected_parts(sp.csr_array(matrix), found.overdetermined)[0]
    columns = found.underdetermined.columns
    if not over.columns.size:
        why = f"no entry in {_named('row', over.rows)}"
    else:
        why = (
            f"{_named('row', over.rows)} have entries in {_named('column', over.columns)} only; "
            f"too few rows determine {_named('column', columns)}"
        )
    return SingularMatrixError(
        f"the matrix of shape {matrix.shape} is structurally singular: its rank is at most "
        f"{found.structural_rank}",
        why=why,
        instead="an equation for every unknown: boundary conditions, or one value that is fixed",
        rows=over.rows,
        columns=columns,
    )


def is_numerically_singular(matrix: sp.csc_array, factors: Factors) -> bool:
    """Whether the equilibrated matrix is singular to working precision, by one solve.

    The right-hand side |A| d with random signs, d the columns' scales, makes the estimate
    independent of how rows and columns are scaled.
    """
    size = abs(matrix)
    scale = 1.0 / np.asarray(size.max(axis=0).todense()).reshape(-1)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], matrix.shape[0])
    x = factors.solve((size @ scale) * signs)
    return not np.all(np.abs(x) <= _LARGEST_CONDITION * scale)


def singular_matrix(matrix: sp.csc_array, factor: Any) -> SingularMatrixError:
    """Return the error for a matrix that could not be factored: rows by structure or by values.

    Parameters
    ----------
    matrix : csc_array
    factor : callable
        Makes `Factors` of the perturbed matrix.
    """
    stored = matrix.copy()
    stored.eliminate_zeros()
    found = dulmage_mendelsohn(sp.csr_array(stored))
    if found.structural_rank < matrix.shape[0]:
        return _structural(stored, found)
    rows = _dependent_rows(stored, factor)
    return SingularMatrixError(
        f"the matrix of shape {matrix.shape} is singular",
        why=f"{_named('row', rows)} are dependent, to working precision",
        instead="an equation that fixes what is free: a boundary value, or a mean",
        rows=rows,
    )


def _dependent_rows(matrix: sp.csc_array, factor: Any) -> NDArray[np.int64]:
    """Return the rows in the left null vector, by inverse iteration; the largest parts first."""
    n = matrix.shape[0]
    rng = np.random.default_rng(0)
    noise = 1.0 + 1e-11 * rng.uniform(-1.0, 1.0, matrix.nnz)
    moved = sp.csc_array((matrix.data * noise, matrix.indices, matrix.indptr), matrix.shape)
    try:
        factors = factor(moved)
    except ArithmeticError:
        return np.arange(n)
    vector = rng.uniform(0.5, 1.0, n)
    for _ in range(_ITERATIONS):
        vector = factors.solve_transposed(factors.solve(vector))
        vector /= np.max(np.abs(vector))
    parts = np.abs(vector) * np.asarray(abs(matrix).sum(axis=1)).reshape(-1)
    rows = np.flatnonzero(parts > _TAKES_PART * parts.max())
    return rows[np.argsort(-parts[rows], kind="stable")]


def _named(what: str, numbers: NDArray[Any]) -> str:
    listed = ", ".join(str(k) for k in numbers[:_MOST_NAMED])
    more = f" and {numbers.size - _MOST_NAMED} more" if numbers.size > _MOST_NAMED else ""
    return f"{what}{'s' if numbers.size != 1 else ''} {listed}{more}"
