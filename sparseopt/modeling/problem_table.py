"""The short table that ``print(problem)`` shows: sizes, nonzeros, structure, set-up times."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.named_vector import NamedVector

__all__ = ["aligned", "count", "problem_rows", "problem_table", "setup_rows", "setup_timings"]

_MOST_NAMES = 6

Row = tuple[str, str]


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "block"), count(1200, "block")
    ('1 block', '1,200 blocks')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def aligned(rows: Iterable[Row], indent: str = "  ") -> list[str]:
    """Return lines of a label and a text, the texts below each other."""
    rows = list(rows)
    width = max((len(label) for label, _ in rows), default=0)
    return [f"{indent}{label:<{width}}  {text}".rstrip() for label, text in rows]


def problem_table(problem: CompiledProblem) -> str:
    """Return sizes, nonzeros, structure and set-up times as a few lines of text."""
    sense = "maximize" if problem.is_maximized else "minimize"
    lines = [f"problem {problem.name!r}, {sense}"]
    return "\n".join(lines + aligned([*problem_rows(problem), *setup_rows(problem)]))


def problem_rows(problem: CompiledProblem) -> list[Row]:
    """Return the sizes and the structure of a problem."""
    evaluator = problem.evaluator
    jacobian, hessian = evaluator.jacobian_pattern.nnz, evaluator.hessian_pattern.nnz
    linear = int(np.count_nonzero(evaluator.is_linear_row))
    constant = ", constant" if evaluator.is_hessian_constant else ""
    rows = [
        ("variables", f"{problem.num_variables:,}{_names(problem.variables)}"),
        ("constraints", f"{problem.num_constraints:,}{_names(problem.constraint_rows)}"),
        ("", f"{_kinds(problem)}, {linear:,} linear"),
        ("rows made bounds", f"{problem.lifted.removed_rows.size:,}"),
        ("Jacobian", count(jacobian, "nonzero") + _density(jacobian, problem)),
        ("Hessian", count(hessian, "nonzero") + f" in the lower triangle{constant}"),
    ]
    if len(problem.parameters):
        rows.insert(1, ("parameters", f"{problem.parameters.size:,}{_names(problem.parameters)}"))
    return rows + _structure(problem)


def _names(vector: NamedVector) -> str:
    names = [array.name for array in vector]
    if not names:
        return ""
    shown = ", ".join(names[:_MOST_NAMES])
    return (
        f" ({shown}, and {len(names) - _MOST_NAMES} more)"
        if len(names) > _MOST_NAMES
        else (f" ({shown})")
    )


def _kinds(problem: CompiledProblem) -> str:
    lower, upper = problem.constraint_lower, problem.constraint_upper
    equalities = int(np.count_nonzero(lower == upper))
    inequalities = problem.num_constraints - equalities
    return f"{equalities:,} equal, {inequalities:,} between bounds"


def _density(nonzeros: int, problem: CompiledProblem) -> str:
    cells = problem.num_variables * problem.num_constraints
    return f" ({100 * nonzeros / cells:.3g} % of all entries)" if cells else ""


def _structure(problem: CompiledProblem) -> list[Row]:
    summary = problem.evaluator.summary()
    text = (
        f"{count(summary['blocks'], 'block')} in {count(summary['stages'], 'stage')}, "
        f"{count(summary['instances'], 'instance')}, {count(summary['operations'], 'operation')}"
    )
    return [("structure", text)]


def setup_rows(problem: CompiledProblem) -> list[Row]:
    """Return the seconds spent before the first evaluation."""
    timings = {"trace": problem.trace_seconds, **setup_timings(problem)}
    return [("set-up, s", ", ".join(f"{kind} {value:.3f}" for kind, value in timings.items()))]


def setup_timings(problem: CompiledProblem) -> dict[str, float]:
    """Return the seconds for elements, patterns and compilation."""
    timings = problem.evaluator.timings
    return {kind: float(seconds) for kind, seconds in timings.items() if kind != "trace"}
