"""Lines that make a large Hessian dense, and what to write there."""

from __future__ import annotations

from collections.abc import Iterator

from sparseopt.diagnosis.situation import Checked, Result, Situation
from sparseopt.modeling.findings import Finding
from sparseopt.modeling.problem_table import count, dense_hessian_lines

__all__ = ["dense_hessian"]


def dense_hessian(situation: Situation) -> Iterator[Result]:
    """Find sums inside nonlinear functions that couple most variables with each other."""
    problem = situation.problem
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
            's = m.variable("s"); m.subject_to(s == <the sum>); then use s in its place',
        )
