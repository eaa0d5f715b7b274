"""`Solution`: what a solve found, under the user's names and in the user's signs.

Sign rule, written here once.  The minimized objective f belongs to the Lagrangian

    L = σ f + λᵀ c,      and at a solution   ∇f + Jᵀ λ - z_lower + z_upper = 0,  z >= 0.

`dual` gives λ, and `bound_duals` gives z_lower and z_upper.  So where a constraint c(x) = d (or an
active bound d of a constraint) moves, the optimal value of f moves by ∂f*/∂d = -λ: λ is
nonnegative at an upper bound and nonpositive at a lower one.  A maximization of u minimizes
f = -u, so that ∂u*/∂d = +λ.  `sensitivity` gives the derivative of the user's own optimal value in
both cases, without a sign to remember.

A row that became a bound has its multiplier under its own name, as if it had stayed a row; then
the bound multipliers of its variable hold only what the variable's own bounds contribute.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ProblemError, SolveFailedError
from sparseopt.graph.interpret import interpret
from sparseopt.modeling.after_solve import solution_sensitivities, solution_uncertainty
from sparseopt.modeling.assembly import check_inputs
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.problem_table import setup_timings
from sparseopt.modeling.report import solution_report
from sparseopt.modeling.solver_registry import SolverOutcome, SolverStatus
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.on_demand import on_demand
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.source_lines import describe_where, user_frame

if TYPE_CHECKING:
    from sparseopt.modeling import checkpoint, findings
    from sparseopt.modeling.findings import Diagnosis
else:
    checkpoint = on_demand("sparseopt.modeling.checkpoint")
    findings = on_demand("sparseopt.modeling.findings")

__all__ = ["Solution"]

FloatArray = NDArray[np.float64]


class Solution(Unpicklable):
    """The best point of a solve, its multipliers, and how the solve went.

    Attributes
    ----------
    problem : Problem
        The compiled problem.
    outcome : SolverResult
        What the solver's adapter gave back, in the vectors of `problem`.
    x : ndarray
        The flat point of `problem`: the declared variables, then the lifted ones if there are any.
    objective : float
        In the user's sign: the maximized value, for a maximization.
    status : Status
    success : bool
        Whether the point is a verified, feasible solution.
    message : str
    iterations : int
    evaluations : dict of int
        Calls by kind.
    timings : dict of float
        Seconds: ``trace``, ``elements``, ``patterns``, ``compile`` before the solve, each kind of
        evaluation, and ``solver`` for the whole solve.
    history : dict of ndarray
        One value for each iteration; objectives are in the minimized sign.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model("corner")
    >>> x = m.variable("x", shape=2, lower=0.0, start=0.5)
    >>> m.maximize(x[0] + 2 * x[1])
    >>> m.subject_to(x[0] + x[1] <= 1.0, name="budget")
    'budget'
    >>> s = m.solve()
    >>> s["x"].round(4).tolist(), round(s.objective, 4), round(float(s.dual("budget")), 4)
    ([0.0, 1.0], 2.0, 2.0)
    """

    def __init__(self, problem: CompiledProblem, outcome: SolverOutcome) -> None:
        self.problem = problem
        self.outcome = outcome
        self.x = outcome.x
        self.objective = -outcome.objective if problem.is_maximized else outcome.objective
        self.status: SolverStatus = outcome.status
        self.message = outcome.message
        self.iterations = outcome.iterations
        self.evaluations = dict(outcome.evaluations)
        self._setup = {"trace": problem.trace_seconds, **setup_timings(problem)}
        self._parameters = problem.evaluator.parameters.copy()
        self._rows, self._lower, self._upper = _declared_multipliers(problem, outcome)
        # Evaluated now: the parameters of the problem may change later.
        known = outcome.constraint_values
        self.constraint_values = problem.constraints(self.x) if known is None else known

    @cached_property
    def history(self) -> dict[str, NDArray[Any]]:  # noqa: D102 - explained above
        return dict(self.outcome.history)

    @cached_property
    def timings(self) -> dict[str, float]:  # noqa: D102
        during = {kind: float(seconds) for kind, seconds in self.outcome.timings.items()}
        total = during.pop("total", float("nan"))
        return {**self._setup, **during, "solver": total}

    @property
    def success(self) -> bool:
        """Whether the point is a verified, feasible solution."""
        return bool(self.status.success)

    def __getitem__(self, name: str) -> Any:
        """Return the values of a variable or parameter, in its declared shape."""
        if not isinstance(name, str):
            raise ProblemError(
                f"a solution is asked for a {type(name).__name__}",
                where=describe_where(user_frame()),
                why="variables and parameters are looked up by name",
                instead='solution["x"], or solution.value(expression)',
            )
        if name in self.problem.parameters:
            return self.problem.parameters.part(self._parameters, name)
        return self.problem.variables.part(self.x, name)

    @property
    def lifted(self) -> dict[str, Any]:
        """The values of the intermediates that were lifted, by name; see ``docs/lifting.md``."""
        lifting = self.problem.lifting
        names = () if lifting is None else lifting.shapes
        return {name: self.problem.variables.part(self.x, name) for name in names}

    def value(self, expression: Any) -> Any:
        """Return the value of any expression of the model's variables at the solution.

        Examples
        --------
        >>> import sparseopt as so
        >>> m = so.Model()
        >>> x = m.variable("x", start=1.0)
        >>> m.minimize((x - 3.0) ** 2)
        >>> round(float(m.solve().value(x**2)), 4)
        9.0
        """
        if isinstance(expression, str):
            raise ProblemError(
                f"value() takes an expression, not the name {expression!r}",
                where=describe_where(user_frame()),
                instead=f'solution["{expression}"], or solution.value(np.sum({expression}))',
            )
        traced = as_traced(expression)
        program = self.problem.program.with_outputs((traced.node,))
        check_inputs(program, self.problem.name)
        values = interpret(program, self.x, self._parameters)[0]
        return np.broadcast_to(values, (traced.size,)).reshape(traced.shape)[()]

    def dual(self, name: str) -> Any:
        """Return the multipliers λ of a constraint, in its shape; the sign rule is above."""
        if name in self.problem.variables and name not in self.problem.constraint_rows:
            raise ProblemError(
                f"{name!r} is a variable, and dual() is of constraints",
                where=describe_where(user_frame()),
                instead=f'solution.bound_duals("{name}") for the multipliers of its bounds',
            )
        return self.problem.constraint_rows.part(self._rows, name)

    def sensitivity(self, name: str) -> Any:
        """Return how the optimal objective, as the user wrote it, moves with a constraint's bound.

        For a constraint that is active at a bound d this is the derivative of the optimal value
        with respect to d; for one that is not active it is zero.
        """
        return self.dual(name) if self.problem.is_maximized else -self.dual(name)

    def sensitivities(self, *parameters: str) -> Any:
        """Return how the solution moves with the model's parameters: `sparseopt.sensitivities`."""
        return solution_sensitivities(self, parameters)

    def uncertainty(self, **options: Any) -> Any:
        """Return how far the fit is to be trusted: `sparseopt.uncertainty`."""
        return solution_uncertainty(self, **options)

    def bound_duals(self, name: str) -> tuple[Any, Any]:
        """Return the multipliers (z_lower, z_upper) of a variable's own bounds, nonnegative."""
        variables = self.problem.variables
        return variables.part(self._lower, name), variables.part(self._upper, name)

    def raise_for_status(self) -> None:
        """Raise `SolveFailedError` unless the solve succeeded."""
        if not self.success:
            raise SolveFailedError(
                f"{self.problem.name!r} was not solved: {self.status.value}",
                status=self.status,
                why=self.message,
                instead="print(solution.diagnose()) says why, by name",
            )

    def diagnose(self, *, solver: str = "auto", most_solves: int = 25) -> Diagnosis:
        """Look for why a solve failed, or what is doubtful about its solution, by name.

        Besides what `Problem.diagnose` checks, at this point: the most violated constraints with
        the variables that move them, a small set of constraints that cannot hold together, and
        active constraints that are dependent.

        Parameters
        ----------
        solver : str
            For the relaxed problems that find constraints in conflict.
        most_solves : int
            How many of them may be solved; 0 leaves them out.
        """
        parameters = self.problem.evaluator.parameters
        current = parameters.copy()
        parameters[:] = self._parameters  # as they were in the solve
        try:
            at = "the solution" if self.success else "the best point of the solve"
            return findings.run_diagnosis(
                self.problem, self.x, at, self.outcome, solver=solver, most_solves=most_solves
            )
        finally:
            parameters[:] = current

    def report(self) -> str:
        """Return sizes, structure, times, objective, errors and worst constraints as text."""
        return solution_report(self.problem, self.outcome, self.constraint_values, self.objective)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write point and multipliers to a file that a later solve may start from.

        It is a checkpoint: ``model.solve(start=path)``, `sparseopt.load_checkpoint`.
        """
        outcome = self.outcome
        checkpoint.save_checkpoint(
            path,
            checkpoint.problem_header(self.problem),
            x=self.x,
            multipliers=(
                outcome.constraint_multipliers,
                outcome.lower_multipliers,
                outcome.upper_multipliers,
            ),
            objective=self.objective,
            iteration=self.iterations,
            barrier_parameter=None,
            status=str(self.status.value),
        )

    def __repr__(self) -> str:
        return (
            f"Solution({self.problem.name!r}, {self.status.value}, "
            f"objective {self.objective:.10g}, {self.iterations} iterations)"
        )


def _declared_multipliers(
    problem: CompiledProblem, outcome: SolverOutcome
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the multipliers of all declared rows and of the variables' own bounds."""
    lower, upper = outcome.lower_multipliers.copy(), outcome.upper_multipliers.copy()
    fixed = problem.variable_lower == problem.variable_upper
    if fixed.any():
        # Solvers remove fixed variables, and report nothing certain; stationarity defines these.
        evaluator = problem.evaluator
        slope = evaluator.gradient(outcome.x)
        if problem.num_constraints:
            slope = slope + evaluator.pullback(outcome.x, outcome.constraint_multipliers)
        lower[fixed] = np.maximum(slope[fixed], 0.0)
        upper[fixed] = np.maximum(-slope[fixed], 0.0)
    return problem.lifted.declared_multipliers(outcome.constraint_multipliers, lower, upper)
