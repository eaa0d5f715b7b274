"""The report of a solve: everything a person looks for first, as plain text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.problem_table import Row, aligned, count, duration, problem_rows, setup_rows
from sparseopt.modeling.solver_registry import SolverOutcome
from sparseopt.tracing.source_lines import describe_where

__all__ = ["largest", "outside", "solution_report", "worst_violations"]

FloatArray = NDArray[np.float64]

_NEXT = "  next: solution.diagnose(), or sparseopt diagnose --solve, names the causes"
_KINDS = (
    *("objective", "gradient", "constraints", "jacobian", "hessian"),
    "hessian_vector_product",
)


def solution_report(
    problem: CompiledProblem, outcome: SolverOutcome, constraints: FloatArray, objective: float
) -> str:
    """Return the report of a solve.

    Parameters
    ----------
    problem : CompiledProblem
    outcome : SolverOutcome
    constraints : float array
        Values of the constraints at the solution.
    objective : float
        In the user's sign.
    """
    sense = "maximized" if problem.is_maximized else "minimized"
    lines = [
        f"{problem.name}: {outcome.status.value}",
        f"  {outcome.message}",
        *([] if outcome.status.success else [_NEXT]),
        *aligned(
            [
                ("objective", f"{objective:.12g} ({sense})"),
                ("iterations", f"{outcome.iterations:,} of {outcome.solver or 'the solver'}"),
            ]
        ),
        "problem",
        *aligned(problem_rows(problem)),
        "errors at the solution, recomputed",
        *aligned(_error_rows(outcome)),
        *_violation_lines(problem, outcome.x, constraints),
        "time",
        *aligned([*setup_rows(problem), *_evaluation_rows(outcome)]),
    ]
    return "\n".join(lines)


def _error_rows(outcome: SolverOutcome) -> list[Row]:
    errors = outcome.optimality
    if errors is None:
        return [("", "not available: the functions cannot be evaluated at this point")]
    return [
        ("stationarity", f"{errors.stationarity:.2e}  (gradient of the Lagrangian)"),
        ("feasibility", f"{errors.feasibility:.2e}  (constraints and bounds)"),
        ("complementarity", f"{errors.complementarity:.2e}  (multiplier times slack)"),
        *_verification_rows(outcome),
    ]


def _verification_rows(outcome: SolverOutcome) -> list[Row]:
    found = outcome.verification
    if found is None:
        return []
    if not found.ok:
        return [("wrong", str(entry)) for entry in found.wrong]
    values, slopes = f"values {found.value_error:.0e}", f"derivatives {found.derivative_error:.0e}"
    return [("check", f"{values}, {slopes}  (against plain NumPy, by {found.method})")]


def _violation_lines(problem: CompiledProblem, x: FloatArray, constraints: FloatArray) -> list[str]:
    worst = worst_violations(problem, x, constraints)
    if not worst:
        return ["no constraint or bound is violated"]
    rows = [(name, f"{amount:.2e}  {where}".rstrip()) for name, amount, where in worst]
    return ["largest violations", *aligned(rows)]


def worst_violations(
    problem: CompiledProblem, x: FloatArray, constraints: FloatArray, most: int = 5
) -> list[tuple[str, float, str]]:
    """Return (name, violation, source line) of the most violated constraints and bounds.

    Rows that became bounds count as bounds of their variable.
    """
    rows = outside(constraints, problem.constraint_lower, problem.constraint_upper)
    columns = outside(x, problem.variable_lower, problem.variable_upper)
    found = [
        (problem.constraint_name(k), float(rows[k]), problem.constraint_source(k))
        for k in largest(rows, most)
    ]
    for k in largest(columns, most):
        where = describe_where(problem.variables.at(k).where)
        found.append((f"bound of {problem.variable_name(k)}", float(columns[k]), where))
    return sorted(found, key=lambda entry: -entry[1])[:most]


def outside(values: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return by how much each value lies outside its bounds; zero inside."""
    gap: FloatArray = np.maximum(np.maximum(lower - values, values - upper), 0.0)
    return gap


def largest(violations: FloatArray, most: int) -> list[int]:
    """Return the places of the largest positive values, in no order."""
    candidates = np.flatnonzero(violations > 0.0)
    if candidates.size > most:
        chosen = np.argpartition(-violations[candidates], most)[:most]
        candidates = candidates[chosen]
    return [int(k) for k in candidates]


def _evaluation_rows(outcome: SolverOutcome) -> list[Row]:
    total = float(outcome.timings.get("total", float("nan")))
    rows = [("linear systems", outcome.linear_systems)] if outcome.linear_systems else []
    rows.append(("solver", f"{duration(total)}, of which"))
    for kind in _KINDS:
        calls = outcome.evaluations.get(kind, 0)
        if calls:
            seconds = float(outcome.timings.get(kind, float("nan")))
            label = kind.replace("_", " ")
            rows.append((f"  {label}", f"{duration(seconds)} in {count(calls, 'call')}"))
    return rows
