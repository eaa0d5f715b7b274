"""Derivatives at traced points: what operators record when they are called inside traced code.

The derivative of the function is a Program, made once; a call puts the caller's values in the place
of its inputs.  So a derivative is code like any other, and can be differentiated in turn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.errors import TracingError
from sparseopt.graph.nodes import Node
from sparseopt.graph.program import Program
from sparseopt.graph.substitution import substitute
from sparseopt.modeling.traced_function import TracedFunction
from sparseopt.modeling.traced_sparse_matrix import TracedSparseMatrix
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__ = [
    "refuse_out",
    "traced_gradient",
    "traced_hessian",
    "traced_hessian_vector_product",
    "traced_jacobian",
    "traced_pullback",
    "traced_pushforward",
    "traced_taylor",
    "traced_value",
]


def _inlined(function: TracedFunction, program: Program, *arguments: Node) -> list[Node]:
    """Return the outputs of one of the function's programs, at the caller's values.

    Parameters keep the values that they have now, or are the traced ones they were given.
    """
    given: dict[Node, Node] = dict(zip(program.variables, arguments, strict=True))
    return substitute(program.outputs, {**given, **function.parameter_nodes()})


def refuse_out(out: Any) -> None:
    """Refuse an array for numbers where values are traced."""
    if out is not None:
        raise TracingError(
            "derivatives at a traced point are to be written into an array",
            where=describe_where(user_frame()),
            why="the array can hold numbers only, and these are not known yet",
            instead="leave out the second argument",
        )


def traced_value(function: TracedFunction, x: Any) -> TracedArray:
    """Return f(x) in the function's shape."""
    (value,) = _inlined(function, function.derived.program, function.traced_point(x))
    return traced_from_node(value, function.result_shape)


def traced_gradient(function: TracedFunction, x: Any) -> TracedArray:
    """Return the gradient of a scalar function, in x's shape."""
    (slope,) = _inlined(function, function.derived.gradient, function.traced_point(x))
    return traced_from_node(slope, function.shape)


def traced_pushforward(function: TracedFunction, x: Any, v: Any) -> TracedArray:
    """Return J(x) v in the function's shape."""
    point, direction = function.traced_point(x), function.traced_point(v)
    (product,) = _inlined(function, function.derived.pushforward, point, direction)
    return traced_from_node(product, function.result_shape)


def traced_pullback(function: TracedFunction, x: Any, w: Any) -> TracedArray:
    """Return J(x)ᵀ w in x's shape."""
    point, weights = function.traced_point(x), function.traced_result(w)
    (product,) = _inlined(function, function.derived.pullback, point, weights)
    return traced_from_node(product, function.shape)


def traced_hessian_vector_product(function: TracedFunction, x: Any, v: Any) -> TracedArray:
    """Return H(x) v in x's shape."""
    point, direction = function.traced_point(x), function.traced_point(v)
    (product,) = _inlined(function, function.derived.hessian_product, point, direction)
    return traced_from_node(product, function.shape)


def traced_taylor(function: TracedFunction, order: int, x: Any, v: Any) -> TracedArray:
    """Return the Taylor coefficients along v, shape ``(order + 1, *result shape)``."""
    point, direction = function.traced_point(x), function.traced_point(v)
    coefficients = _inlined(function, function.derived.taylor(order), point, direction)
    shape = function.result_shape
    rows: Any = np.stack([traced_from_node(c, shape) for c in coefficients])
    return as_traced(rows)


def traced_jacobian(
    function: TracedFunction, pattern: SparsityPattern, x: Any
) -> TracedSparseMatrix:
    """Return the Jacobian: as many products as the pattern has colors, and one copy."""
    (values,) = _inlined(function, function.derived.jacobian(pattern), function.traced_point(x))
    return TracedSparseMatrix(pattern, traced_from_node(values, (pattern.nnz,)))


def traced_hessian(
    function: TracedFunction, pattern: SparsityPattern, x: Any
) -> TracedSparseMatrix:
    """Return the Hessian: as many products as the pattern has colors, and one copy."""
    (values,) = _inlined(function, function.derived.hessian(pattern), function.traced_point(x))
    return TracedSparseMatrix(pattern, traced_from_node(values, (pattern.nnz,)))
