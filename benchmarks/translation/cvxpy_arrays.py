"""Traced programs in CVXPY, of the atoms that its engine of derivatives has."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cvxpy as cp
import numpy as np
import scipy.sparse as sp
from cvxpy.atoms.affine.promote import promote
from cvxpy.atoms.elementwise import hyperbolic, trig

from benchmarks.tools.interface import ToolUnavailableError, Vector
from benchmarks.translation.replay import Places, replay
from benchmarks.translation.traced import TracedProblem

MOST_DENSE = 25_000_000
MOST_ATOMS = 200_000


def _power(x: Any, exponent: Any) -> Any:
    if _is_constant(exponent) and np.unique(_values(exponent)).size == 1:
        return cp.power(x, float(_values(exponent).flat[0]))
    return cp.exp(cp.multiply(exponent, cp.log(x)))


def _divide(x: Any, y: Any) -> Any:
    return x / y if _is_constant(y) else cp.multiply(x, cp.power(y, -1))


def _values(value: Any) -> Vector:
    return np.asarray(value.value if isinstance(value, cp.Expression) else value, float)


def _is_constant(value: Any) -> bool:
    return not isinstance(value, cp.Expression) or value.is_constant()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": cp.multiply,
    "divide": _divide,
    "negative": lambda x: -x,
    "square": lambda x: cp.power(x, 2),
    "reciprocal": lambda x: cp.power(x, -1),
    "power": _power,
    "sqrt": lambda x: cp.power(x, 0.5),
    "exp": cp.exp,
    "log": cp.log,
    "exp2": lambda x: cp.exp(math.log(2.0) * x),
    "log2": lambda x: cp.log(x) / math.log(2.0),
    "log10": lambda x: cp.log(x) / math.log(10.0),
    "log1p": lambda x: cp.log(1.0 + x),
    "expm1": lambda x: cp.exp(x) - 1.0,
    "expit": lambda x: cp.power(1.0 + cp.exp(-x), -1),
    "cosh": lambda x: (cp.exp(x) + cp.exp(-x)) / 2.0,
    **{name: getattr(trig, name) for name in ("sin", "cos", "tan")},
    **{name: getattr(hyperbolic, name) for name in ("sinh", "tanh")},
    "arcsinh": hyperbolic.asinh,
    "arctanh": hyperbolic.atanh,
    "entr": cp.entr,
}


class CvxpyArrays:
    """Operations on one-dimensional expressions; a single number may be a scalar."""

    def constant(self, values: Vector) -> Any:
        """Return data as a constant."""
        return cp.Constant(values)

    def apply(self, function: str, args: list[Any], size: int) -> Any:
        """Return a function of expressions."""
        if function not in FUNCTIONS:
            raise ToolUnavailableError(f"CVXPY's engine of derivatives has no function {function}")
        value = FUNCTIONS[function](*args)
        return promote(value, (size,)) if value.size != size else value

    def take(self, sources: list[Any], places: Places, size: int) -> Any:
        """Return elements, by a slice or an index array."""
        whole = sources[0] if len(sources) == 1 else cp.hstack(sources)
        if not whole.shape:
            return whole if size == 1 else promote(whole, (size,))
        if isinstance(places, slice):
            is_all = (places.start, places.stop, places.step) == (0, whole.size, 1)
            return whole if is_all else whole[places.start : places.stop : places.step]
        if size > 1 and np.all(places == places[0]):
            return promote(whole[int(places[0])], (size,))
        return whole[np.asarray(places)]

    def sum_rows(self, value: Any, num_rows: int, width: int) -> Any:
        """Return sums of the columns of a matrix."""
        if num_rows == 1:
            return cp.sum(value)
        return cp.sum(cp.reshape(value, (width, num_rows), order="F"), axis=0)

    def product(self, matrix: sp.csr_array, value: Any) -> Any:
        """Return a matrix times an expression; CVXPY makes the matrix dense on its way."""
        rows, columns = matrix.shape
        if rows * columns > MOST_DENSE:
            raise ToolUnavailableError(
                f"CVXPY makes sparse constants dense: {rows:,} by {columns:,} does not fit"
            )
        return matrix @ value


def cvxpy_problem(problem: TracedProblem) -> Any:
    """Return a traced problem: the objective minimized, and all constraint rows equal to zero.

    Only values and derivatives of the rows matter here, so their bounds are left out.
    """
    x = cp.Variable(problem.start.size)
    parts = replay(problem.program, x, problem.parameters, CvxpyArrays())
    objective, constraints = parts
    atoms = sum(_atoms(part, {}) for part in parts if isinstance(part, cp.Expression))
    if atoms > MOST_ATOMS:
        raise ToolUnavailableError(f"CVXPY writes shared expressions out, here as {atoms:,} atoms")
    rows = [cp.Zero(constraints)] if problem.num_constraints else []
    return cp.Problem(cp.Minimize(cp.sum(objective)), rows), x


def _atoms(expression: Any, counted: dict[int, int]) -> int:
    """Return the number of atoms of an expression as a tree."""
    if id(expression) not in counted:
        counted[id(expression)] = 1 + sum(_atoms(a, counted) for a in expression.args)
    return counted[id(expression)]
