"""A guarded problem as the arguments of ``scipy.optimize.minimize``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse.linalg
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError
from sparseopt.solvers.guard import GuardedOracle, HaltSolve
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.scipy_methods import SCIPY_METHODS, has_bounds
from sparseopt.solvers.sparse_assembly import SparseAssembly

FloatArray = NDArray[np.float64]


class ScipyFunctions:
    """The functions of a problem in SciPy's conventions for one method.

    Parameters
    ----------
    guard : GuardedOracle
    method : str
    raise_original : bool
        Raise what the problem's functions raised, for a caller who runs SciPy without our adapter.
    """

    def __init__(self, guard: GuardedOracle, method: str, *, raise_original: bool = False) -> None:
        self._guard = guard
        self._method = method
        self._raise_original = raise_original
        problem = guard.problem
        n, m = problem.num_variables, problem.num_constraints
        self._no_multipliers = np.zeros(m)
        self._is_matrix_free = bool(getattr(problem, "is_matrix_free", False))
        self._jacobian = SparseAssembly(problem.jacobian_pattern, (m, n), symmetric=False)
        self._last: dict[str, tuple[FloatArray, Any]] = {}

    @cached_property
    def _hessian(self) -> SparseAssembly:
        # Made where it is read: methods that take products solve problems whose Hessian is dense.
        problem = self._guard.problem
        n = problem.num_variables
        return SparseAssembly(problem.hessian_pattern, (n, n), symmetric=True)

    def arguments(self, start: FloatArray) -> dict[str, Any]:
        """Return the keyword arguments of ``minimize``, but for options and callback."""
        described = SCIPY_METHODS[self._method]
        problem = self._guard.problem
        arguments: dict[str, Any] = {"fun": self.objective, "x0": start, "method": self._method}
        if described.derivatives != "none":
            arguments["jac"] = self.gradient
        if described.derivatives == "product":
            arguments["hessp"] = self._wrapped(self._product)
        if described.derivatives == "hessian":
            arguments["hess"] = self._wrapped(self._objective_hessian)
        if described.bounds and has_bounds(problem):
            arguments["bounds"] = bounds_of(problem)
        if problem.num_constraints:
            sparse = described.derivatives == "hessian"
            arguments["constraints"] = self._ranges() if sparse else self._signs()
        return arguments

    def objective(self, x: FloatArray) -> float:
        """Return f(x); infinity at a bad trial point, for methods that step back from it."""
        started = self._guard.counts["objective"] > 0
        try:
            return self._wrapped(self._guard.objective)(x)  # type: ignore[no-any-return]
        except NonFiniteError:
            if started and SCIPY_METHODS[self._method].steps_back:
                return float("inf")
            raise

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return ∇f(x); zero at a bad trial point, which its infinite objective rejects.

        Trust-region methods ask for the gradient of a trial point before its value.
        """
        started = self._guard.counts["gradient"] > 0
        try:
            return self._wrapped(self._guard.gradient)(x)  # type: ignore[no-any-return]
        except NonFiniteError:
            if started and self.objective(x) == np.inf:
                return np.zeros(x.size)
            raise

    def _ranges(self) -> Any:
        problem = self._guard.problem
        return scipy.optimize.NonlinearConstraint(
            self._wrapped(self._guard.constraints),
            problem.constraint_lower,
            problem.constraint_upper,
            jac=self._wrapped(self._sparse_jacobian),
            hess=self._wrapped(self._constraint_hessian),
        )

    def _signs(self) -> list[dict[str, Any]]:
        """Return the constraints as c(x) = 0 and c(x) ≥ 0 in the order of `constraint_signs`."""
        equal, lower, upper = constraint_signs(self._guard.problem)
        problem = self._guard.problem
        parts = (
            ("eq", equal, 1.0, problem.constraint_lower),
            ("ineq", lower, 1.0, problem.constraint_lower),
            ("ineq", upper, -1.0, problem.constraint_upper),
        )
        return [self._signed(*part) for part in parts if part[1].size]

    def _signed(
        self, kind: str, rows: NDArray[np.intp], sign: float, bound: FloatArray
    ) -> dict[str, Any]:
        def values(x: FloatArray) -> FloatArray:
            constraints = self._at("constraints", self._guard.constraints, x)
            return sign * (constraints[rows] - bound[rows])  # type: ignore[no-any-return]

        def jacobian(x: FloatArray) -> Any:
            return sign * self._at("jacobian", self._sparse_jacobian, x)[rows].toarray()

        return {"type": kind, "fun": self._wrapped(values), "jac": self._wrapped(jacobian)}

    def _at(self, name: str, function: Callable[[FloatArray], Any], x: FloatArray) -> Any:
        """Evaluate once for all constraints that SciPy asks for at the same point."""
        known = self._last.get(name)
        if known is None or not np.array_equal(known[0], x):
            known = self._last[name] = (x.copy(), function(x))
        return known[1]

    def _sparse_jacobian(self, x: FloatArray) -> Any:
        return self._jacobian.matrix(self._guard.jacobian_values(x))

    def _objective_hessian(self, x: FloatArray) -> Any:
        if self._is_matrix_free:
            return self._products(x, self._no_multipliers, 1.0)
        return self._hessian.matrix(self._guard.hessian_values(x, self._no_multipliers, 1.0))

    def _constraint_hessian(self, x: FloatArray, multipliers: FloatArray) -> Any:
        if self._is_matrix_free:
            return self._products(x, np.array(multipliers), 0.0)
        return self._hessian.matrix(self._guard.hessian_values(x, multipliers, 0.0))

    def _products(self, x: FloatArray, multipliers: FloatArray, weight: float) -> Any:
        at, product = x.copy(), self._guard.hessian_vector_product
        return scipy.sparse.linalg.LinearOperator(
            (x.size, x.size),
            matvec=lambda v: product(at, multipliers, np.ravel(v), weight),
            dtype=np.float64,
        )

    def _product(self, x: FloatArray, vector: FloatArray) -> FloatArray:
        return self._guard.hessian_vector_product(x, self._no_multipliers, vector, 1.0)

    def _wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if not self._raise_original:
            return function

        def wrapped(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except HaltSolve:
                error = self._guard.error or KeyboardInterrupt()
                self._guard.reset()
                raise error from None

        return wrapped


def bounds_of(problem: NonlinearProblem, *, keep_feasible: bool = False) -> Any:
    """Return the bounds of the variables; trust-constr leaves them on the way if not told."""
    return scipy.optimize.Bounds(problem.variable_lower, problem.variable_upper, keep_feasible)


def constraint_signs(
    problem: Any,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows that are equalities, and those with a lower and an upper bound besides."""
    low, high = problem.constraint_lower, problem.constraint_upper
    equal = low == high
    return (
        np.flatnonzero(equal),
        np.flatnonzero(~equal & (low > -np.inf)),
        np.flatnonzero(~equal & (high < np.inf)),
    )
