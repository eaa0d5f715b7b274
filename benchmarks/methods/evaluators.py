"""The methods: each prepares a function and a point, and gives what evaluates the matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

import sparseopt as so
from benchmarks.methods.functions import Function, Vector
from benchmarks.methods.propagation import Propagated

Evaluate = Callable[[Vector], Any]

STEP = 2.0**-26
"""Of forward differences: the square root of the spacing of float64, times the scale of x."""
MOST_DENSE = 2048
"""Variables up to which an n x n matrix is filled."""


@dataclass(frozen=True)
class Method:
    """A way to evaluate a Jacobian or a Hessian.

    Parameters
    ----------
    name, title : str
    matrix : "jacobian" or "hessian"
    prepare : callable
        From function and point to what is called at points; a dense or sparse matrix is returned.
    most : int or None
        Variables up to which it is run.
    tolerance : float
        Relative, against the first method's values.
    """

    name: str
    title: str
    matrix: Literal["jacobian", "hessian"]
    prepare: Callable[[Function, Vector], Evaluate]
    most: int | None = None
    tolerance: float = 1e-10


def by_pushforwards(function: Function, x: Vector) -> Evaluate:
    """Fill the dense Jacobian column by column."""
    return _one_by_one(so.pushforward(function, x), columns=True)


def by_pullbacks(function: Function, x: Vector) -> Evaluate:
    """Fill the dense Jacobian row by row."""
    return _one_by_one(so.pullback(function, x), columns=False, size=function(x).size)


def by_hessian_products(function: Function, x: Vector) -> Evaluate:
    """Fill the dense Hessian column by column."""
    return _one_by_one(so.hessian_vector_product(function, x), columns=True)


def _one_by_one(
    product: Callable[[Vector, Vector], Vector], *, columns: bool, size: int | None = None
) -> Evaluate:
    def evaluate(x: Vector) -> Any:
        direction = np.zeros(x.size if size is None else size)
        products = []
        for k in range(direction.size):
            direction[k] = 1.0
            products.append(product(x, direction))
            direction[k] = 0.0
        matrix = np.array(products)
        return matrix.T if columns else matrix

    return evaluate


def by_differences(function: Function, x: Vector) -> Evaluate:
    """Take forward differences of the NumPy function, a column each."""
    return _differences(function)


def by_gradient_differences(function: Function, x: Vector) -> Evaluate:
    """Take forward differences of the gradient, a column each."""
    return _differences(so.gradient(function, x))


def _differences(function: Function) -> Evaluate:
    def evaluate(x: Vector) -> Any:
        at, shifted = function(x), x.copy()
        columns = np.empty((x.size, at.size))
        for j in range(x.size):
            shifted[j] += STEP
            columns[j] = (function(shifted) - at) / STEP
            shifted[j] = x[j]
        return columns.T

    return evaluate


def by_propagation(function: Function, x: Vector) -> Evaluate:
    """Carry sparse Jacobians through the NumPy code, at every evaluation."""
    return lambda point: function(Propagated.variable(point)).jacobian


def by_plan(matrix: Literal["jacobian", "hessian"], plan: str) -> Callable[..., Evaluate]:
    """Return what prepares a compiled matrix with a plan."""
    made = so.jacobian if matrix == "jacobian" else so.hessian
    return lambda function, x: made(function, x, plan=plan)


class Values:
    """The values of a compiled matrix alone, in an array that is used again: a solver's call."""

    def __init__(self, operator: Any) -> None:
        self.pattern, self.coloring = operator.pattern, operator.coloring
        self._values, self._out = operator.values, np.empty(operator.pattern.nnz)

    def __call__(self, x: Vector) -> Vector:
        """Return the values in the order of the pattern."""
        values: Vector = self._values(x, self._out)
        return values

    def matrix(self, x: Vector) -> Any:
        """Return the matrix, to be compared."""
        return self.pattern.to_matrix(self(x))


def by_values(matrix: Literal["jacobian", "hessian"]) -> Callable[..., Evaluate]:
    """Return what prepares the direct plan without SciPy's matrix around the values."""
    made = so.jacobian if matrix == "jacobian" else so.hessian
    return lambda function, x: Values(made(function, x, plan="direct"))


_LOOSE = 1e-4
JACOBIAN_METHODS = (
    Method("direct", "direct accumulation", "jacobian", by_plan("jacobian", "direct")),
    Method("direct_values", "direct, values alone", "jacobian", by_values("jacobian")),
    Method("forward", "colored columns", "jacobian", by_plan("jacobian", "forward")),
    Method("reverse", "colored rows", "jacobian", by_plan("jacobian", "reverse")),
    Method("bidirectional", "colored both ways", "jacobian", by_plan("jacobian", "bidirectional")),
    Method("propagation", "sparse propagation", "jacobian", by_propagation),
    Method("dense_forward", "dense forward", "jacobian", by_pushforwards, MOST_DENSE),
    Method("dense_reverse", "dense reverse", "jacobian", by_pullbacks, MOST_DENSE),
    Method("differences", "finite differences", "jacobian", by_differences, MOST_DENSE, _LOOSE),
)
HESSIAN_METHODS = (
    Method("direct", "direct accumulation", "hessian", by_plan("hessian", "direct")),
    Method("direct_values", "direct, values alone", "hessian", by_values("hessian")),
    Method("star", "star coloring", "hessian", by_plan("hessian", "star")),
    Method("acyclic", "acyclic coloring", "hessian", by_plan("hessian", "acyclic")),
    Method("dense_products", "dense products", "hessian", by_hessian_products, MOST_DENSE),
    Method(
        "differences", "differences of gradients", "hessian", by_gradient_differences,
        MOST_DENSE, _LOOSE,
    ),
)  # fmt: skip
