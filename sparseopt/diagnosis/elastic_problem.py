"""`ElasticProblem`: the smallest total violation of some constraints of a problem.

    minimize  Σ (p + q)   subject to   lower <= c(x) + s (q - p) <= upper,   p, q >= 0,

for chosen rows, with the variables' own bounds kept (Chinneck 2008, Feasibility and Infeasibility
in Optimization, chapter 6, doi:10.1007/978-0-387-74932-7).  ``q`` exists for rows with a lower
bound and ``p`` for rows with an upper one; ``s`` is the size of the row's slope at the start, so
that rows count by distance and not by their unit.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.report import outside
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["ElasticProblem"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class ElasticProblem:
    """A problem for solvers, with the names of the one that it relaxes.

    Parameters
    ----------
    problem : CompiledProblem
    rows : int array
        The constraints that count, ascending; the others are left out.
    x : float array
        Where to start.
    sizes : float array, one element for each of `rows`
        The unit of each violation.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model("elastic")
    >>> x = m.variable("x", shape=2, upper=1.0)
    >>> m.subject_to(x[0] + x[1] >= 5.0, name="sum")
    'sum'
    >>> e = ElasticProblem(m.problem(), np.array([0]), np.zeros(2), np.ones(1))
    >>> e.num_variables, e.objective(e.initial_point)
    (3, 5.0)
    >>> e.jacobian(e.initial_point).toarray()
    array([[1., 1., 1.]])
    """

    is_hessian_constant = False

    def __init__(
        self, problem: CompiledProblem, rows: IntArray, x: FloatArray, sizes: FloatArray
    ) -> None:
        self._problem = problem
        self._rows = rows
        self._n = n = problem.num_variables
        self.num_constraints = rows.size
        self.constraint_lower = problem.constraint_lower[rows]
        self.constraint_upper = problem.constraint_upper[rows]
        self._raised = np.flatnonzero(np.isfinite(self.constraint_lower))
        self._lowered = np.flatnonzero(np.isfinite(self.constraint_upper))
        self._slack_rows = np.concatenate([self._raised, self._lowered])
        self._signs = np.repeat([1.0, -1.0], [self._raised.size, self._lowered.size])
        self._slopes = self._signs * sizes[self._slack_rows]
        slacks = self._slack_rows.size
        self.num_variables = n + slacks
        self.variable_lower = np.append(problem.variable_lower, np.zeros(slacks))
        self.variable_upper = np.append(problem.variable_upper, np.full(slacks, np.inf))
        self.is_linear_row = problem.evaluator.is_linear_row[rows]
        self._place_patterns()
        self.initial_point = self._start(x)

    def _place_patterns(self) -> None:
        pattern, n = self._problem.evaluator.jacobian_pattern, self._n
        number = np.full(self._problem.num_constraints, -1)
        number[self._rows] = np.arange(self._rows.size)
        self._entries = np.flatnonzero(number[pattern.rows] >= 0)
        slack_columns = n + np.arange(self._slack_rows.size)
        self.jacobian_pattern = SparsityPattern(
            np.append(number[pattern.rows[self._entries]], self._slack_rows),
            np.append(pattern.cols[self._entries], slack_columns),
            (self.num_constraints, self.num_variables),
            check=False,
        )
        inner = self._problem.evaluator.hessian_pattern
        shape = (self.num_variables, self.num_variables)
        self.hessian_pattern = SparsityPattern(
            inner.rows, inner.cols, shape, symmetric=True, check=False
        )

    def _start(self, x: FloatArray) -> FloatArray:
        """Return the point, within its bounds, with slacks that take up every violation."""
        n = self._n
        inner = np.clip(x, self.variable_lower[:n], self.variable_upper[:n])
        gaps = outside(
            self._problem.constraints(inner)[self._rows],
            self.constraint_lower,
            self.constraint_upper,
        )
        below = self._problem.constraints(inner)[self._rows] < self.constraint_lower
        is_needed = below[self._slack_rows] == (self._signs > 0)
        slacks = np.where(is_needed, gaps[self._slack_rows] / np.abs(self._slopes), 0.0)
        return np.append(inner, slacks)

    def violations(self, x: FloatArray) -> FloatArray:
        """Return by how much the relaxed constraints are violated, each in its own unit."""
        values = self._problem.constraints(x[: self._n])[self._rows]
        return outside(values, self.constraint_lower, self.constraint_upper)

    # ---- what solvers ask for
    def objective(self, x: FloatArray) -> float:
        """Return the total violation."""
        return float(x[self._n :].sum())

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return one for each slack."""
        return np.append(np.zeros(self._n), np.ones(self._slack_rows.size))

    def constraints(self, x: FloatArray) -> FloatArray:
        """Return the chosen constraints, moved by their slacks."""
        moved = np.bincount(
            self._slack_rows, self._slopes * x[self._n :], minlength=self.num_constraints
        )
        values: FloatArray = self._problem.constraints(x[: self._n])[self._rows] + moved
        return values

    def jacobian_values(self, x: FloatArray) -> FloatArray:
        """Return the entries of the Jacobian in the order of its pattern."""
        inner = self._problem.evaluator.jacobian_values(x[: self._n])
        return np.append(inner[self._entries], self._slopes)

    def jacobian(self, x: FloatArray) -> sp.csr_array:
        """Return the Jacobian."""
        return self.jacobian_pattern.to_csr(self.jacobian_values(x))

    def _all_multipliers(self, multipliers: FloatArray) -> FloatArray:
        weights = np.zeros(self._problem.num_constraints)
        weights[self._rows] = multipliers
        return weights

    def hessian_values(
        self, x: FloatArray, multipliers: FloatArray, objective_weight: float = 1.0
    ) -> FloatArray:
        """Return the second derivatives, which the constraints alone have."""
        return self._problem.evaluator.hessian_values(
            x[: self._n], self._all_multipliers(multipliers), 0.0
        )

    def hessian(
        self, x: FloatArray, multipliers: FloatArray, objective_weight: float = 1.0
    ) -> sp.csr_array:
        """Return the symmetric Hessian of the Lagrangian."""
        return self.hessian_pattern.to_symmetric(self.hessian_values(x, multipliers))

    def hessian_vector_product(
        self,
        x: FloatArray,
        multipliers: FloatArray,
        vector: FloatArray,
        objective_weight: float = 1.0,
    ) -> FloatArray:
        """Return the Hessian of the Lagrangian times a vector."""
        inner = self._problem.evaluator.hessian_vector_product(
            x[: self._n], self._all_multipliers(multipliers), vector[: self._n].copy(), 0.0
        )
        return np.append(inner, np.zeros(self._slack_rows.size))

    def variable_name(self, index: int) -> str:
        """Return the name of a variable, or of the slack of a constraint."""
        if index < self._n:
            return self._problem.variable_name(index)
        return f"slack of {self.constraint_name(int(self._slack_rows[index - self._n]))}"

    def constraint_name(self, index: int) -> str:
        """Return the name of a constraint."""
        return self._problem.constraint_name(int(self._rows[index]))

    def constraint_source(self, index: int) -> str:
        """Return the user's ``file:line`` of a constraint."""
        return self._problem.constraint_source(int(self._rows[index]))

    def require_finite(self, x: FloatArray) -> None:
        """Pass: bad values were looked for before."""
