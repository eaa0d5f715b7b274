"""Piecewise polynomials on a grid, evaluated for numbers and recorded for traced arrays.

The cell is found by a search in the breakpoints of each coordinate, its coefficients by lookups,
and the polynomial by Horner's rule.  Searches and lookups are constant between breakpoints, so the
derivatives of the recorded arithmetic are those of the polynomials, of every order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import ScalarFunction
from sparseopt.graph.tables import lookup_in, search_in
from sparseopt.tracing.conversion import is_traced
from sparseopt.tracing.elementwise import record

__all__ = ["Axis", "PiecewisePolynomial"]

FloatArray = NDArray[np.float64]


class Axis:
    """The cells of one coordinate.

    Parameters
    ----------
    breaks : float array, shape (num_cells - 1,)
        Where one cell ends and the next begins; the first and the last cell are unbounded.
    origins : float array, shape (num_cells,)
        What the polynomials are expanded about.
    """

    def __init__(self, breaks: FloatArray, origins: FloatArray) -> None:
        self._search = search_in(breaks)
        self._origin = lookup_in(origins)

    def locate(self, x: Any) -> tuple[Any, Any]:
        """Return the cell of every point, and its distance from the cell's origin."""
        cell = _apply(self._search, x)
        return cell, x - _apply(self._origin, cell)


class PiecewisePolynomial:
    """A polynomial on each cell of a rectangular grid.

    Parameters
    ----------
    axes : sequence of n Axis
    coefficients : float array, shape (degree + 1,) * n + (num_cells, ...) * n + trailing
        Powers ascend.  Trailing axes are those of a value that is an array.
    """

    def __init__(self, axes: Sequence[Axis], coefficients: FloatArray) -> None:
        n = len(axes)
        self.axes = axes
        self.coefficients = coefficients
        self.trailing = coefficients.shape[2 * n :]
        self._powers = coefficients.shape[:n]
        self._cells = coefficients.shape[n : 2 * n]
        self._tables = {  # a coefficient that is zero in every cell costs nothing
            power: lookup_in(coefficients[power])
            for power in np.ndindex(self._powers)
            if coefficients[power].any()
        }

    def __call__(self, points: Sequence[Any]) -> Any:
        """Return the values at points of one shape, with the trailing axes behind it."""
        cell: Any = 0.0
        distances = []
        for axis, length, x in zip(self.axes, self._cells, points, strict=True):
            here, distance = axis.locate(x)
            cell = cell * float(length) + here
            distances.append(distance)
        if self.trailing:
            columns = np.arange(float(np.prod(self.trailing))).reshape(self.trailing)
            behind = tuple(range(-len(self.trailing), 0))
            cell = np.expand_dims(cell, behind) * float(columns.size) + columns
            distances = [np.expand_dims(d, behind) for d in distances]
        value = self._sum((), cell, distances)
        return 0.0 * cell if value is None else value

    def _sum(self, power: tuple[int, ...], cell: Any, distances: list[Any]) -> Any:
        """Return the terms with these leading powers, by Horner's rule; None if there are none."""
        if len(power) == len(distances):
            return _apply(self._tables[power], cell) if power in self._tables else None
        value: Any = None
        for k in reversed(range(self._powers[len(power)])):
            term = self._sum((*power, k), cell, distances)
            if value is not None:
                value = value * distances[len(power)]
                value = value if term is None else value + term
            else:
                value = term
        return value

    def derivative(self, orders: Sequence[int]) -> PiecewisePolynomial:
        """Return the partial derivative of these orders by the coordinates."""
        coefficients = self.coefficients
        for axis, order in enumerate(orders):
            for _ in range(order):
                powers = np.moveaxis(coefficients, axis, -1)
                factors = np.arange(powers.shape[-1])
                lowered = (powers * factors)[..., min(1, factors.size - 1) :]
                coefficients = np.moveaxis(lowered, -1, axis)
        return PiecewisePolynomial(self.axes, coefficients)


def _apply(function: ScalarFunction, argument: Any) -> Any:
    return record(function, (argument,)) if is_traced(argument) else function.numpy(argument)
