"""`ReducedProblem`: a problem in the parameters alone, for those who have one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from numpy.typing import ArrayLike

from sparseopt.modeling.checked_problem import Verify
from sparseopt.modeling.solution import Solution
from sparseopt.modeling.starting_point import StartingPoint
from sparseopt.reduction.reduced_functions import ReducedFunctions
from sparseopt.reduction.solving import solve_reduced
from sparseopt.reduction.taylor_test import TaylorTest, taylor_test

__all__ = ["ReducedProblem", "StateBounds"]

StateBounds = Literal["check", "impose"]
"""Bounds of states are looked at in the end, or rows of the reduced problem."""


class ReducedProblem(ReducedFunctions):
    """A problem in the parameters alone; `sparseopt.Model.reduce` makes it.

    Attributes
    ----------
    full : Problem
        The compiled problem in all variables.
    partition : Partition
        Which of its variables are states and which are parameters.
    counts : ReducedCounts
        Newton iterations, factorizations, linear solves so far.
    num_variables, num_constraints : int
        Parameters, and rows that are no state equations.
    variable_lower, variable_upper, initial_point : ndarray, shape (num_variables,)
    constraint_lower, constraint_upper : ndarray, shape (num_constraints,)

    Examples
    --------
    The state u = 2 p is solved for; what remains is (2 p - 4)²:

    >>> import sparseopt as so
    >>> m = so.Model("smallest")
    >>> u, p = m.variable("u"), m.variable("p", start=1.0)
    >>> m.minimize((u - 4.0) ** 2)
    >>> m.subject_to(u == 2.0 * p, name="pde")
    'pde'
    >>> reduced = m.reduce(states="u", by="pde")
    >>> reduced.objective([1.0]), reduced.gradient([1.0]).tolist()
    (4.0, [-8.0])
    >>> reduced.hessian_vector_product([1.0], None, [1.0]).tolist()
    [8.0]
    >>> s = reduced.solve("trust-krylov")
    >>> round(float(s["u"]), 6), round(float(s["p"]), 6)
    (4.0, 2.0)
    """

    def taylor_test(
        self,
        p: ArrayLike | None = None,
        direction: ArrayLike | None = None,
        *,
        seed: int = 0,
    ) -> TaylorTest:
        """Return remainders of F along a direction with the gradient, and with the product too.

        They fall with the square and the cube of the step where derivatives are right.

        Parameters
        ----------
        p : array, optional
            By default the start.
        direction : array, optional
            By default random.
        seed : int
            Of the random direction.
        """
        at = self.vector(self.initial_point if p is None else p)
        along = None if direction is None else self.vector(direction)
        return taylor_test(self, at, along, seed)

    def solve(
        self,
        solver: str = "auto",
        options: Mapping[str, Any] | None = None,
        start: StartingPoint | None = None,
        time_limit: float | None = None,
        verbose: bool = False,
        callback: Callable[[Any], bool | None] | None = None,
        verify: Verify = "final",
    ) -> Solution:
        """Solve for the parameters, and return the solution in all variables.

        Parameters
        ----------
        solver : str
            "ipopt", with the dense matrix of second derivatives up to 400 parameters, or a method
            of `scipy.optimize.minimize`. "auto" is trust-ncg without bounds; with bounds or rows
            Ipopt up to 400 parameters, and beyond L-BFGS-B, with rows trust-constr.
        options, start, time_limit, verbose, callback, verify
            As for `sparseopt.Model.solve`; states in ``start`` are the first guess of Newton's
            method, and ``x`` of an iteration holds all variables.

        Returns
        -------
        Solution
            Of the full problem: states and parameters by name, the adjoints as multipliers of
            the state equations.

        Raises
        ------
        InnerSolveError, SingularMatrixError
            If the states cannot be solved for at the start.
        """
        return solve_reduced(
            self,
            solver,
            options=dict(options or {}),
            start=start,
            time_limit=time_limit,
            verbose=verbose,
            callback=callback,
            verify=verify,
        )
