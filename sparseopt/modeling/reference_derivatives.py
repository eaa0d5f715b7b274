"""Directional derivatives that do not use sparseopt's own: complex step, or differences.

The complex step Im f(x + i h v) / h (Squire and Trapp 1998, doi:10.1137/S003614459631241X) is exact
to rounding, because nothing is subtracted.  A program with a function whose complex form would need
the partials of the function table, or that is not NumPy, gets one-sided differences, which can keep
within bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.formulas import Formulas
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.difference_slopes import slopes_with_error

__all__ = ["Estimate", "Reference", "differences", "reference"]

FloatArray = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Estimate:
    """Directional derivatives and how far each may be off."""

    value: FloatArray
    uncertainty: FloatArray

    def rows(self, chosen: slice) -> Estimate:
        """Return the estimates of some of the elements."""
        return Estimate(self.value[chosen], self.uncertainty[chosen])


@dataclass(frozen=True)
class Reference:
    """Directional derivatives of a problem's objective and constraints, and how exact they are.

    Attributes
    ----------
    method : str
        "complex step" or "differences".
    tolerance : float
        Relative difference that is still agreement.
    along : callable
        ``(x, v)`` to the derivatives of all outputs at ``x`` along ``v``.
    values : callable
        ``x`` to the outputs in one vector, the objective first.
    """

    method: str
    tolerance: float
    along: Callable[[FloatArray, FloatArray], Estimate]
    values: Callable[[FloatArray], FloatArray]

    @property
    def is_exact(self) -> bool:
        """Whether derivatives are exact to rounding, and nothing is evaluated off the point."""
        return self.method == "complex step"


def reference(problem: CompiledProblem) -> Reference:
    """Return the most exact directional derivatives that the problem's functions allow."""
    formulas = Formulas(problem.program, problem.evaluator.parameters.copy())

    def complex_step(x: FloatArray, v: FloatArray) -> Estimate:
        return _exact(formulas, x, v)

    def by_differences(x: FloatArray, v: FloatArray) -> Estimate:
        return differences(formulas.values, x, v)

    if formulas.external or formulas.by_partials:
        return Reference("differences", 1e-5, by_differences, formulas.values)
    return Reference("complex step", 1e-8, complex_step, formulas.values)


def _exact(formulas: Formulas, x: FloatArray, v: FloatArray) -> Estimate:
    """Return slopes by the complex step, uncertain by what rounding of the variables does.

    Rounding of terms that cancel is as large, and the sum does not tell.
    """

    def slopes(place: FloatArray) -> FloatArray:
        found = formulas.along(place, v)
        assert found is not None
        return found[1]

    value = slopes(x)
    signs = np.where(np.arange(x.size) % 2, 1.0, -1.0)
    changes = [np.abs(slopes(x * (1.0 + k * _EPS * signs)) - value) for k in (-2.0, 2.0)]
    uncertainty = np.maximum(*changes)
    return Estimate(value, np.where(np.isfinite(uncertainty), 4.0 * uncertainty, 0.0))


def differences(
    function: Callable[[FloatArray], FloatArray],
    x: FloatArray,
    v: FloatArray,
    size: FloatArray | None = None,
) -> Estimate:
    """Return derivatives along ``v`` by one-sided differences, and their errors.

    ``size`` is that of the terms that each element is the sum of, where they may cancel.
    """
    return Estimate(*slopes_with_error(function, x, v, size))
