"""Dependent constraints at a point: what makes multipliers ambiguous and steps long."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from sparseopt.diagnosis.parallel_rows import parallel_rows
from sparseopt.diagnosis.repeated_rows import duplicate_equalities
from sparseopt.diagnosis.situation import MOST_NAMES, Checked, Result, Situation, Skipped, listed
from sparseopt.modeling.findings import Finding
from sparseopt.modeling.problem_table import count

__all__ = ["dependent_constraints"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.signedinteger]

_MOST_ENTRIES = 250_000
"""Of the dense matrix whose rank is computed."""
_RANK = 1e-10
_NEAR = 1e-7
_COEFFICIENT = 1e-6


def dependent_constraints(situation: Situation) -> Iterator[Result]:
    """Find active constraints whose gradients are dependent, or nearly so.

    At a point that is no solution only equalities count as active.
    """
    rows, columns = _active(situation)
    repeated = np.zeros(situation.problem.num_constraints, bool)
    repeated[duplicate_equalities(situation)] = True
    rows = rows[~repeated[rows]]
    if rows.size < 2:
        return
    matrix = situation.jacobian[rows][:, columns]
    largest = abs(matrix).max(axis=1).toarray().reshape(-1)
    rows, matrix = rows[largest > 0.0], matrix[largest > 0.0]
    kind = "active constraints" if situation.outcome is not None else "equalities"
    if rows.size * columns.size > _MOST_ENTRIES:
        yield Skipped(
            f"rank of {count(rows.size, 'row')}: too large; parallel pairs were looked for"
        )
        yield from _parallel(situation, rows, matrix)
        return
    dense: FloatArray = matrix.toarray() / largest[largest > 0.0][:, None]
    rank, condition, combinations = _rank(dense)
    size = f", condition number about {condition:.0e}" if rank == rows.size else ""
    yield Checked(f"rank {rank:,} of {rows.size:,} {kind}{size} (rows scaled to 1)")
    for row, others, coefficients in combinations[:MOST_NAMES]:
        yield _dependent(situation, rows, (row, others, coefficients), rows.size - rank)
    if rank == rows.size and condition > 1.0 / _NEAR:
        yield _nearly_dependent(situation, rows, dense, condition)


def _active(situation: Situation) -> tuple[IntArray, IntArray]:
    """Return the active constraints, and the variables that are free to move."""
    if situation.outcome is None:
        return np.flatnonzero(situation.is_equality), np.flatnonzero(~situation.is_fixed)
    return np.flatnonzero(situation.is_active), np.flatnonzero(~situation.is_at_bound)


Combination = tuple[int, IntArray, FloatArray]


def _rank(matrix: FloatArray) -> tuple[int, float, list[Combination]]:
    """Return rank, an estimate of the condition number, and dependent rows as combinations.

    QR with column pivoting of the transposed matrix (Golub and Van Loan 2013, section 5.4.2); the
    ratio of the triangle's diagonal estimates the condition number from below.
    """
    if not matrix.size:
        return 0, 1.0, [(k, np.zeros(0, np.int64), np.zeros(0)) for k in range(len(matrix))]
    triangle, pivots = scipy.linalg.qr(matrix.T, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int(np.count_nonzero(diagonal > _RANK * diagonal[0]))
    condition = float(diagonal[0] / diagonal[-1]) if diagonal[-1] else np.inf
    leading, rest = triangle[:rank, :rank], triangle[:rank, rank:]
    weights = scipy.linalg.solve_triangular(leading, rest)
    combinations = []
    for k in range(rest.shape[1]):
        used = np.flatnonzero(np.abs(weights[:, k]) > _COEFFICIENT)
        combinations.append((int(pivots[rank + k]), pivots[used], weights[used, k]))
    return rank, condition, combinations


def _dependent(
    situation: Situation, rows: IntArray, combination: Combination, total: int
) -> Finding:
    row, others, coefficients = combination
    order = np.argsort(-np.abs(coefficients), kind="stable")
    chosen = rows[others[order]]
    return Finding(
        "dependent constraints",
        "warning" if situation.outcome is not None else "note",
        f"the gradient of {situation.rows([rows[row]])[0]} is a combination of those of "
        f"{situation.all_rows(chosen)}",
        situation.line(rows[row]),
        "dependent rows of the Jacobian make it singular: multipliers are not unique, and steps "
        "may fail",
        "remove one if it follows from the others"
        + ("" if situation.outcome is not None else "; or start elsewhere, if it is so only here"),
        (*situation.rows([rows[row]]), *situation.rows(chosen)),
        total,
    )


def _nearly_dependent(
    situation: Situation, rows: IntArray, matrix: FloatArray, condition: float
) -> Finding:
    left = scipy.linalg.svd(matrix, full_matrices=False)[0][:, -1]
    chosen = np.sort(rows[np.abs(left) > 0.1])
    return Finding(
        "dependent constraints",
        "note",
        f"the gradients of {situation.all_rows(chosen)} are nearly dependent",
        situation.line(chosen[0]),
        f"the condition number of the rows is about {condition:.0e}, that of J Jᵀ its square",
        "look for constraints that say nearly the same, and for units that differ much",
        situation.rows(chosen),
        chosen.size,
    )


def _parallel(situation: Situation, rows: IntArray, matrix: object) -> Iterator[Finding]:
    pairs = parallel_rows(matrix)  # type: ignore[arg-type]
    if pairs.first.size:
        first, second = rows[pairs.first], rows[pairs.second]
        names = [
            f"{a} and {b}"
            for a, b in zip(situation.rows(first), situation.rows(second), strict=True)
        ]
        yield Finding(
            "dependent constraints",
            "warning" if situation.outcome is not None else "note",
            f"constraints with parallel gradients: {listed(names, first.size)}",
            situation.line(second[0]),
            "their gradients are multiples of each other here, so multipliers are not unique",
            "remove those that follow from others",
            situation.rows(second),
            first.size,
        )
