"""Patterns that no memory holds are refused before they are formed.

How many entries a product of sparse matrices has is estimated without it: every variable draws
random numbers, and the smallest one that a row meets tells how many variables it meets (Cohen,
Structure prediction and the order of matrix multiplication, J. Comb. Optim. 2 (1998),
doi:10.1023/A:1009716300509).  A bound that costs less is tried before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.form import Stage
from sparseopt.errors import PatternError
from sparseopt.scipy_on_demand import sparse as sp

__all__ = [
    "LARGEST",
    "require_call_fits",
    "require_hessian_fits",
    "require_jacobian_fits",
]

LARGEST = 2**31 - 1
"""Entries are numbered by 32-bit integers."""
MOST_THROUGH_CALLS = 100_000_000
"""Entries of a matrix through a function whose own is dense: finding and holding them takes GBs."""
MATRIX_FREE = {
    "Jacobian": "what forms no matrix: so.gradient, so.pushforward, so.pullback",
    "Hessian": 'what forms no matrix: IPOPT\'s option hessian_approximation="limited-memory", '
    'method="L-BFGS-B", or so.hessian_vector_product',
}
COLUMNS = 16
SURELY = 2.0
"""Estimates err by a quarter: a pattern is refused from this many times the largest one on."""

Locals = Sequence[tuple[Stage, "sp.csr_array"]]
"""Stages in order of evaluation, and where they read variables and, behind them, intermediates."""


def require_jacobian_fits(inner: Locals, final: sp.csr_array, num_variables: int) -> None:
    """Raise `PatternError` if a Jacobian has too many entries.

    Parameters
    ----------
    inner : sequence of (Stage, pattern)
        The intermediates between the variables and the result.
    final : csr array
        Where the result reads variables and intermediates.
    num_variables : int
    """
    if not inner or final.shape[0] * num_variables <= SURELY * LARGEST:
        return
    if float((final @ _most(inner, final.shape[1], num_variables)).sum()) <= SURELY * LARGEST:
        return
    smallest = _smallest(inner, final.shape[1], num_variables)
    _require("Jacobian", _sizes(_minima(final, smallest)).sum(), inner)


def require_hessian_fits(inner: Locals, curved: sp.csr_array, num_variables: int) -> None:
    """Raise `PatternError` if a Hessian has too many entries.

    Parameters
    ----------
    inner : sequence of (Stage, pattern)
        The intermediates between the variables and the result.
    curved : csr array
        Which variables and intermediates have second derivatives together; symmetric.
    num_variables : int
    """
    if not inner or num_variables**2 / 2 <= SURELY * LARGEST:
        return
    most = _most(inner, curved.shape[0], num_variables)
    if float(most @ (curved @ most)) / 2 <= SURELY * LARGEST:
        return
    met = _minima(curved, _smallest(inner, curved.shape[0], num_variables))
    for stage, local in reversed(inner):
        own = met[num_variables + stage.offset : num_variables + stage.offset + stage.size]
        np.minimum(met, _minima(local.T.tocsr(), own), out=met)
    _require("Hessian", _sizes(met[:num_variables]).sum() / 2, inner)


def require_call_fits(stage: Stage, what: Literal["Jacobian", "Hessian"], entries: int) -> None:
    """Raise `PatternError` if a dense function in between makes too many entries.

    Parameters
    ----------
    stage : Stage
        Of the function's results.
    what : "Jacobian" or "Hessian"
        The matrix that is asked for.
    entries : int
        How many entries the function makes.
    """
    if entries <= MOST_THROUGH_CALLS:
        return
    assert stage.call is not None
    raise PatternError(
        f"a {what} through {stage.call.function.name} takes {entries:,} entries",
        where=f"{stage.where[0]}:{stage.where[1]}" if stage.where else "",
        why="every result of it depends on everything that it is called with",
        instead=MATRIX_FREE[what],
    )


def _most(inner: Locals, size: int, num_variables: int) -> NDArray[np.float64]:
    """Return a bound of how many variables each variable and intermediate depends on."""
    most = np.zeros(size)
    most[:num_variables] = 1.0
    for stage, local in inner:
        start = num_variables + stage.offset
        most[start : start + stage.size] = np.minimum(local @ most, num_variables)
    return most


def _smallest(inner: Locals, size: int, num_variables: int) -> NDArray[np.float32]:
    """Return the smallest numbers that the variables drew on which each one depends."""
    smallest = np.full((size, COLUMNS), np.inf, np.float32)
    drawn = np.random.default_rng(0).standard_exponential((num_variables, COLUMNS), np.float32)
    smallest[:num_variables] = drawn
    for stage, local in inner:
        start = num_variables + stage.offset
        smallest[start : start + stage.size] = _minima(local, smallest)
    return smallest


def _minima(pattern: sp.csr_array, values: NDArray[np.float32]) -> NDArray[np.float32]:
    minima = np.full((pattern.shape[0], values.shape[1]), np.inf, np.float32)
    filled = np.diff(pattern.indptr) > 0
    if filled.any():
        read = values.take(pattern.indices, axis=0)
        minima[filled] = np.minimum.reduceat(read, pattern.indptr[:-1][filled], axis=0)
    return minima


def _sizes(smallest: NDArray[np.float32]) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = smallest.sum(axis=1, dtype=np.float64)
    return (COLUMNS - 1) / sums


def _require(what: str, entries: float, inner: Locals) -> None:
    if entries <= SURELY * LARGEST:
        return
    stage = max((stage for stage, _ in inner), key=lambda stage: stage.size)
    raise PatternError(
        f"a {what} has about {float(f'{entries:.1e}'):,.0f} structural entries, more than 2^31 - 1",
        where=f"{stage.where[0]}:{stage.where[1]}" if stage.where else "",
        why="many values depend on many variables each, through sums or one through another",
        instead='Model(..., lift="auto") makes such values variables of their own',
    )
