"""Directional derivatives that do not use sparseopt's own: complex step, or central differences.

The complex step Im f(x + i h v) / h (Squire and Trapp 1998, doi:10.1137/S003614459631241X) is exact
to rounding, because nothing is subtracted.  It needs every function on the way to be analytic in
NumPy; a program with another one (``abs``, ``maximum``, ``arctan2``) gets central differences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Elementwise
from sparseopt.graph.program import Program

__all__ = ["Reference", "central_difference", "reference"]

FloatArray = NDArray[np.float64]

# Functions that NumPy evaluates analytically for complex arguments, and steps whose derivative is
# zero and whose value depends on the real part only.
_ANALYTIC = frozenset(
    (
        *("add", "subtract", "multiply", "divide", "negative", "square", "reciprocal", "sqrt"),
        *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power"),
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
        *("arcsinh", "arccosh", "arctanh", "erf", "where"),
        *("less", "less_equal", "greater", "greater_equal"),
    )
)
_COMPLEX_STEP = 1e-40
_DIFFERENCE_STEP = 6e-6  # about the cube root of the rounding unit


@dataclass(frozen=True)
class Reference:
    """Directional derivatives of a program's outputs and how exact they are.

    Attributes
    ----------
    method : str
        "complex step" or "central differences".
    tolerance : float
        Relative difference that is still agreement.
    along : callable
        ``(x, v)`` to the list of derivatives of the outputs at ``x`` along ``v``.
    values : callable
        ``x`` to the list of outputs.
    """

    method: str
    tolerance: float
    along: Callable[[FloatArray, FloatArray], list[FloatArray]]
    values: Callable[[FloatArray], list[FloatArray]]


def reference(program: Program, p: FloatArray) -> Reference:
    """Return the most exact directional derivative that the program's functions allow."""

    def values(x: FloatArray) -> list[FloatArray]:
        return interpret(program, x, p)

    def complex_step(x: FloatArray, v: FloatArray) -> list[FloatArray]:
        moved = interpret(program, x + 1j * _COMPLEX_STEP * v, p)
        return [np.imag(output) / _COMPLEX_STEP for output in moved]

    def differences(x: FloatArray, v: FloatArray) -> list[FloatArray]:
        return central_difference(values, x, v)

    used = {n.function.name for n in program.nodes() if isinstance(n, Elementwise)}
    if used <= _ANALYTIC:
        return Reference("complex step", 1e-8, complex_step, values)
    return Reference("central differences", 1e-5, differences, values)


def central_difference(
    function: Callable[[FloatArray], list[FloatArray]], x: FloatArray, v: FloatArray
) -> list[FloatArray]:
    """Return (f(x + h v) - f(x - h v)) / 2h for every output."""
    reach = np.abs(v).max(initial=0.0)
    if reach == 0.0:
        return [np.zeros_like(output) for output in function(x)]
    step = _DIFFERENCE_STEP * max(1.0, float(np.abs(x[v != 0.0]).max())) / reach
    ahead, behind = function(x + step * v), function(x - step * v)
    return [(a - b) / (2.0 * step) for a, b in zip(ahead, behind, strict=True)]
