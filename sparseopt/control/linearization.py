"""Derivatives of a phase's functions by the states, point by point: exact, and traced when asked.

The functions are elementwise over points, so that the Jacobian of all rates by all states consists
of one small square block for each point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.flow import Flow, Points
from sparseopt.control.pressures import Pressures
from sparseopt.modeling.operators import jacobian

__all__ = ["StateLinearization", "component_count", "flat_states", "split_states"]

FloatArray = NDArray[np.float64]
Shapes = Mapping[str, tuple[int, ...]]


class StateLinearization:
    """(df/dx, dg/dx) at points, where g is a weighted sum of what the integrals integrate.

    Parameters
    ----------
    flow : Flow
    prices : mapping of float
        The derivative of the minimized objective by each integral.
    pressures : Pressures
        Of path constraints and bounds, which are part of g.
    """

    def __init__(self, flow: Flow, prices: Mapping[str, float], pressures: Pressures) -> None:
        self._flow, self._prices, self._pressures = flow, prices, pressures
        self._shapes = {name: state.shape for name, state in flow.phase.states.items()}

    def __call__(
        self, states: Mapping[str, Any], controls: Mapping[str, Any], fractions: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return arrays of shapes (points, n, n), (points, n) and (points, n).

        The third is what pressures add to dg/dx, which the second one contains.
        """
        count, size = fractions.size, component_count(self._shapes)

        def functions(flat: Any) -> Any:
            found = split_states(flat, self._shapes)
            rates = self._flow.rates(found, controls, fractions)
            pressed = self._pressures.weighted(found, controls, fractions)
            priced = self._priced(found, controls, fractions) + pressed
            columns = [np.reshape(value, (-1, 1)) for value in (priced, pressed)]
            return np.concatenate([flat_states(rates, self._shapes), *columns], axis=1)

        point = flat_states(states, self._shapes)
        matrix = jacobian(functions, point)(point).tocoo()
        blocks = np.zeros((count, size + 2, size))
        row_point, row = np.divmod(matrix.row, size + 2)
        column_point, column = np.divmod(matrix.col, size)
        own = row_point == column_point
        blocks[row_point[own], row[own], column[own]] = matrix.data[own]
        return blocks[:, :size], blocks[:, size], blocks[:, size + 1]

    def _priced(self, states: Any, controls: Any, fractions: FloatArray) -> Any:
        total: Any = np.zeros(fractions.size)
        if any(self._prices.values()):
            points = Points(states, controls, fractions, np.zeros(fractions.size))
            for name, values in self._flow.integrands(points).items():
                total = total + self._prices[name] * values
        return total


def component_count(shapes: Shapes) -> int:
    """Return the number of components of all states."""
    return sum(int(np.prod(shape)) for shape in shapes.values())


def flat_states(states: Mapping[str, Any], shapes: Shapes) -> Any:
    """Return all components side by side, shape (points, n)."""
    parts = [np.reshape(states[name], (np.shape(states[name])[0], -1)) for name in shapes]
    return np.concatenate(parts, axis=1)


def split_states(flat: Any, shapes: Shapes) -> dict[str, Any]:
    """Return the states of components side by side."""
    found, start = {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        part = flat[:, start : start + size]
        found[name] = np.reshape(part, (np.shape(flat)[0], *shape))
        start += size
    return found
