"""The errors that a mesh makes: what the functions of the phase say between its points.

A trajectory x and control u of the mesh leave the residual r = x' - f(x, u, t).  The change it
makes within an interval, e(t) = ∫ r dt from the interval's beginning, is integrated by Gauss's rule
and related to the size of each state:

    error of the interval = max over states and times of |e| / (1 + max |x|).

What the intervals add up to, the sum of |e| at their ends over the phase and of the gaps that the
solver left between them, is the *drift*: an estimate of how far a simulation ends up from the
trajectory, unless the dynamics amplify it.

Between the points states may also leave their bounds, which counts as it is, relative to the same
size, and controls and path constraints theirs: they may jump, and count by their integral over the
fraction of the duration, of all intervals together.  Integrals are compared with Gauss's rule along
the trajectories.

Patterson and Rao (2014), section 4.1, doi:10.1145/2558904, compare ∫ f dt with the state; Betts
(2010), section 4.7.4, integrates |r|.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.declarations import condition_bound
from sparseopt.control.flow import Flow, Points
from sparseopt.control.mesh import Mesh
from sparseopt.control.pointwise import require_pointwise
from sparseopt.control.transcriptions.discretization import Curves
from sparseopt.control.transcriptions.quadrature import (
    gauss_points,
    integration_matrix,
    lobatto_points,
)

__all__ = ["MeshErrors", "mesh_errors"]

FloatArray = NDArray[np.float64]

_MORE_POINTS = 3
"""Gauss points a piece, beyond the degree of the states."""


@dataclass(frozen=True)
class MeshErrors:
    """Relative errors of a phase on its mesh; arrays have shape (intervals,).

    Attributes
    ----------
    largest : ndarray
        Anywhere within each interval, states outside their bounds included.
    at_end : ndarray
        Of the states at the end of each interval: what is carried on to the next.
    quadrature : ndarray
        The part of each interval in the error of the integrals.
    violation : ndarray
        By how much controls and path constraints are outside their bounds, integrated.
    gaps : ndarray
        Between the end of each interval and the beginning of the next: what the solver left.
    """

    largest: FloatArray
    at_end: FloatArray
    quadrature: FloatArray
    violation: FloatArray
    gaps: FloatArray

    @property
    def drift(self) -> float:
        """The sum of what intervals carry on, and of the gaps."""
        return float(self.at_end.sum() + self.gaps.sum())

    @property
    def overall(self) -> float:
        """The largest of all."""
        return max(float(self.worst.max()), self.drift, *(float(one.sum()) for one in self.summed))

    @property
    def summed(self) -> tuple[FloatArray, ...]:
        """What counts by its sum over the phase, and is made smaller by a finer mesh."""
        return self.at_end, self.quadrature, self.violation

    @property
    def worst(self) -> FloatArray:
        """The largest error of each interval."""
        return np.asarray(np.maximum.reduce([self.largest, *self.summed]))


def mesh_errors(flow: Flow, curves: Curves, mesh: Mesh, integrals: Mapping[str, Any]) -> MeshErrors:
    """Return the errors of trajectories; `integrals` are the transcription's own."""
    some = next(iter(curves.states.values()))
    breaks, count = some.breaks, some.coefficients.shape[1] + _MORE_POINTS
    gauss = gauss_points(count)
    pieces = np.repeat(np.arange(breaks.size - 1), count)
    fractions = (breaks[:-1, None] + np.diff(breaks)[:, None] * gauss).ravel()
    weights = np.outer(np.diff(breaks), integration_matrix(gauss, np.ones(1))[0]).ravel()
    points = Points(
        {name: x.on_pieces(pieces, fractions) for name, x in curves.states.items()},
        {name: u.on_pieces(pieces, fractions) for name, u in curves.controls.items()},
        fractions,
        weights,
    )
    require_pointwise(flow, points)
    changes = _residual_changes(flow, curves, points, pieces, gauss)
    largest = np.maximum(changes.max(axis=1), _states_outside(flow, points, breaks.size - 1))
    # Shooting has several pieces in one mesh interval.
    first = np.searchsorted(breaks, mesh.breaks[:-1] - 1e-12)
    return MeshErrors(
        np.maximum.reduceat(largest, first),
        np.add.reduceat(changes[:, -1], first),
        _quadrature_errors(flow, curves, points, mesh, integrals),
        np.add.reduceat(_violations(flow, points, breaks.size - 1), first),
        np.add.reduceat(_gaps(curves, points), first),
    )


def _residual_changes(
    flow: Flow, curves: Curves, points: Points, pieces: NDArray[np.int64], gauss: FloatArray
) -> FloatArray:
    """Return |e| of the worst state on each piece: at the Gauss points and, last, at the end."""
    count = pieces.size // gauss.size
    rates = flow.rates(points.states, points.controls, points.fractions)
    integrate = integration_matrix(gauss, np.append(gauss, 1.0))
    worst = np.zeros((count, gauss.size + 1))
    for name, curve in curves.states.items():
        slope = curve.slope().on_pieces(pieces, points.fractions)
        residual = (slope - float(flow.duration) * rates[name]).reshape(count, gauss.size, -1)
        change = np.einsum("eg,kgn->ken", integrate, residual)
        change *= np.diff(curve.breaks)[:, None, None] / _size(points.states[name]).ravel()
        worst = np.maximum(worst, np.abs(change).max(axis=2))
    return worst


def _gaps(curves: Curves, points: Points) -> FloatArray:
    """Return the jump of the worst state at the end of each piece; none at the last one."""
    breaks = next(iter(curves.states.values())).breaks
    worst = np.zeros(breaks.size - 1)
    before = np.arange(breaks.size - 2)
    for name, curve in curves.states.items():
        ends = curve.on_pieces(before, breaks[1:-1])
        jump = np.abs(curve.on_pieces(before + 1, breaks[1:-1]) - ends) / _size(points.states[name])
        worst[:-1] = np.maximum(worst[:-1], _row_maxima(jump))
    return worst


def _row_maxima(values: FloatArray) -> FloatArray:
    return np.asarray(values.max(axis=tuple(range(1, values.ndim)), initial=0.0))


def _states_outside(flow: Flow, points: Points, count: int) -> FloatArray:
    """Return by how much states are outside their bounds on each piece."""
    found = np.zeros(count)
    for name, state in flow.phase.states.items():
        outside = _outside(points.states[name], state.bounds.lower, state.bounds.upper)
        found = np.maximum(found, outside.reshape(count, -1).max(axis=1))
    return found


def _violations(flow: Flow, points: Points, count: int) -> FloatArray:
    """Return by how much controls and path constraints are outside their bounds, integrated."""
    found = np.zeros(count)
    integrated = [
        _outside(points.controls[name], control.bounds.lower, control.bounds.upper)
        for name, control in flow.phase.controls.items()
    ]
    values = flow.path_values(points) if flow.phase.path_conditions else []
    for condition, named in zip(flow.phase.path_conditions, values, strict=True):
        for name, value in named.items():
            bounds = (condition_bound(b, name) for b in (condition.lower, condition.upper))
            integrated.append(_outside(value, *bounds))
    for outside in integrated:
        sums = (points.weights * outside).reshape(count, -1).sum(axis=1)
        found = np.maximum(found, sums)
    return found


def _outside(values: FloatArray, lower: Any, upper: Any) -> FloatArray:
    """Return how far the worst component is outside its bounds at each point, relatively."""
    zero = np.zeros(1)
    below = zero if lower is None else lower - values
    above = zero if upper is None else values - upper
    relative = np.maximum(0.0, np.maximum(below, above)) / _size(values)
    return np.asarray(relative.reshape(values.shape[0], -1).max(axis=1))


def _quadrature_errors(
    flow: Flow, curves: Curves, points: Points, mesh: Mesh, integrals: Mapping[str, Any]
) -> FloatArray:
    """Return the part of each mesh interval in the error of the worst integral.

    The error itself is that of the transcription's quadrature; its parts are in the proportion of
    what a Lobatto rule of the interval's degree misses.
    """
    parts = np.zeros(mesh.num_intervals)
    if not integrals:
        return parts
    interval = np.searchsorted(mesh.breaks, points.fractions, side="right") - 1
    coarse = _lobatto_sums(flow, curves, mesh)
    for name, values in flow.integrands(points).items():
        fine = np.bincount(interval, points.weights * values, mesh.num_intervals)
        total = float(flow.duration * fine.sum())
        error = abs(total - float(integrals[name])) / (1.0 + abs(total))
        share = np.abs(fine - coarse[name]) + 1e-30
        parts = np.maximum(parts, error * share / share.sum())
    return parts


def _lobatto_sums(flow: Flow, curves: Curves, mesh: Mesh) -> dict[str, FloatArray]:
    sums = {name: np.zeros(mesh.num_intervals) for name in flow.phase.integrals}
    for degree in np.unique(mesh.degrees):
        rule = lobatto_points(max(2, int(degree)))
        weights = integration_matrix(rule, np.ones(1))[0]
        at = np.flatnonzero(mesh.degrees == degree)
        fractions = (mesh.breaks[at, None] + mesh.widths[at, None] * rule).ravel()
        states = {name: x(fractions) for name, x in curves.states.items()}
        controls = {name: u(fractions) for name, u in curves.controls.items()}
        points = Points(states, controls, fractions, np.zeros(fractions.size))
        for name, values in flow.integrands(points).items():
            sums[name][at] = mesh.widths[at] * (values.reshape(at.size, -1) @ weights)
    return sums


def _size(values: FloatArray) -> FloatArray:
    """Return 1 + the largest absolute value of each component."""
    largest = np.abs(values).reshape(values.shape[0], -1).max(axis=0)
    return np.asarray(1.0 + largest).reshape(values.shape[1:])
