"""A small set of constraints that cannot hold together, found by relaxed problems.

First the total violation of all constraints is minimized.  At its minimum the violation is balanced
by the constraints with nonzero multipliers, so that they alone, with the bounds that push back, are
a candidate for a conflicting set.  A deletion filter then leaves out one constraint after the other
and keeps it out if the rest still cannot hold (Chinneck and Dravnieks 1991,
doi:10.1287/ijoc.3.2.157).  Minima are local: for nonconvex constraints the set explains the
infeasibility near the point, and proves nothing elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.diagnosis.elastic_problem import ElasticProblem
from sparseopt.diagnosis.situation import Situation
from sparseopt.modeling.solver_registry import SolverOutcome, run_solver

__all__ = ["Conflict", "find_conflict"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_MOST_CANDIDATES = 20
_MULTIPLIER = 1e-5
"""Relative to the weight 1 of each violation, multipliers below count as zero."""
_TOLERANCE = 1e-6
_SECONDS = 30.0


@dataclass(frozen=True)
class Conflict:
    """Constraints and bounds that cannot hold together.

    Attributes
    ----------
    rows : int array
        Constraints, ascending.
    lower, upper : int arrays
        Variables whose lower or upper bounds take part.
    is_irreducible : bool
        Whether without any one of the constraints the others can hold.
    violation : float
        Of the rows in all, at the point that violates them least.
    num_solves : int
    """

    rows: IntArray
    lower: IntArray
    upper: IntArray
    is_irreducible: bool
    violation: float
    num_solves: int


class _Relaxations:
    """Solves relaxed problems and counts them."""

    def __init__(self, situation: Situation, solver: str, most: int) -> None:
        self.situation = situation
        self.solver = solver
        self.most = most
        self.count = 0
        self._is_stopped = False  # Ctrl-C ends the search, not only one solve
        matrix = abs(situation.jacobian)
        rows = matrix.max(axis=1).toarray().reshape(-1) if matrix.nnz else np.zeros(matrix.shape[0])
        self._sizes = np.where(rows > 0.0, rows, 1.0)

    @property
    def is_spent(self) -> bool:
        return self._is_stopped or self.count >= self.most

    def solve(self, rows: IntArray) -> tuple[ElasticProblem, SolverOutcome]:
        self.count += 1
        x, problem = self.situation.x, self.situation.problem
        elastic = ElasticProblem(problem, rows, x, self._sizes[rows])
        outcome = run_solver(
            elastic,
            self.solver,
            options=None,
            start={"x": elastic.initial_point},
            time_limit=_SECONDS,
            callback=None,
        )
        self._is_stopped = outcome.status.value == "stopped"
        return elastic, outcome

    def is_infeasible(self, elastic: ElasticProblem, outcome: SolverOutcome) -> bool:
        """Whether the smallest violation is a violation; only a verified minimum counts."""
        return outcome.status.success and bool(
            (elastic.violations(outcome.x) > _allowed(elastic)).any()
        )


def _allowed(elastic: ElasticProblem) -> FloatArray:
    bounds = [
        np.where(np.isfinite(b), np.abs(b), 0.0)
        for b in (elastic.constraint_lower, elastic.constraint_upper)
    ]
    return _TOLERANCE * np.maximum(1.0, np.maximum(*bounds))


def find_conflict(situation: Situation, solver: str, most_solves: int) -> Conflict | str:
    """Return a conflicting set, or a sentence that says why there is none.

    Parameters
    ----------
    situation : Situation
        At the point where the constraints are violated.
    solver : str
    most_solves : int
        Relaxed problems to be solved at most.

    Raises
    ------
    SparseOptError
        Where a relaxed problem cannot be evaluated.
    """
    relaxed = _Relaxations(situation, solver, most_solves)
    rows = np.arange(situation.problem.num_constraints)
    elastic, outcome = relaxed.solve(rows)
    if not outcome.status.success:
        return f"the relaxed problem was not solved ({outcome.status.value})"
    if not relaxed.is_infeasible(elastic, outcome):
        return "the constraints can hold: start from the point that a relaxed problem finds"
    candidates = _with_multipliers(rows, outcome)
    if candidates.size < rows.size and not relaxed.is_spent:
        smaller = relaxed.solve(candidates)
        if relaxed.is_infeasible(*smaller):
            rows, (elastic, outcome) = candidates, smaller
    return _filtered(relaxed, rows, elastic, outcome)


def _with_multipliers(rows: IntArray, outcome: SolverOutcome) -> IntArray:
    return rows[np.abs(outcome.constraint_multipliers) > _MULTIPLIER]


def _filtered(
    relaxed: _Relaxations, rows: IntArray, elastic: ElasticProblem, outcome: SolverOutcome
) -> Conflict:
    """Leave out constraints without which the others still cannot hold."""
    is_irreducible = rows.size <= _MOST_CANDIDATES
    # Those with small multipliers first: they are the likeliest to be superfluous.
    order = rows[np.argsort(np.abs(outcome.constraint_multipliers), kind="stable")]
    for row in order if is_irreducible else []:
        if rows.size == 1 or row not in rows:
            continue
        if relaxed.is_spent:
            is_irreducible = False
            break
        without = relaxed.solve(rows[rows != row])
        if relaxed.is_infeasible(*without):
            elastic, outcome = without
            rows = rows[rows != row]
    n = relaxed.situation.problem.num_variables
    lower, upper = (
        np.flatnonzero(np.abs(multipliers[:n]) > _MULTIPLIER)
        for multipliers in (outcome.lower_multipliers, outcome.upper_multipliers)
    )
    violation = float(elastic.violations(outcome.x).sum())
    return Conflict(rows, lower, upper, is_irreducible, violation, relaxed.count)
