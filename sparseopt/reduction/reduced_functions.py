"""Objective and rows as functions of the parameters alone, the states solved for inside.

    minimize  F(p) = f(u(p), p)   subject to   lower <= g(u(p), p) <= upper,   bounds of p

where u(p) solves the state equations.  It has the functions that a solver of a problem asks for
(`sparseopt.solvers.protocol`), but for the Hessian's entries: it has products with vectors.
"""

from __future__ import annotations

from functools import cached_property
from typing import NoReturn

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import InnerSolveError, ShapeError, SingularMatrixError, SolverError
from sparseopt.modeling.problem import Problem
from sparseopt.modeling.real_arrays import real_array
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.reduction.continuation import continued
from sparseopt.reduction.counts import ReducedCounts
from sparseopt.reduction.other_rows import OtherRows
from sparseopt.reduction.partition import Partition
from sparseopt.reduction.reduced_point import ReducedPoint
from sparseopt.reduction.state_equations import StateEquations

__all__ = ["ReducedFunctions"]

FloatArray = NDArray[np.float64]

_REMEMBERED = 2


class ReducedFunctions(Unpicklable):
    """What a solver sees of a reduced problem; the public class is `ReducedProblem`.

    Parameters
    ----------
    full : Problem
    partition : Partition
    imposed : int array
        States whose bounds are rows.
    factorization : str
        Which library factors the matrix of the states.
    """

    is_matrix_free = True
    is_hessian_constant = False

    def __init__(
        self,
        full: Problem,
        partition: Partition,
        imposed: NDArray[np.int64],
        factorization: str = "auto",
    ) -> None:
        self.full = full
        self.partition = partition
        self.counts = ReducedCounts()
        self.rows = OtherRows(full, partition, imposed)
        self._equations = StateEquations(full, partition, self.counts, factorization)
        p = partition.parameters
        self.name = full.name
        self.num_variables = p.size
        self.num_constraints = self.rows.size
        self.variable_lower, self.variable_upper = full.variable_lower[p], full.variable_upper[p]
        self.constraint_lower, self.constraint_upper = self.rows.lower, self.rows.upper
        self.initial_point = full.initial_point[p]
        self.variable_scale: FloatArray | None = _varying(full.variable_scale, p)
        self._guess, self._has_states = full.initial_point.copy(), False
        self._points: dict[bytes, ReducedPoint] = {}
        self._failed: tuple[bytes, InnerSolveError | SingularMatrixError] | None = None

    # ---- states
    def state(self, p: ArrayLike) -> FloatArray:
        """Return all variables of the full problem, its states solved for.

        Raises
        ------
        InnerSolveError
            If they cannot be solved for.
        SingularMatrixError
            If the equations do not determine them there.
        """
        return self.point(p).x.copy()

    def point(self, p: ArrayLike) -> ReducedPoint:
        """Return a point with its states solved for; the latest ones are remembered."""
        vector = self.vector(p)
        key = vector.tobytes() + self.full.evaluator.parameters.tobytes()
        found = self._points.get(key)
        if found is not None:
            return found
        if self._failed is not None and self._failed[0] == key:
            raise self._failed[1]
        while len(self._points) >= _REMEMBERED:
            del self._points[next(iter(self._points))]
        try:
            found = ReducedPoint(self._equations, self._solved(vector))
        except (InnerSolveError, SingularMatrixError) as error:
            self.counts.failures += 1
            self._failed = (key, error)
            raise
        self._points[key] = found
        return found

    def completed(self, x: FloatArray, p: FloatArray) -> FloatArray:
        """Return a full point with these parameters, and with what is fixed at its value."""
        full = self.full
        fixed = full.variable_lower == full.variable_upper
        whole = np.where(fixed, full.variable_lower, x)
        whole[self.partition.parameters] = p
        return whole

    def begin_at(self, x: FloatArray) -> None:
        """Take the states of a full point as the first guess."""
        self._guess, self._has_states = x.copy(), False

    def _solved(self, p: FloatArray) -> FloatArray:
        self.counts.state_solves += 1
        try:
            found = self._solved_from(self._guess, p)
        except (InnerSolveError, SingularMatrixError) as error:
            found = self._retried(p, error)
        self._guess, self._has_states = found, True
        return found

    def _solved_from(self, x: FloatArray, p: FloatArray) -> FloatArray:
        return self._equations.solve(self.completed(x, p))

    def _retried(self, p: FloatArray, error: Exception) -> FloatArray:
        """Go there in steps from the last point with states, or begin anew; or raise ``error``."""
        if self._has_states:
            begin = self._guess[self.partition.parameters]
            found = continued(self._solved_from, self._guess, begin, p)
            if found is not None:
                return found
        if np.array_equal(self._guess, self.full.initial_point):
            raise error
        return self._solved_from(self.full.initial_point, p)

    def _tried(self, p: ArrayLike) -> ReducedPoint | None:
        """Return a point, or None where there are no states."""
        try:
            return self.point(p)
        except (InnerSolveError, SingularMatrixError):
            return None

    # ---- values and derivatives
    def objective(self, p: ArrayLike) -> float:
        """Return F(p), minimized; infinity where the states cannot be solved for."""
        point = self._tried(p)
        return float("inf") if point is None else point.objective

    def gradient(self, p: ArrayLike) -> FloatArray:
        """Return the gradient of F: one solve with the transposed matrix of the states."""
        point = self._tried(p)
        if point is None:
            return np.full(self.num_variables, np.nan)
        return point.gradient(self._adjoint(point, None, 1.0))

    def hessian_vector_product(
        self,
        p: ArrayLike,
        multipliers: ArrayLike | None,
        vector: ArrayLike,
        objective_weight: float = 1.0,
    ) -> FloatArray:
        """Return the Hessian of σ F + νᵀ g times a vector: two linear solves."""
        point = self._tried(p)
        if point is None:
            return np.full(self.num_variables, np.nan)
        found = self._adjoint(point, multipliers, float(objective_weight))
        return point.product(found, self.vector(vector), float(objective_weight))

    def dense_hessian(
        self, p: ArrayLike, multipliers: ArrayLike | None = None, objective_weight: float = 1.0
    ) -> FloatArray:
        """Return the Hessian of σ F + νᵀ g: a linear solve for each parameter."""
        point = self._tried(p)
        if point is None:
            return np.full((self.num_variables, self.num_variables), np.nan)
        found = self._adjoint(point, multipliers, float(objective_weight))
        return point.hessian(found, float(objective_weight))

    def constraints(self, p: ArrayLike) -> FloatArray:
        """Return the values of the rows that are no state equations."""
        point = self._tried(p)
        return np.full(self.num_constraints, np.nan) if point is None else self.rows.values(point)

    def jacobian_values(self, p: ArrayLike) -> FloatArray:
        """Return the entries of their Jacobian, in the order of `jacobian_pattern`."""
        point = self._tried(p)
        if point is None:
            return np.full(self.jacobian_pattern.nnz, np.nan)
        return self.rows.jacobian_values(point)

    def jacobian(self, p: ArrayLike) -> sp.csr_array:
        """Return their Jacobian by the parameters."""
        return self.jacobian_pattern.to_csr(self.jacobian_values(p))

    @property
    def jacobian_pattern(self) -> SparsityPattern:
        """Rows that see states are dense."""
        return self.rows.pattern

    @cached_property
    def hessian_pattern(self) -> SparsityPattern:
        """Nothing: a reduced Hessian is dense, and only its products with vectors are formed."""
        none = np.zeros(0, np.int32)
        shape = (self.num_variables, self.num_variables)
        return SparsityPattern(none, none, shape, symmetric=True)

    def hessian_values(self, *_: object) -> NoReturn:
        """Raise `SolverError`: there is no sparse matrix."""
        raise SolverError(
            "a reduced problem has no sparse matrix of second derivatives",
            why="it is dense, and costs a linear solve for each parameter",
            instead="dense_hessian, or a solver that takes products with vectors, such as "
            "trust-krylov, Newton-CG or trust-constr",
        )

    hessian = hessian_values

    @property
    def is_linear_row(self) -> NDArray[np.bool_]:
        """Which rows are proven linear in the parameters."""
        return self.rows.is_linear

    # ---- what went where
    @property
    def is_maximized(self) -> bool:
        """Whether the user's objective is the negative of `objective`."""
        return self.full.is_maximized

    def variable_name(self, index: int) -> str:
        """Return the name of a parameter."""
        return self.full.variable_name(int(self.partition.parameters[index]))

    def constraint_name(self, index: int) -> str:
        """Return the name of a row; for a bound of a state that of the state."""
        return self.rows.name(index)

    def constraint_source(self, index: int) -> str:
        """Return the user's ``file:line`` of a row, or an empty string."""
        return self.rows.source(index)

    def require_finite(self, p: ArrayLike | None = None) -> None:
        """Raise the error of the states if there are none, or `NonFiniteError` for a bad value."""
        self.full.require_finite(self.point(self.initial_point if p is None else p).x)

    def __repr__(self) -> str:
        return (
            f"ReducedProblem({self.name!r}, {self.num_variables} parameters, "
            f"{self.partition.states.size} states, {self.num_constraints} constraints)"
        )

    # ---- inside
    def _adjoint(
        self, point: ReducedPoint, multipliers: ArrayLike | None, weight: float
    ) -> FloatArray:
        given = np.zeros(self.num_constraints) if multipliers is None else multipliers
        rows, slopes = self.rows.in_full(real_array(given, "multipliers"))
        return point.multipliers(weight, rows, slopes)

    def vector(self, p: ArrayLike) -> FloatArray:
        """Return parameters as a vector of the right length."""
        vector = real_array(p, "an array for the parameters")
        if vector.shape != (self.num_variables,):
            raise ShapeError(
                f"an array of shape {np.shape(p)} is given for {self.num_variables} parameters",
                instead=f"give a vector of length {self.num_variables}",
            )
        return vector


def _varying(scale: FloatArray | None, parameters: NDArray[np.int64]) -> FloatArray | None:
    """Return typical sizes of the parameters, None without any."""
    if scale is None or np.all(scale[parameters] == 1.0):
        return None
    return scale[parameters]
