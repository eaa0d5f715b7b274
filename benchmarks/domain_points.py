"""Value and derivatives of a function at one point, by every way there is to evaluate them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.programs.derived import DerivedPrograms
from sparseopt.evaluation import Evaluator
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Input
from sparseopt.graph.program import Program
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.trace import input_array

__all__ = ["WAYS", "derivatives_at", "patterns_of"]

FloatArray = NDArray[np.float64]
LANES = 17
"""Copies of a point in one vector: whole vectors of lanes and a rest."""


def _program(function: Callable[..., Any], arity: int, copies: int) -> Program:
    """Return the program of 0 x₀ and f, of copies of the arguments, all first ones first."""
    variable = Input("x", arity * copies)
    x = input_array(variable, (arity * copies,))
    values = as_traced(function(*(x[k * copies : (k + 1) * copies] for k in range(arity))))
    return Program((variable,), (), ((0.0 * x[0]).node, values.node))


@cache
def _evaluator(function: Callable[..., Any], arity: int, copies: int, backend: str) -> Evaluator:
    return Evaluator(_program(function, arity, copies), backend)


@cache
def _derived(function: Callable[..., Any], arity: int) -> tuple[DerivedPrograms, SparsityPattern]:
    program = _program(function, arity, 1)
    derived = DerivedPrograms(program.with_outputs(program.outputs[1:]))
    return derived, _evaluator(function, arity, 1, "numpy").hessian_pattern


def _with_evaluator(backend: str, copies: int) -> Callable[..., FloatArray]:
    def evaluate(function: Callable[..., Any], point: tuple[float, ...]) -> FloatArray:
        arity = len(point)
        evaluator = _evaluator(function, arity, copies, backend)
        x = np.repeat(np.array(point), copies)
        jacobian = np.zeros((copies, x.size))
        pattern = evaluator.jacobian_pattern
        jacobian[pattern.rows, pattern.cols] = evaluator.jacobian_values(x)
        hessian = np.zeros((x.size, x.size))
        pattern = evaluator.hessian_pattern
        hessian[pattern.rows, pattern.cols] = evaluator.hessian_values(x, np.ones(copies), 0.0)
        found = [_one(evaluator.constraints(x))]
        found += [_one(np.diag(jacobian[:, k * copies : (k + 1) * copies])) for k in range(arity)]
        for k in range(arity):
            for j in range(k + 1):
                block = hessian[k * copies : (k + 1) * copies, j * copies : (j + 1) * copies]
                found.append(_one(np.diag(block)))
        return np.array(found)

    return evaluate


def _with_programs(function: Callable[..., Any], point: tuple[float, ...]) -> FloatArray:
    """Return what the derivatives that are Programs yield, by the interpreter."""
    arity, x = len(point), np.array(point)
    scalar, pattern = _derived(function, arity)
    second = np.zeros((arity, arity))
    if pattern.nnz:
        second[pattern.rows, pattern.cols] = interpret(scalar.hessian(pattern), x)[0]
    seconds = [second[k, j] for k in range(arity) for j in range(k + 1)]
    value, gradient = interpret(scalar.program, x)[0], interpret(scalar.gradient, x)[0]
    return np.array([float(value[0]), *gradient, *seconds])


def _one(values: FloatArray) -> float:
    """Return what all copies agree on."""
    first = float(values[0])
    assert np.array_equal(values, np.full(values.size, first), equal_nan=True), values
    return first


WAYS: dict[str, Callable[[Callable[..., Any], tuple[float, ...]], FloatArray]] = {
    "compiled, lanes": _with_evaluator("llvm", LANES),
    "compiled, one": _with_evaluator("llvm", 1),
    "NumPy": _with_evaluator("numpy", 3),
    "programs": _with_programs,
}


def derivatives_at(function: Callable[..., Any], point: tuple[float, ...], way: str) -> FloatArray:
    """Return value, first partials and the lower triangle of second ones.

    Parameters
    ----------
    function : callable
        Of arrays, element by element.
    point : tuple of float
        One value for each argument.
    way : str
        One of `WAYS`.
    """
    with np.errstate(all="ignore"):
        return WAYS[way](function, point)


def patterns_of(function: Callable[..., Any], arity: int) -> tuple[list[int], list[int]]:
    """Return which first and second partials the patterns have, in the order of the values."""
    evaluator = _evaluator(function, arity, 1, "numpy")
    first = sorted(evaluator.jacobian_pattern.cols.tolist())
    pattern = evaluator.hessian_pattern
    second = [k * (k + 1) // 2 + j for k, j in zip(pattern.rows, pattern.cols, strict=True)]
    return first, sorted(int(k) for k in second)
