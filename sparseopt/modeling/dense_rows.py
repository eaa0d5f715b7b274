"""Constraints that make a large Jacobian dense where lifting would not: running sums, mostly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparseopt.evaluation.explanation import reads_of_long_rows
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.on_demand import on_demand
from sparseopt.tracing.source_lines import describe_where

if TYPE_CHECKING:
    import sparseopt.lifting as lifting
    from sparseopt.lifting import LiftingChoice
    from sparseopt.modeling import gauss_newton
else:
    lifting = on_demand("sparseopt.lifting")
    gauss_newton = on_demand("sparseopt.modeling.gauss_newton")

__all__ = ["DenseRows", "dense_rows"]

LONG = 200
"""Variables in a row that is long; rows of sparse problems have fewer, and cost nothing here."""
FEWER = 0.1
"""Lifting is worth a word where at most this share of the Jacobian remains."""


_RECURSION = (
    "variables of the sums: s[0] == u[0] and s[1:] - s[:-1] == u[1:] for s = np.cumsum(u), "
    "s == np.mean(u) for a mean"
)


@dataclass(frozen=True)
class DenseRows:
    """A Jacobian that one line makes dense, and what lifting would make of it.

    Attributes
    ----------
    where : str
        The line of the values to lift.
    entries, lifted : int
        Nonzeros of the Jacobian, and about how many there are with the values lifted.
    is_exact : bool
        Or so are the entries.
    instead : str
        What to write.
    """

    where: str
    entries: int
    lifted: int
    is_exact: bool
    instead: str

    @property
    def told(self) -> str:
        """The number of entries in words."""
        return f"{'' if self.is_exact else 'about '}{self.entries:,} nonzeros"


def dense_rows(problem: CompiledProblem, most: int) -> DenseRows | None:
    """Return what makes more than ``most`` first derivatives needlessly; None if nothing does.

    No pattern is formed.  A problem that was asked to be lifted has what it asked for.
    """
    if problem.lifting is not None or problem.num_variables * problem.num_constraints <= most:
        return None
    if reads_of_long_rows(problem.evaluator.form, LONG) <= most:
        return None
    if lifting.count_nonzeros(problem.program).jacobian <= most:
        return None
    choice = lifting.choose_lifting(problem.program, {})
    if not choice.lifted.num_lifted or choice.after.jacobian > FEWER * choice.direct.jacobian:
        return None
    exact = choice.direct
    if lifting.can_be_exact(problem.program):
        exact = lifting.count_nonzeros(problem.program, exact=True)
    return DenseRows(
        _line(choice), exact.jacobian, choice.after.jacobian, exact.is_exact, _advice(problem)
    )


def _line(choice: LiftingChoice) -> str:
    """Return the line with the most lifted values."""
    sizes: dict[str, int] = {}
    for item in choice.lifted.lifted:
        where = describe_where(item.value.where) or "no source line"
        sizes[where] = sizes.get(where, 0) + item.value.size
    return max(sizes, key=lambda where: sizes[where])


def _advice(problem: CompiledProblem) -> str:
    if isinstance(problem, gauss_newton.GaussNewtonProblem):  # which is not lifted
        return _RECURSION
    return f'm.solve(lift="auto"), or {_RECURSION}'
