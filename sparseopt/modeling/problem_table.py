"""The short table that ``print(problem)`` shows: sizes, nonzeros, structure, set-up times."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.named_vector import NamedVector

__all__ = [
    "aligned",
    "count",
    "dense_hessian_lines",
    "duration",
    "problem_rows",
    "problem_table",
    "setup_rows",
    "setup_timings",
]

_MOST_NAMES = 6
_MANY_A_VARIABLE = 10
"""Hessian nonzeros a variable from which on the line that causes them is named."""

Row = tuple[str, str]


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "block"), count(1200, "block"), count(0, "equality", "equalities")
    ('1 block', '1,200 blocks', '0 equalities')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Return a time in the unit that leaves one to three digits before the point.

    Examples
    --------
    >>> duration(0.0123), duration(2.5), duration(4.2e-6)
    ('12.3 ms', '2.50 s', '4.2 µs')
    """
    if not seconds < 1.0:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} µs"


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
    evaluator, lifted = problem.evaluator, problem.lifted
    jacobian, hessian = evaluator.jacobian_pattern.nnz, evaluator.hessian_pattern.nnz
    constant = ", constant" if evaluator.is_hessian_constant else ""
    kept = _names_with(problem.constraint_rows, lifted.kept_rows)
    removed = _names_with(problem.constraint_rows, lifted.removed_rows)
    rows = [
        ("variables", f"{problem.num_variables:,}{_listed(_names(problem.variables))}"),
        ("constraints", f"{problem.num_constraints:,}{_listed(kept)}"),
        ("", _kinds(problem)),
        ("rows made bounds", f"{lifted.removed_rows.size:,}{_listed(removed)}"),
        (
            "Jacobian",
            count(jacobian, "nonzero")
            + _density(jacobian, problem)
            + _compression(*evaluator.compression("jacobian")),
        ),
        (
            "Hessian",
            count(hessian, "nonzero")
            + f" in the lower triangle{constant}"
            + _compression(*evaluator.compression("hessian")),
        ),
    ]
    if len(problem.parameters):
        names = _listed(_names(problem.parameters))
        rows.insert(1, ("parameters", f"{problem.parameters.size:,}{names}"))
    return rows + _lifted(problem) + _structure(problem)


def _lifted(problem: CompiledProblem) -> list[Row]:
    """Say which intermediate values are variables, and why."""
    lines = [] if problem.lifting is None else problem.lifting.explain()
    return [("" if k else "lifted", line) for k, line in enumerate(lines)]


def _compression(plan: str, colors: int | None) -> str:
    return "" if colors is None else f", plan {plan} with {count(colors, 'color')}"


def _names(vector: NamedVector) -> list[str]:
    return [array.name for array in vector]


def _names_with(vector: NamedVector, positions: NDArray[np.int64]) -> list[str]:
    """Return the names of the arrays that hold any of some ascending positions."""
    edges = np.array([(a.offset, a.offset + a.size) for a in vector], np.int64).reshape(-1, 2)
    places = np.searchsorted(positions, edges)
    return [a.name for a, place in zip(vector, places, strict=True) if place[0] < place[1]]


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:_MOST_NAMES])
    more = f", and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f" ({shown}{more})"


def _kinds(problem: CompiledProblem) -> str:
    lower, upper = problem.constraint_lower, problem.constraint_upper
    equalities = int(np.count_nonzero(lower == upper))
    inequalities = problem.num_constraints - equalities
    linear = int(np.count_nonzero(problem.evaluator.is_linear_row))
    return (
        f"{count(equalities, 'equality', 'equalities')}, "
        f"{count(inequalities, 'inequality', 'inequalities')}; {linear:,} linear"
    )


def _density(nonzeros: int, problem: CompiledProblem) -> str:
    cells = problem.num_variables * problem.num_constraints
    return f" ({100 * nonzeros / cells:.3g} % of all entries)" if cells else ""


def _structure(problem: CompiledProblem) -> list[Row]:
    summary = problem.evaluator.summary()
    text = (
        f"{count(summary['blocks'], 'block')} in {count(summary['stages'], 'stage')}, "
        f"{count(summary['instances'], 'instance')}, {count(summary['operations'], 'operation')}"
    )
    external = [("external", line) for line in problem.evaluator.external_functions()]
    return [("structure", text), *external, *_dense(problem)]


def _dense(problem: CompiledProblem) -> list[Row]:
    """Point out a line of code that makes a large Hessian dense."""
    return [
        ("dense Hessian", f"{where}: a function of one sum couples all of the sum's terms")
        for where in dense_hessian_lines(problem)
    ]


def dense_hessian_lines(problem: CompiledProblem) -> list[str]:
    """Return the lines that make a Hessian dense, if it is large; else none."""
    nonzeros = problem.evaluator.hessian_pattern.nnz
    if nonzeros < _MANY_A_VARIABLE * problem.num_variables:
        return []
    return [where for where, _ in problem.evaluator.dense_lines()]


def setup_rows(problem: CompiledProblem) -> list[Row]:
    """Return the times spent before the first evaluation."""
    timings = {"trace": problem.trace_seconds, **setup_timings(problem)}
    return [("set-up", ", ".join(f"{kind} {duration(t)}" for kind, t in timings.items()))]


def setup_timings(problem: CompiledProblem) -> dict[str, float]:
    """Return the seconds for elements, patterns and compilation."""
    timings = problem.evaluator.timings
    return {kind: float(seconds) for kind, seconds in timings.items() if kind != "trace"}
