"""Independent references: derivatives of Programs by complex steps, differences and remainders.

Nothing here uses element forms, schedules or generated code.  First derivatives are exact to
rounding (complex step on the interpreter); second derivatives are differences of those, of fourth
order; Taylor remainders need values alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.interpret import interpret
from sparseopt.graph.program import Program
from sparseopt.testing.complex_step import STEP, complex_program

__all__ = ["SECOND_STEP", "ProgramReference", "observed_rate"]

Vector = NDArray[np.float64]
SECOND_STEP = 2e-3


class ProgramReference:
    """Values and derivatives of the program (objective, constraints) at any point.

    Parameters
    ----------
    program : Program
    parameters : array, optional
    """

    def __init__(self, program: Program, parameters: Vector | None = None) -> None:
        self._program = program
        self._parameters = parameters

    @cached_property
    def _stepped(self) -> Program:
        return complex_program(self._program)

    def values(self, x: Vector) -> tuple[float, Vector]:
        """Return (objective, constraints) by the interpreter."""
        objective, constraints = interpret(self._program, x, self._parameters)
        return float(objective[0]), np.asarray(constraints, np.float64)

    def lagrangian(self, x: Vector, multipliers: Vector, weight: float) -> float:
        """Return ``weight f + multipliersᵀ c``."""
        objective, constraints = self.values(x)
        return weight * objective + float(multipliers @ constraints)

    def jacobian(self, x: Vector) -> Vector:
        """Return the dense first derivatives of objective (first row) and constraints."""
        columns = [
            np.imag(np.concatenate(interpret(self._stepped, point, self._parameters))) / STEP
            for point in x + 1j * STEP * np.eye(x.size)
        ]
        size = 1 + self._program.outputs[1].size
        return np.stack(columns, axis=1) if columns else np.zeros((size, 0))

    def curvature(
        self,
        x: Vector,
        multipliers: Vector,
        weight: float,
        pairs: tuple[Any, Any],
        step: float = SECOND_STEP,
    ) -> Vector:
        """Return ``wᵀ H v`` of the Lagrangian for pairs (v, w): differences of a complex step.

        ``pairs`` are two arrays with a direction in every row.
        """
        scales = np.concatenate([[weight], multipliers])

        def slope(point: Vector, direction: Vector) -> float:
            outputs = interpret(self._stepped, point + 1j * STEP * direction, self._parameters)
            return float(scales @ np.imag(np.concatenate(outputs)) / STEP)

        found = []
        for v, w in zip(*pairs, strict=True):
            near = slope(x + step * v, w) - slope(x - step * v, w)
            far = slope(x + 2 * step * v, w) - slope(x - 2 * step * v, w)
            found.append((8 * near - far) / (12 * step))
        return np.array(found)

    def hessian(self, x: Vector, multipliers: Vector, weight: float) -> Vector:
        """Return the dense Hessian of the Lagrangian, by differences."""
        n = x.size
        unit = np.eye(n)
        rows, cols = np.tril_indices(n)
        values = self.curvature(x, multipliers, weight, (unit[rows], unit[cols]))
        hessian = np.zeros((n, n))
        hessian[rows, cols] = hessian[cols, rows] = values
        return hessian

    def remainders(
        self,
        x: Vector,
        direction: Vector,
        multipliers: Vector,
        weight: float,
        derivatives: tuple[float, float],
        steps: Vector,
    ) -> tuple[Vector, Vector]:
        """Return the Taylor remainders of the Lagrangian along a direction for each step.

        Parameters
        ----------
        derivatives : (slope, curvature)
            First and second derivative along the direction, as claimed.

        Returns
        -------
        first, second : arrays
            ``|L(x + t v) - L(x) - t L'|``, and the same with ``t² L'' / 2`` taken away too.
        """
        start = self.lagrangian(x, multipliers, weight)
        ahead = [self.lagrangian(x + t * direction, multipliers, weight) for t in steps]
        first = np.array(ahead) - start - steps * derivatives[0]
        return np.abs(first), np.abs(first - 0.5 * steps**2 * derivatives[1])


def observed_rate(remainders: Vector, noise: float) -> float:
    """Return the order at which remainders fall at last when a step is halved each time.

    The larger of the last two, for a remainder may change its sign; infinite where remainders are
    below the noise of rounding from the start.

    Examples
    --------
    >>> observed_rate(np.array([4.0, 1.0, 0.25]), noise=1e-12)
    2.0
    """
    counts = np.flatnonzero(remainders > noise)
    used = remainders[: counts[-1] + 1] if counts.size else remainders[:0]
    if used.size < 3:
        return float("inf")
    used = np.maximum(used, noise)
    return float(np.log2(used[:-1] / used[1:])[-2:].max())
