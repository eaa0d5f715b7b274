"""`diagnose`: all checks in order, each on what the ones before it found usable."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sparseopt.diagnosis.degeneracy import dependent_constraints
from sparseopt.diagnosis.density import dense_hessian, dense_jacobian
from sparseopt.diagnosis.feasibility import (
    conflicting_constraints,
    failed_solve,
    is_infeasible,
    violated_constraints,
)
from sparseopt.diagnosis.repeated_rows import repeated_rows
from sparseopt.diagnosis.scaling import bad_bounds, bad_scaling
from sparseopt.diagnosis.situation import Checked, Result, Situation
from sparseopt.diagnosis.structure import constant_rows, overdetermined_blocks, unused_variables
from sparseopt.diagnosis.values import non_finite_second_derivatives, non_finite_values
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.findings import Diagnosis, Finding
from sparseopt.modeling.solver_registry import SolverOutcome

__all__ = ["diagnose"]


class _Record:
    """Collects findings, and sentences on what was checked and what was not."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.checked: list[str] = []
        self.skipped: list[str] = []

    def take(self, results: Iterable[Result]) -> None:
        for result in results:
            if isinstance(result, Finding):
                self.findings.append(result)
            else:
                sentences = self.checked if isinstance(result, Checked) else self.skipped
                sentences.append(str(result))

    def diagnosis(self, problem: str, at: str) -> Diagnosis:
        return Diagnosis(
            problem, at, tuple(self.findings), tuple(self.checked), tuple(self.skipped)
        )


def diagnose(
    problem: CompiledProblem,
    x: NDArray[np.float64],
    at: str,
    outcome: SolverOutcome | None = None,
    *,
    solver: str = "auto",
    most_solves: int = 0,
) -> Diagnosis:
    """Return what is wrong or doubtful about a problem at a point.

    Parameters
    ----------
    problem : CompiledProblem
    x : float array
    at : str
        The point in words.
    outcome : SolverOutcome, optional
        Of a solve that ended at ``x``; then it is asked why it failed, and which constraints are
        dependent at the solution.
    solver : str
        For relaxed problems that explain an infeasible one.
    most_solves : int
        How many of them may be solved.
    """
    situation, record = Situation(problem, x, outcome), _Record()
    record.take(failed_solve(situation))
    record.take(dense_jacobian(situation))
    if situation.has_huge_jacobian:
        record.skipped.append("everything else: there are too many first derivatives")
        return record.diagnosis(problem.name, at)
    record.take(overdetermined_blocks(situation))
    record.take(unused_variables(situation))
    record.take(bad_bounds(situation))
    record.checked.append("constant rows, unused variables, bounds")
    record.take(dense_hessian(situation))
    bad_values = list(non_finite_values(situation))
    record.take(bad_values)
    second = "" if bad_values or situation.has_huge_hessian else ", and second ones"
    record.checked.append(f"values and first derivatives are finite{second}")
    if bad_values:
        record.skipped.append("what needs finite derivatives: scaling, repeated rows, rank")
        return record.diagnosis(problem.name, at)
    if not situation.has_huge_hessian:
        record.take(non_finite_second_derivatives(situation))
    record.take(constant_rows(situation))
    record.take(repeated_rows(situation))
    record.checked.append("linear constraints with the same left-hand side")
    record.take(bad_scaling(situation))
    record.take(dependent_constraints(situation))
    _explain_infeasibility(situation, record, solver, most_solves)
    return record.diagnosis(problem.name, at)


def _explain_infeasibility(
    situation: Situation, record: _Record, solver: str, most_solves: int
) -> None:
    if not is_infeasible(situation):
        return
    record.take(violated_constraints(situation))
    if not most_solves or not situation.problem.num_constraints:
        record.skipped.append("which constraints are in conflict")
        return
    record.take(conflicting_constraints(situation, solver, most_solves))
