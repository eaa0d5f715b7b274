"""A solution with the derivatives of its problem there, at the parameters of that solve."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import DegenerateSolutionWarning, ProblemError
from sparseopt.evaluation import compile_program
from sparseopt.fitting.active_set import ActiveSet, active_set
from sparseopt.graph.nodes import Constant, Node
from sparseopt.modeling.problem import Problem
from sparseopt.modeling.solution import Solution

__all__ = ["SolvedPoint", "listed"]

FloatArray = NDArray[np.float64]

_MOST_NAMES = 6


def listed(names: list[str]) -> str:
    """Return names in a sentence, the first ones of many.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(names) > _MOST_NAMES:
        return f"{', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


class SolvedPoint:
    """First and second derivatives at a solution.

    Parameters
    ----------
    solution : Solution

    Attributes
    ----------
    problem : Problem
    x, multipliers, parameters : ndarray
        The point, λ of the constraints, and all parameters as they were in the solve.
    slope : ndarray
        ∇f + Jᵀ λ.
    jacobian : csr_array
        Of the constraints.
    active : ActiveSet

    Raises
    ------
    ProblemError
        For what is no solution of a model.
    SolveFailedError
        If there is no solution.
    """

    def __init__(self, solution: Solution) -> None:
        if not isinstance(solution, Solution) or not isinstance(solution.problem, Problem):
            raise ProblemError(
                f"{type(solution).__name__} is no solution of a model",
                instead="what m.solve() returns",
            )
        solution.raise_for_status()
        self.solution = solution
        self.problem = solution.problem
        self.x = solution.x
        outcome = solution.outcome
        self.multipliers = outcome.constraint_multipliers
        parts = [np.ravel(solution[p.name]) for p in self.problem.parameters]
        self.parameters: FloatArray = np.concatenate([np.zeros(0), *parts])
        with self.as_solved():
            gradient = self.problem.gradient(self.x)
            self.jacobian = self._jacobian()
        self.slope = gradient + self.jacobian.T @ self.multipliers
        self.active: ActiveSet = active_set(
            self.problem,
            self.x,
            solution.constraint_values,
            (self.multipliers, outcome.lower_multipliers, outcome.upper_multipliers),
            self.slope,
            max(1.0, float(np.abs(gradient).max(initial=0.0))),
        )

    @contextmanager
    def as_solved(self) -> Iterator[None]:
        """Give the problem the parameters of the solve, for as long as it lasts."""
        current = self.problem.evaluator.parameters
        kept = current.copy()
        current[:] = self.parameters
        try:
            yield
        finally:
            current[:] = kept

    @cached_property
    def hessian(self) -> sp.csr_array:
        """The exact Hessian of the Lagrangian, also where the fit was solved with another one."""
        evaluator = self.problem.evaluator
        with self.as_solved():
            values = evaluator.hessian_values(self.x, self.multipliers)
        return evaluator.hessian_pattern.to_symmetric(values)

    def expression_jacobian(self, node: Node) -> sp.csr_array:
        """Return the Jacobian of an expression by the variables, shape (node.size, n)."""
        program = self.problem.program.with_outputs((Constant(np.zeros(1)), node))
        evaluator = compile_program(program, self.problem.evaluator.backend)
        evaluator.parameters[:] = self.parameters
        return evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(self.x))

    def warn_if_weakly_active(self, consequence: str) -> None:
        """Warn of bounds that may or may not hold the solution, by name."""
        problem, active = self.problem, self.active
        names = [problem.variable_name(int(k)) for k in active.weak_variables]
        names += [problem.constraint_name(int(k)) for k in active.weak_rows]
        if names:
            warnings.warn(
                f"{listed(names)} of {problem.name!r} touch a bound with a multiplier near zero: "
                f"{consequence}",
                DegenerateSolutionWarning,
                stacklevel=3,
            )

    def _jacobian(self) -> sp.csr_array:
        if not self.problem.num_constraints:
            return sp.csr_array((0, self.problem.num_variables))
        return self.problem.jacobian(self.x)
