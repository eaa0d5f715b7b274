"""Pressures: multipliers of path constraints and of bounds on states, per unit of time.

Where a constraint c(x, u, t) <= b holds along an arc, costates follow p' = -∂H/∂x - μ ∂c/∂x.  The
multiplier of its row at a point of the mesh is μ times the point's quadrature weight, so that μ is
known, and what belongs to a point between two intervals is divided between both.

A multiplier that stands alone is an impulse, where a trajectory touches a bound or enters an arc
of higher order, and the costate jumps: it is left at its point.

Bryson and Ho (1975), chapter 3; Hartl, Sethi, Vickson (1995), doi:10.1137/1037043.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.flow import Flow, Points
from sparseopt.control.transcribed_phase import TranscribedPhase
from sparseopt.modeling.solution import Solution

__all__ = ["Pressures"]

FloatArray = NDArray[np.float64]

_ALONE = 2.0
"""Times the pressure of both neighbors: more is an impulse."""


class Pressures:
    """Multipliers per unit of time, by constraint and fraction; of the minimized objective.

    Parameters
    ----------
    transcribed : TranscribedPhase
    nlp : Solution
    flow : Flow
        At the solution; it has transcribed the phase, and knows its points and weights.
    """

    def __init__(self, transcribed: TranscribedPhase, nlp: Solution, flow: Flow) -> None:
        self._flow, self._breaks = flow, transcribed.mesh.breaks
        points = Points.joined(flow.integrating)
        self._fractions, inverse = np.unique(points.fractions, return_inverse=True)
        self._weights = float(flow.duration) * np.bincount(inverse, points.weights)
        self._of_path, self._of_states = {}, {}
        for full, row in transcribed.rows.items():
            if row.kind == "path":
                self._of_path[row.name] = self._per_time(nlp.dual(full), row.fractions)
        for name in transcribed.phase.states:
            lower, upper = nlp.bound_duals(transcribed.named(name))
            at = transcribed.discretization.state_fractions
            density = self._per_time(upper - lower, at)
            row_name = transcribed.named(name, "bounds")
            if row_name in transcribed.rows:
                between = transcribed.rows[row_name].fractions
                density = density + self._per_time(nlp.dual(row_name), between)
            self._of_states[name] = density

    def weighted(self, states: Mapping[str, Any], controls: Any, fractions: FloatArray) -> Any:
        """Return μ·c at points, traced where the states are."""
        count, at = fractions.size, np.searchsorted(self._fractions, fractions)
        total: Any = np.zeros(count)
        for name, density in self._of_states.items():
            if np.any(density):
                total = total + _rows_summed(density[at] * states[name], count)
        if any(np.any(density) for density in self._of_path.values()):
            points = Points(states, controls, fractions, np.zeros(count))
            for values in self._flow.path_values(points):
                for name, value in values.items():
                    total = total + _rows_summed(self._of_path[name][at] * value, count)
        return total

    def _per_time(self, multipliers: FloatArray, fractions: FloatArray) -> FloatArray:
        """Return multipliers divided by weights at all points with a weight, impulses left out."""
        at = np.clip(np.searchsorted(self._fractions, fractions), 0, self._fractions.size - 1)
        known = (self._fractions[at] == fractions) & (self._weights[at] > 0.0)
        found = np.zeros((self._fractions.size, *multipliers.shape[1:]))
        weights = self._weights[at[known]].reshape(-1, *(1,) * (multipliers.ndim - 1))
        found[at[known]] = multipliers[known] / weights
        return self._without_impulses(found, np.sort(at[known]))

    def _without_impulses(self, density: FloatArray, at: NDArray[np.int64]) -> FloatArray:
        """Return pressures limited by those of neighbors at the ends of intervals."""
        values = density[at]
        nothing = np.zeros_like(values[:1])
        before, after = (
            np.concatenate([nothing, values[:-1]]),
            np.concatenate([values[1:], nothing]),
        )
        highest = _ALONE * np.maximum(np.maximum(before, after), 0.0)
        lowest = _ALONE * np.minimum(np.minimum(before, after), 0.0)
        is_break = np.isin(self._fractions[at], self._breaks)
        values[is_break] = np.clip(values, lowest, highest)[is_break]
        found = density.copy()
        found[at] = values
        return found


def _rows_summed(values: Any, count: int) -> Any:
    return np.sum(np.reshape(values, (count, -1)), axis=1)
