"""Lines that make a large Hessian dense, and what to write there."""

from __future__ import annotations

from collections.abc import Iterator

from sparseopt.diagnosis.situation import (
    MOST_SECOND_DERIVATIVES,
    Checked,
    Result,
    Situation,
    Skipped,
)
from sparseopt.modeling.dense_rows import dense_rows
from sparseopt.modeling.findings import Finding
from sparseopt.modeling.problem_table import count, dense_hessian_lines

__all__ = ["dense_hessian", "dense_jacobian"]

MANY_FIRST_DERIVATIVES = 100_000
"""Fewer are solved with in no time, dense or not."""

_LIFTING = (
    'm.solve(lift="auto"), or s = m.variable("s"); m.subject_to(s == <the sum>); then use s in '
    "its place"
)


def dense_jacobian(situation: Situation) -> Iterator[Result]:
    """Find sums that many constraints read, such as running ones, where lifting has far fewer."""
    found = dense_rows(situation.problem, MANY_FIRST_DERIVATIVES)
    if found is None:
        return
    yield Finding(
        "dense Jacobian",
        "error" if situation.has_huge_jacobian else "warning",
        f"many constraints read the same long sums: a Jacobian of {found.told} for "
        f"{count(situation.problem.num_variables, 'variable')}",
        found.where,
        f"with the sums as variables it has about {found.lifted:,}, and factorizations cost "
        "accordingly less",
        found.instead,
    )


def dense_hessian(situation: Situation) -> Iterator[Result]:
    """Find sums inside nonlinear functions that couple most variables with each other."""
    problem = situation.problem
    if situation.has_huge_hessian:
        for where, entries in problem.evaluator.curved_sums(MOST_SECOND_DERIVATIVES):
            yield _huge(situation, where, entries)
        yield Skipped("second derivatives: there are too many")
        return
    nonzeros = problem.evaluator.hessian_pattern.nnz
    yield Checked(
        f"density: {count(problem.evaluator.jacobian_pattern.nnz, 'nonzero')} in the Jacobian, "
        f"{nonzeros:,} in the Hessian's lower triangle"
    )
    for where in dense_hessian_lines(problem):
        yield Finding(
            "dense Hessian",
            "warning",
            f"a function of one sum fills a Hessian of {count(nonzeros, 'nonzero')} for "
            f"{count(problem.num_variables, 'variable')}",
            where,
            "it couples all of the sum's terms with each other, and factorizations cost the cube "
            "of their number",
            _LIFTING,
        )


def _huge(situation: Situation, where: str, entries: int) -> Finding:
    return Finding(
        "dense Hessian",
        "error",
        f"a function of one sum makes a Hessian of {entries:,} nonzeros and more for "
        f"{count(situation.problem.num_variables, 'variable')}",
        where,
        "it couples all of the sum's terms with each other; such a matrix fits into no memory",
        _LIFTING,
    )
