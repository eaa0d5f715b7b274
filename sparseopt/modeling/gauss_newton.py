"""`GaussNewtonProblem`: a fit whose Hessian leaves out the curvature of the residuals.

    ∇²L ≈ σ Jᵀ D J + Σ λ_i ∇²c_i

with the Jacobian J of the weighted residuals.  D is the second derivative ρ' + 2 z ρ'' of the loss
by a weighted residual, as SciPy's least_squares takes it; far-off residuals make it zero or
negative, so that it is bounded below by a tenth of ρ', the weight of iteratively reweighted least
squares.  The first term is then positive semidefinite.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import PatternError
from sparseopt.evaluation import Evaluator, compile_program
from sparseopt.evaluation.gram import MOST_PRODUCTS, Gram, longest_row, num_products
from sparseopt.graph.nodes import Constant
from sparseopt.modeling.problem import Problem
from sparseopt.modeling.residuals import Residuals
from sparseopt.patterns.entry_keys import encode
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.tracing.source_lines import describe_where

__all__ = ["GaussNewtonProblem"]

FloatArray = NDArray[np.float64]

_LEAST = 0.1


class GaussNewtonProblem(Problem):
    """A `Problem` of a fit with Gauss–Newton second derivatives: ``fit(hessian="gauss_newton")``.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model("power")
    >>> x = m.variable("x", start=2.0)
    >>> m.fit(x**3 - np.array([8.0, 9.0]), hessian="gauss_newton")
    >>> m.problem().hessian(np.array([2.0])).toarray()  # 2 (3 x²)²
    array([[288.]])
    """

    @property
    def _fitted(self) -> Residuals:
        assert self.residuals is not None
        return self.residuals

    @cached_property
    def _gram(self) -> Gram:
        pattern = self._fitted.jacobian_pattern
        products = num_products(pattern)
        if products > MOST_PRODUCTS:
            row = longest_row(pattern)
            entries = int(np.diff(pattern.indptr)[row])
            raise PatternError(
                f"the Gauss–Newton matrix needs {products:,} products",
                where=describe_where(self._fitted.names.at(row).where),
                why=f"{self._fitted.names.element(row)} depends on {entries:,} variables, and"
                " couples each with every other one",
                instead="make the sum in it a variable of its own, s, with the constraint s == sum",
            )
        return Gram(pattern, self.evaluator.backend)

    @cached_property
    def _curvature(self) -> Evaluator | None:
        """The constraints alone, for their own curvature; None if they have none."""
        if not self.num_constraints or self.is_linear_row.all():
            return None
        outputs = (Constant(np.zeros(1)), self.program.outputs[1])
        evaluator = compile_program(self.program.with_outputs(outputs), self.evaluator.backend)
        evaluator.parameters = self.evaluator.parameters
        return evaluator

    @cached_property
    def _places(self) -> tuple[SparsityPattern, NDArray[np.intp], NDArray[np.intp]]:
        """Return the whole pattern, and where the values of its two parts are in it."""
        gram = self._gram.pattern
        if self._curvature is None:
            return gram, np.arange(gram.nnz), np.zeros(0, np.intp)
        curved = self._curvature.hessian_pattern
        whole = gram | curved
        keys = encode(whole.rows, whole.cols)  # ascending
        one, two = (np.searchsorted(keys, encode(p.rows, p.cols)) for p in (gram, curved))
        return whole, one, two

    @property
    def hessian_pattern(self) -> SparsityPattern:
        """Where the lower triangle of the approximated Hessian has entries."""
        return self._places[0]

    @property
    def is_hessian_constant(self) -> bool:
        """Whether residuals and constraints are proven linear, and the loss squared."""
        is_linear = bool(self._fitted.evaluator.is_linear_row.all())
        return is_linear and self._fitted.loss.name == "squared" and self._curvature is None

    def _weights(self, x: FloatArray) -> FloatArray:
        """Return D."""
        residuals = self._fitted
        return np.maximum(residuals.curvatures(x), _LEAST * residuals.slopes(x))

    def hessian_values(
        self,
        x: ArrayLike,
        multipliers: ArrayLike | None = None,
        objective_weight: float = 1.0,
        out: FloatArray | None = None,
    ) -> FloatArray:
        """Return the entries of the lower triangle in the order of `hessian_pattern`."""
        point, residuals = self._point(x), self._fitted
        pattern, first, second = self._places
        values = np.zeros(pattern.nnz) if out is None else out
        values[:] = 0.0
        if objective_weight:
            roots = np.sqrt(self._weights(point))[residuals.jacobian_pattern.rows]
            products = self._gram.values(roots * residuals.jacobian_values(point))
            values[first] = float(objective_weight) * products
        if self._curvature is not None:
            weights = self._multipliers(multipliers)
            values[second] += self._curvature.hessian_values(point, weights, 0.0)
        return values

    def hessian_vector_product(
        self,
        x: ArrayLike,
        multipliers: ArrayLike | None,
        vector: ArrayLike,
        objective_weight: float = 1.0,
    ) -> FloatArray:
        """Return the approximated Hessian times a vector: Jᵀ (D (J v)), nothing is formed."""
        point, direction, residuals = self._point(x), self._point(vector), self._fitted
        evaluator, weights = residuals.evaluator, self._weights(point) * residuals.weights**2
        moved = evaluator.pushforward(point, direction)
        product = float(objective_weight) * evaluator.pullback(point, weights * moved)
        if self._curvature is not None:
            product += self._curvature.hessian_vector_product(
                point, self._multipliers(multipliers), direction, 0.0
            )
        return product
