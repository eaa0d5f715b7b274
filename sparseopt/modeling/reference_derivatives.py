"""Directional derivatives that do not use sparseopt's own: complex step, or central differences.

The complex step Im f(x + i h v) / h (Squire and Trapp 1998, doi:10.1137/S003614459631241X) is exact
to rounding, because nothing is subtracted.  It needs every function on the way to be analytic in
NumPy; a program with another one (``abs``, ``maximum``, ``arctan2``, what is not NumPy) gets
central differences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Call, Elementwise
from sparseopt.graph.program import Program

__all__ = ["Estimate", "Reference", "central_differences", "reference"]

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
_DIFFERENCE_STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)


@dataclass(frozen=True)
class Estimate:
    """A directional derivative and how far it may be off, elementwise."""

    value: FloatArray
    uncertainty: FloatArray

    def at(self, row: int) -> Estimate:
        """Return the estimate of one element, as arrays of size one."""
        return Estimate(self.value[row : row + 1], self.uncertainty[row : row + 1])


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
        ``(x, v)`` to the list of derivatives of the outputs at ``x`` along ``v``, each as an
        `Estimate`.
    values : callable
        ``x`` to the list of outputs.
    """

    method: str
    tolerance: float
    along: Callable[[FloatArray, FloatArray], list[Estimate]]
    values: Callable[[FloatArray], list[FloatArray]]


def reference(program: Program, p: FloatArray) -> Reference:
    """Return the most exact directional derivative that the program's functions allow."""

    def values(x: FloatArray) -> list[FloatArray]:
        return interpret(program, x, p)

    def complex_step(x: FloatArray, v: FloatArray) -> list[Estimate]:
        moved = interpret(program, x + 1j * _COMPLEX_STEP * v, p)
        slopes = [np.imag(output) / _COMPLEX_STEP for output in moved]
        return [Estimate(slope, np.zeros(slope.shape)) for slope in slopes]

    def differences(x: FloatArray, v: FloatArray) -> list[Estimate]:
        return central_differences(values, x, v)

    used = {n.function.name for n in program.nodes() if isinstance(n, Elementwise)}
    calls = any(isinstance(n, Call) for n in program.nodes())
    if used <= _ANALYTIC and not calls:
        return Reference("complex step", 1e-8, complex_step, values)
    return Reference("central differences", 1e-5, differences, values)


def central_differences(
    function: Callable[[FloatArray], list[FloatArray]], x: FloatArray, v: FloatArray
) -> list[Estimate]:
    """Return (f(x + h v) - f(x - h v)) / 2h for every output, with the step that fits each element.

    Large steps err by curvature, small ones by rounding; between two neighbors that agree lies the
    best, and their difference is the uncertainty.
    """
    moved = x[v != 0.0]
    scale = max(1.0, float(np.abs(moved).max(initial=0.0))) / max(
        np.abs(v).max(initial=0.0), 1e-300
    )
    rows = []
    for step in (scale * relative for relative in _DIFFERENCE_STEPS):
        ahead, behind = function(x + step * v), function(x - step * v)
        rows.append([(a - b) / (2.0 * step) for a, b in zip(ahead, behind, strict=True)])
    return [_best(np.stack(slopes)) for slopes in zip(*rows, strict=True)]


def _best(slopes: FloatArray) -> Estimate:
    """Choose for each element the step whose slope differs least from its neighbor's."""
    changes = np.abs(np.diff(slopes, axis=0))
    changes[~np.isfinite(changes)] = np.inf
    best = np.argmin(changes, axis=0)
    each = np.arange(slopes.shape[1])
    return Estimate(slopes[best + 1, each], changes[best, each])
