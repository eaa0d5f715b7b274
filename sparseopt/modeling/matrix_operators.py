"""Jacobians and Hessians of traced functions: objects to be called at points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.derivatives.plans import MatrixPlan
from sparseopt.modeling.composition import (
    refuse_out,
    traced_hessian,
    traced_jacobian,
    traced_value,
)
from sparseopt.modeling.given_pattern import GivenPattern, as_pattern
from sparseopt.modeling.traced_function import TracedFunction
from sparseopt.modeling.traced_sparse_matrix import TracedSparseMatrix
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.conversion import is_traced
from sparseopt.tracing.traced_array import TracedArray

if TYPE_CHECKING:
    from sparseopt.coloring.coloring import Coloring

__all__ = ["HessianOperator", "JacobianOperator"]

FloatArray = NDArray[np.float64]


class MatrixOperator(Unpicklable):
    """A matrix of derivatives, to be called at points: what Jacobians and Hessians share."""

    _kind: Literal["jacobian", "hessian"]

    def __init__(self, function: TracedFunction, pattern: Any = None) -> None:
        self._function = function
        self._evaluator = function.evaluator
        self._given: GivenPattern | None = None
        if pattern is not None:
            proven = self._plan.pattern
            self._given = GivenPattern(as_pattern(pattern, symmetric=proven.symmetric), proven)
            self._given.verify(self._proven_values, function.size, self._entry)

    @property
    def _plan(self) -> MatrixPlan:
        evaluator = self._evaluator
        return evaluator.jacobian_plan if self._kind == "jacobian" else evaluator.hessian_plan

    def _proven_values(self, point: FloatArray, out: FloatArray | None = None) -> FloatArray:
        """Return the values in the order of the plan's pattern."""
        raise NotImplementedError

    def _recorded(self, x: Any) -> TracedSparseMatrix:
        """Return the matrix at a traced point."""
        raise NotImplementedError

    def _entry(self, row: int, column: int) -> str:
        """Return an entry in words."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return self.pattern.shape

    @property
    def pattern(self) -> SparsityPattern:
        """Structural nonzeros, of a Hessian in the lower triangle, in the order of `values`."""
        return self._given.pattern if self._given else self._plan.pattern

    @property
    def coloring(self) -> Coloring | None:
        """The colors that compress the matrix; None for the direct plan."""
        return self._plan.coloring

    @overload
    def __call__(self, x: TracedArray) -> TracedSparseMatrix: ...
    @overload
    def __call__(self, x: ArrayLike) -> sp.csr_array: ...
    def __call__(self, x: Any) -> Any:
        """Return the whole matrix at ``x``; a `TracedSparseMatrix` in code that is traced."""
        if is_traced(x):
            return self._recorded(x)
        return self.pattern.to_matrix(self.values(x))

    @overload
    def values(self, x: TracedArray) -> TracedArray: ...
    @overload
    def values(self, x: ArrayLike, out: FloatArray | None = None) -> FloatArray: ...
    def values(self, x: Any, out: FloatArray | None = None) -> Any:
        """Return the entries at ``x`` in the order of `pattern`, in ``out`` if given."""
        if is_traced(x):
            refuse_out(out)
            return self(x).values
        point = self._function.point(x)
        if self._given is None:
            return self._proven_values(point, out)
        return self._given.place(self._proven_values(point), out)

    def set(self, **parameters: ArrayLike) -> None:
        """Change the values of parameters without a new trace."""
        self._function.set(**parameters)

    def explain(self, row: int | None = None, column: int | None = None) -> str:
        """Return every plan's cost and why one was taken; or what made the entry (row, column)."""
        if row is not None and column is not None:
            made = self._evaluator.explain(row, column, self._kind)
            return f"{self._entry(row, column)}\n{made}"
        return _plan_text(self._function, f"{self._kind.title()} {self.pattern!r}", self._kind)

    def __repr__(self) -> str:
        return f"{self._kind} of {self._function.name}: {self.pattern!r}"


class JacobianOperator(MatrixOperator):
    """The Jacobian of a function, to be called at points; made by `jacobian`.

    Attributes
    ----------
    shape : (int, int)
        ``(f(x).size, x.size)``.
    pattern : SparsityPattern
        Structural nonzeros, in the order of `values`.
    coloring : Coloring or None
        Of the pattern, where the plan compresses the matrix; the direct plan needs none.
    """

    _kind = "jacobian"

    def function(self, x: Any) -> Any:
        """Return the compiled function's own value at ``x``, in its shape."""
        if is_traced(x):
            return traced_value(self._function, x)
        values = self._evaluator.constraints(self._function.point(x))
        return values.reshape(self._function.result_shape)

    def _proven_values(self, point: FloatArray, out: FloatArray | None = None) -> FloatArray:
        return self._evaluator.jacobian_values(point, out=out)

    def _recorded(self, x: Any) -> TracedSparseMatrix:
        return traced_jacobian(self._function, self.pattern, x)

    def _entry(self, row: int, column: int) -> str:
        return f"d {self._function.result_element(row)} / d {self._function.element(column)}"


class HessianOperator(MatrixOperator):
    """The Hessian of a scalar function, to be called at points; made by `hessian`.

    Attributes
    ----------
    shape : (int, int)
        ``(x.size, x.size)``.
    pattern : SparsityPattern
        Structural nonzeros of the lower triangle, in the order of `values`.
    coloring : Coloring or None
        Of the pattern, where the plan compresses the matrix; the direct plan needs none.
    """

    _kind = "hessian"
    _no_multipliers = np.zeros(0)

    def _proven_values(self, point: FloatArray, out: FloatArray | None = None) -> FloatArray:
        return self._evaluator.hessian_values(point, self._no_multipliers, 1.0, out=out)

    def _recorded(self, x: Any) -> TracedSparseMatrix:
        return traced_hessian(self._function, self.pattern, x)

    def _entry(self, row: int, column: int) -> str:
        name = self._function.element
        return f"d² {self._function.name} / d {name(row)} d {name(column)}"


def _plan_text(function: TracedFunction, what: str, matrix: Literal["jacobian", "hessian"]) -> str:
    evaluator = function.evaluator
    summary = evaluator.summary()
    lines = [
        f"{what} of {function.name}: {summary['blocks']} blocks in {summary['stages']} stages, "
        f"{summary['instances']} instances, {summary['operations']} operations",
        evaluator.explain_plan(matrix),
        *(f"external function {line}" for line in evaluator.external_functions()),
    ]
    return "\n".join(lines)
