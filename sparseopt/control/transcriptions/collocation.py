"""`Collocation`: one assembler for every collocation scheme on meshes of any degrees.

Points are numbered along the phase; the end of an interval is the beginning of the next.  Rates
are evaluated once at every point, intervals of equal degree are handled together, and a defect is
a short sum of slices: the number of formulas depends on the degrees and not on the mesh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from sparseopt.control.flow import Flow, Points
from sparseopt.control.mesh import Mesh
from sparseopt.control.piecewise import PiecewisePolynomial, joined_pieces
from sparseopt.control.transcriptions.discretization import (
    Curves,
    Linearization,
    Transcribed,
    combined,
    selection,
)
from sparseopt.control.transcriptions.quadrature import legendre_coefficients
from sparseopt.control.transcriptions.scheme import CollocationScheme

__all__ = ["Collocation"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class _Group:
    """The intervals of one degree."""

    scheme: CollocationScheme
    intervals: IntArray
    starts: IntArray
    """The number of the first point of each interval."""
    widths: FloatArray

    @cached_property
    def _first(self) -> slice | IntArray:
        return selection(self.starts)

    def points(self, number: int) -> slice | IntArray:
        """Return what selects one point of each interval."""
        first = self._first
        if isinstance(first, slice):
            return slice(first.start + number, first.stop + number, first.step)
        return first + number

    def all_points(self, array: FloatArray) -> FloatArray:
        """Return plain values at all points of each interval, shape (intervals, d + 1, …)."""
        index = self.starts[:, None] + np.arange(self.scheme.degree + 1)
        return np.asarray(array[index])


class Collocation:
    """A collocation scheme on a mesh.

    Parameters
    ----------
    mesh : Mesh
    scheme_of : callable
        Gives the scheme of a degree.
    is_held : bool
        Whether the control is constant on each interval.
    """

    def __init__(
        self,
        mesh: Mesh,
        scheme_of: Callable[[int], CollocationScheme],
        is_held: bool = False,
    ) -> None:
        self.mesh, self.is_held = mesh, is_held
        schemes = {int(degree): scheme_of(int(degree)) for degree in np.unique(mesh.degrees)}
        members = {degree: np.flatnonzero(mesh.degrees == degree) for degree in schemes}
        self._sizes = np.zeros(mesh.num_intervals, np.int64)
        for degree, at in members.items():
            self._sizes[at] = schemes[degree].degree
        starts, widths = np.cumsum(self._sizes) - self._sizes, mesh.widths
        self.groups = [_Group(schemes[k], at, starts[at], widths[at]) for k, at in members.items()]
        self.num_points = int(self._sizes.sum()) + 1
        self.state_fractions, self._weights, self._is_evaluated = self._points()
        self._evaluated = selection(np.flatnonzero(self._is_evaluated))
        if is_held:
            self.control_fractions = (mesh.breaks[:-1] + mesh.breaks[1:]) / 2
        else:
            self.control_fractions = self.state_fractions[self._evaluated]

    # ---- equations
    def transcribe(self, states: Arrays, controls: Arrays, flow: Flow) -> Transcribed:
        """Return the defects at the collocation points."""
        points = self._evaluated_points(states, controls)
        flow.integrating.append(points)
        flow.constrained.append(points)
        rates = flow.rates(points.states, points.controls, points.fractions)
        defects = {name: self._defects(states[name], rates[name], flow) for name in states}
        first = {name: value[0] for name, value in states.items()}
        last = {name: value[-1] for name, value in states.items()}
        first |= {name: self._first_control(value) for name, value in controls.items()}
        last |= {name: value[-1] for name, value in controls.items()}
        return Transcribed(defects, first, last, self._defect_fractions())

    def curves(self, states: Arrays, controls: Arrays, flow: Flow) -> Curves:
        """Return the collocation polynomials: their slopes are the rates where these are known."""
        points = self._evaluated_points(states, controls)
        rates = flow.rates(points.states, points.controls, points.fractions)
        duration = float(flow.duration)
        found = {}
        for name, value in states.items():
            slope = self._through(np.broadcast_to(rates[name], points.states[name].shape))
            starts = np.zeros((self.mesh.num_intervals, *value.shape[1:]))
            for group in self.groups:
                starts[group.intervals] = value[group.starts]
            scaled = PiecewisePolynomial(slope.breaks, duration * slope.coefficients)
            found[name] = scaled.integral(starts)
        return Curves(found, {name: self._control_curve(u) for name, u in controls.items()})

    # ---- costates
    def costates(
        self,
        states: Arrays,
        controls: Arrays,
        multipliers: FloatArray,
        flow: Flow,
        linearize: Linearization,
    ) -> PiecewisePolynomial:
        """Return the costates: -Σ_i λ_i B_ij / w_j at a point j with a weight.

        That makes the control at the point stationary for the Hamiltonian.  At the ends of an
        interval it is replaced by the derivative of the Lagrangian's part of that interval by the
        state there, which converges at the order of the method (Hager 2000,
        doi:10.1007/s002110000178).
        """
        points = self._evaluated_points(states, controls)
        slopes = linearize(points.states, points.controls, points.fractions)[:2]
        number = np.cumsum(self._is_evaluated) - 1
        parts, row, duration = [], 0, float(flow.duration)
        for group in self.groups:
            count = group.intervals.size * group.scheme.degree
            shape = (group.intervals.size, group.scheme.degree, -1)
            duals = multipliers[row : row + count].reshape(shape)
            row += count
            values = _interval_costates(group, duals)
            for end, sign in ((0, 1.0), (group.scheme.degree, -1.0)):
                if end == 0 or group.scheme.weights[0] != 0.0:
                    matrix, vector = (s[number[group.starts + end]] for s in slopes)
                    weight = duration * group.scheme.weights[end] * group.widths[:, None]
                    change = np.einsum("pij,pi->pj", matrix, values[:, end]) + vector
                    direct = np.einsum("i,kin->kn", group.scheme.differences[:, end], duals)
                    values[:, end] = sign * (direct + weight * change)
            through = legendre_coefficients(group.scheme.points)
            parts.append((group.intervals, np.einsum("mj,kjn->kmn", through, values)))
        return joined_pieces(self.mesh.breaks, parts)

    # ---- inside
    def _points(self) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
        """Return fractions and weights of all points, and which are evaluated."""
        fractions, weights = np.zeros(self.num_points), np.zeros(self.num_points)
        evaluated = np.zeros(self.num_points, dtype=bool)
        for group in self.groups:
            scheme, left = group.scheme, self.mesh.breaks[group.intervals]
            for j in range(scheme.degree + 1):
                fractions[group.points(j)] = left + group.widths * scheme.points[j]
                weights[group.points(j)] += group.widths * scheme.weights[j]
            for j in scheme.evaluated:
                evaluated[group.points(j)] = True
        fractions[-1] = 1.0
        return fractions, weights, evaluated

    def _defect_fractions(self) -> FloatArray:
        if len(self.groups) == 1:
            return self.state_fractions[1:]
        parts = [group.all_points(self.state_fractions)[:, 1:].ravel() for group in self.groups]
        return np.concatenate(parts)

    def _evaluated_points(self, states: Arrays, controls: Arrays) -> Points:
        at = self._evaluated
        if self.is_held:
            interval_of = np.repeat(np.arange(self.mesh.num_intervals), self._sizes)
            held = selection(interval_of[np.maximum(np.arange(self.num_points)[at] - 1, 0)])
            controls = {name: u[held] for name, u in controls.items()}
        states = {name: x[at] for name, x in states.items()}
        return Points(states, controls, self.state_fractions[at], self._weights[at])

    def _defects(self, state: Any, rate: Any, flow: Flow) -> Any:
        """Return the defects of a state, interval by interval."""
        shift = int(np.argmax(self._is_evaluated))
        found = []
        for group in self.groups:
            scheme = group.scheme
            columns = range(scheme.degree + 1)
            values = [state[group.points(j)] for j in columns]
            rates = [
                rate[group.points(j - shift)] if np.any(scheme.rates[:, j]) else None
                for j in columns
            ]
            widths = group.widths.reshape(-1, *(1,) * (len(np.shape(state)) - 1))
            step = flow.duration * widths
            rows = [
                combined(d, values) - step * combined(b, rates)
                for d, b in zip(scheme.differences, scheme.rates, strict=True)
            ]
            stacked = np.stack(rows, axis=1) if len(rows) > 1 else rows[0]
            found.append(np.reshape(stacked, (-1, *np.shape(state)[1:])))
        return np.concatenate(found) if len(found) > 1 else found[0]

    def _first_control(self, control: Any) -> Any:
        if self.is_held or self._is_evaluated[0]:
            return control[0]
        group = next(g for g in self.groups if g.intervals[0] == 0)
        degree = group.scheme.evaluated.size
        basis = legendre.legvander(np.array([-1.0]), degree - 1)
        through = basis @ legendre_coefficients(group.scheme.points[group.scheme.evaluated])
        return combined(through[0], [control[j] for j in range(degree)])

    def _control_curve(self, control: FloatArray) -> PiecewisePolynomial:
        if self.is_held:
            return PiecewisePolynomial(self.mesh.breaks, control[:, None])
        return self._through(control)

    def _through(self, values: FloatArray) -> PiecewisePolynomial:
        """Return the polynomials through values at the evaluated points of each interval."""
        everywhere = np.zeros((self.num_points, *values.shape[1:]))
        everywhere[self._evaluated] = values
        parts = []
        for group in self.groups:
            at = group.scheme.evaluated
            through = legendre_coefficients(group.scheme.points[at])
            local = group.all_points(everywhere)[:, at]
            parts.append((group.intervals, np.einsum("mj,kj...->km...", through, local)))
        return joined_pieces(self.mesh.breaks, parts)


def _interval_costates(group: _Group, duals: FloatArray) -> FloatArray:
    """Return -Σ_i λ_i B_ij / w_j at all points of each interval, zero where there is no weight."""
    weights = group.scheme.weights
    through = group.scheme.rates / np.where(weights != 0.0, weights, np.inf)
    return np.asarray(-np.einsum("ij,kin->kjn", through, duals))
