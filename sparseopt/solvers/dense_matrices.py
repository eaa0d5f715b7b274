"""Warnings before a solve whose solver factors matrices that a line of code makes dense."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from sparseopt.errors import DenseHessianWarning, DenseJacobianWarning
from sparseopt.modeling.dense_rows import dense_rows
from sparseopt.modeling.problem import Problem
from sparseopt.solvers.guard import has_compiled_functions
from sparseopt.solvers.ipopt_options import has_exact_hessian
from sparseopt.solvers.protocol import NonlinearProblem

__all__ = ["warn_if_dense"]

DENSE = 10**7
"""Second derivatives of one sum that are worth a warning: those of 4,500 variables."""
DENSE_ROWS = 10**6
"""First derivatives that are worth a warning where lifting has far fewer: 1,400 running sums."""
_REFUSED = 2**31
"""From here on no Hessian is formed: that error names the line."""
_USER = 7
"""Frames from a warning to the user's call of `Model.solve`."""


def warn_if_dense(
    problem: NonlinearProblem, factored: tuple[str, ...], options: Mapping[str, Any]
) -> None:
    """Warn of the matrices, of those that the solver factors, that are needlessly dense."""
    if not isinstance(problem, Problem):
        return
    if "jacobian" in factored:
        _warn_of_rows(problem)
    if "hessian" in factored and has_exact_hessian(options) and has_compiled_functions(problem):
        _warn_of_sums(problem)


def _warn_of_sums(problem: Problem) -> None:
    """Say so where factorizations of one dense block will take minutes each, or all memory."""
    if problem.num_variables**2 < DENSE:
        return
    sums = problem.evaluator.curved_sums(DENSE)
    if not sums or sums[0][1] >= _REFUSED:
        return
    where, entries = sums[0]
    warnings.warn(
        f"a function of one sum, at {where}, couples all of its terms: the Hessian of "
        f"{problem.name!r} has {entries:,} nonzeros there, for {problem.num_variables:,} "
        'variables. m.solve(lift="auto") makes a variable of the sum',
        DenseHessianWarning,
        stacklevel=_USER,
    )


def _warn_of_rows(problem: Problem) -> None:
    """Say so where a line makes the Jacobian dense and need not."""
    found = dense_rows(problem, DENSE_ROWS)
    if found is None:
        return
    warnings.warn(
        f"many constraints read the same long sums, made at {found.where}: the Jacobian of "
        f"{problem.name!r} has {found.told}, for {problem.num_variables:,} variables; with the "
        f"sums as variables it has about {found.lifted:,}. Write {found.instead}",
        DenseJacobianWarning,
        stacklevel=_USER,
    )
