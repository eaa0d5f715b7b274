"""One point of a reduced problem: states, adjoints, gradient, products; each found once, if asked.

With the Lagrangian L = σ f + νᵀ g of objective and other rows, and the state equations c = 0:

    (∂c/∂u)ᵀ λ = -∂L/∂u                 gradient   ∂L/∂p + (∂c/∂p)ᵀ λ
    ∂c/∂u δu = -∂c/∂p v                 (w_u, w_p) = ∇²(L + λᵀ c) (δu, v)
    (∂c/∂u)ᵀ μ = -w_u                   product    w_p + (∂c/∂p)ᵀ μ

which is one linear solve for a gradient, and two for a product (Hinze, Pinnau, Ulbrich and Ulbrich
2009, *Optimization with PDE Constraints*, section 1.6, doi:10.1007/978-1-4020-8839-1).  ∂c/∂p is
formed only where a matrix is asked for: `ReducedPoint.sensitivity`, ∂u/∂p, which is dense.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.reduction.block_triangular import Factors
from sparseopt.reduction.state_equations import StateEquations

__all__ = ["ReducedPoint"]

FloatArray = NDArray[np.float64]

_AT_ONCE = 16
"""Right-hand sides that are dense at a time."""


class ReducedPoint:
    """Parameters with the states that belong to them.

    Parameters
    ----------
    equations : StateEquations
    x : ndarray
        All variables of the full problem, the states solved for.
    """

    def __init__(self, equations: StateEquations, x: FloatArray) -> None:
        self._equations = equations
        self._evaluator = equations.problem.evaluator
        self._part = equations.partition
        self.x = x
        self._adjoint: tuple[float, bytes, FloatArray] | None = None

    @cached_property
    def objective(self) -> float:
        """The objective F(p) = f(u(p), p)."""
        return self._evaluator.objective(self.x)

    @cached_property
    def constraints(self) -> FloatArray:
        """The values of all rows of the full problem."""
        return self._evaluator.constraints(self.x)

    @cached_property
    def jacobian_values(self) -> FloatArray:
        """The entries of the full problem's Jacobian."""
        return self._evaluator.jacobian_values(self.x)

    @cached_property
    def factors(self) -> Factors:
        """The factorization of ∂c/∂u at this point."""
        return self._equations.factors(self.jacobian_values)

    @cached_property
    def _objective_slopes(self) -> FloatArray:
        return self._evaluator.gradient(self.x)

    @cached_property
    def sensitivity(self) -> FloatArray:
        """The matrix ∂u/∂p, dense: a linear solve for each parameter."""
        part, problem = self._part, self._equations.problem
        whole = problem.jacobian_pattern.to_csr(self.jacobian_values)
        moved = sp.csc_array(whole[part.state_rows][:, part.parameters])
        found = np.empty((part.states.size, part.parameters.size))
        for begin in range(0, part.parameters.size, _AT_ONCE):
            some = slice(begin, begin + _AT_ONCE)
            found[:, some] = -self.solve(moved[:, some].toarray())
        return found

    def hessian(self, multipliers: FloatArray, weight: float = 1.0) -> FloatArray:
        """Return the dense Hessian by the parameters, from what `multipliers` returned."""
        u, p, moved = self._part.states, self._part.parameters, self.sensitivity
        whole = self._equations.problem.hessian(self.x, multipliers, weight)
        by_states, by_both = whole[u][:, u], whole[p][:, u] @ moved
        curved = whole[p][:, p].toarray() + by_both + by_both.T
        return np.asarray(curved + moved.T @ (by_states @ moved))

    def solve(self, b: FloatArray) -> FloatArray:
        """Return the solution of ∂c/∂u y = b."""
        self._equations.counts.linear_solves += 1 if b.ndim == 1 else b.shape[1]
        return self.factors.solve(b)

    def solve_transposed(self, b: FloatArray) -> FloatArray:
        """Return the solution of (∂c/∂u)ᵀ y = b."""
        self._equations.counts.linear_solves += 1 if b.ndim == 1 else b.shape[1]
        return self.factors.solve_transposed(b)

    def multipliers(self, weight: float, rows: FloatArray, slopes: FloatArray) -> FloatArray:
        """Return the multipliers of all rows: λ of the state equations, beside the given ones.

        Parameters
        ----------
        weight : float
            σ, of the objective.
        rows : ndarray, shape (num_constraints of the full problem,)
            ν; what it holds for the state equations is replaced.
        slopes : ndarray, shape (num_variables of the full problem,)
            What imposed bounds of states add to the gradient of L.
        """
        key = np.concatenate([rows, slopes]).tobytes()
        if self._adjoint is not None and self._adjoint[:2] == (weight, key):
            return self._adjoint[2]
        found = rows.copy()
        found[self._part.state_rows] = 0.0
        gradient = weight * self._objective_slopes + slopes
        if found.any():
            gradient = gradient + self._evaluator.pullback(self.x, found)
        adjoint = self.solve_transposed(-gradient[self._part.states])
        found[self._part.state_rows] = adjoint
        self._adjoint = (weight, key, found)
        return found

    def gradient(self, multipliers: FloatArray, weight: float = 1.0) -> FloatArray:
        """Return the gradient by the parameters, from what `multipliers` returned."""
        slopes = weight * self._objective_slopes + self._evaluator.pullback(self.x, multipliers)
        return np.asarray(slopes[self._part.parameters])

    def product(
        self, multipliers: FloatArray, vector: FloatArray, weight: float = 1.0
    ) -> FloatArray:
        """Return the Hessian by the parameters times a vector."""
        part, evaluator = self._part, self._evaluator
        direction = np.zeros(self.x.size)
        direction[part.parameters] = vector
        moved = evaluator.pushforward(self.x, direction)[part.state_rows]
        direction[part.states] = self.solve(-moved)
        curved = evaluator.hessian_vector_product(self.x, multipliers, direction, weight)
        second = np.zeros(multipliers.size)
        second[part.state_rows] = self.solve_transposed(-curved[part.states])
        total = curved + evaluator.pullback(self.x, second)
        return np.asarray(total[part.parameters])
