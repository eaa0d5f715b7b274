"""`Shooting`: steps of the classical Runge–Kutta method from states that are variables.

Multiple shooting has a state at the beginning of each interval and asks that the steps across it
arrive at the next one; single shooting has the initial state only, and everything after it is an
expression.  Controls are variables at the ends and the middle of each step, where the method
evaluates them; between them they are quadratic.  Path constraints hold at all these points: in the
middle of a step with the state of the cubic through its ends.

Bock and Plitt (1984), doi:10.1016/S1474-6670(17)61205-9; Hager (2000), doi:10.1007/s002110000178.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from sparseopt.control.flow import Flow, Points
from sparseopt.control.mesh import Mesh
from sparseopt.control.piecewise import PiecewisePolynomial
from sparseopt.control.transcriptions.discretization import (
    Curves,
    Linearization,
    Transcribed,
    selection,
)
from sparseopt.control.transcriptions.quadrature import legendre_coefficients
from sparseopt.errors import ProblemError

__all__ = ["Shooting"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Arrays = Mapping[str, Any]

_QUADRATIC = legendre_coefficients(np.array([0.0, 0.5, 1.0]))


def _hermite_coefficients() -> FloatArray:
    """Return the matrix from (x_0, x_1, x'_0, x'_1) of a cubic to Legendre coefficients."""
    values = legendre.legvander(np.array([-1.0, 1.0]), 3)
    slopes = 2 * legendre.legval(np.array([-1.0, 1.0]), legendre.legder(np.eye(4), axis=0)).T
    return np.asarray(np.linalg.inv(np.vstack([values, slopes])))


_CUBIC = _hermite_coefficients()


class Shooting:
    """Runge–Kutta steps on a mesh.

    Parameters
    ----------
    mesh : Mesh
        Its degree is the number of steps on each interval, and the same everywhere.
    is_single : bool
        Whether only the initial state is a variable.
    """

    def __init__(self, mesh: Mesh, is_single: bool = False) -> None:
        steps = int(mesh.degrees[0])
        if np.any(mesh.degrees != steps):
            raise ProblemError(
                "shooting takes the same number of steps on each interval",
                instead="give one degree",
            )
        self.mesh, self.is_single = mesh, is_single
        offsets = np.arange(steps) / steps
        step_starts = mesh.breaks[:-1, None] + mesh.widths[:, None] * offsets
        self.breaks = np.append(step_starts.ravel(), 1.0)
        shape = (1, -1) if is_single else (mesh.num_intervals, steps)
        self._widths = np.repeat(mesh.widths / steps, steps).reshape(shape)
        self._starts = np.arange(self.breaks.size - 1).reshape(shape)
        middles = (self.breaks[:-1] + self.breaks[1:]) / 2
        self.control_fractions = np.sort(np.concatenate([self.breaks, middles]))
        self.state_fractions = np.zeros(1) if is_single else mesh.breaks

    def transcribe(self, states: Arrays, controls: Arrays, flow: Flow) -> Transcribed:
        """Return what the steps across each interval miss the next state by."""
        begin = states if self.is_single else {name: x[:-1] for name, x in states.items()}
        nodes, middles = self._march(begin, controls, flow)
        reached = nodes.pop()
        for j, middle in enumerate(middles):
            self._constrain(middle, controls, 2 * self._starts[:, j] + 1, flow)
        every = {name: value[0] for name, value in {**states, **controls}.items()}
        last: dict[str, Any] = {name: u[-1] for name, u in controls.items()}
        if self.is_single:
            found = {name: np.concatenate([n[name] for n in [*nodes, reached]]) for name in states}
            self._constrain(found, controls, 2 * np.arange(self.breaks.size), flow)
            last |= {name: value[-1] for name, value in found.items()}
            free = {name: value[1:] for name, value in found.items()}
            return Transcribed({}, every, last, np.zeros(0), free, self.breaks[1:])
        defects = {name: x[1:] - reached[name] for name, x in states.items()}
        last |= {name: x[-1] for name, x in states.items()}
        steps = self._starts.shape[1]
        self._constrain(states, controls, np.append(2 * self._starts[:, 0], -1), flow)
        if steps == 1:
            return Transcribed(defects, every, last, self.mesh.breaks[1:])
        between = {name: np.concatenate([n[name] for n in nodes[1:]]) for name in states}
        at = 2 * self._starts[:, 1:].T.ravel()
        self._constrain(between, controls, at, flow)
        fractions = self.control_fractions[at]
        return Transcribed(defects, every, last, self.mesh.breaks[1:], between, fractions)

    def curves(self, states: Arrays, controls: Arrays, flow: Flow) -> Curves:
        """Return cubics with the states and rates of the steps' ends, and quadratic controls."""
        begin = states if self.is_single else {name: x[:-1] for name, x in states.items()}
        nodes, _ = self._march(begin, controls, flow)
        at_breaks = {}
        for name, x in states.items():
            ordered = np.stack([n[name] for n in nodes[:-1]], axis=1)
            final = nodes[-1][name][-1:] if self.is_single else x[-1:]
            at_breaks[name] = np.concatenate([ordered.reshape(-1, *x.shape[1:]), final])
        step_controls = {name: u[::2] for name, u in controls.items()}
        rates = flow.rates(at_breaks, step_controls, self.breaks)
        duration, found = float(flow.duration), {}
        for name, x in at_breaks.items():
            slope = np.broadcast_to(rates[name], x.shape)
            step = duration * np.diff(self.breaks).reshape(-1, *(1,) * (x.ndim - 1))
            ends = np.stack([x[:-1], x[1:], step * slope[:-1], step * slope[1:]], axis=1)
            coefficients = np.einsum("mj,kj...->km...", _CUBIC, ends)
            found[name] = PiecewisePolynomial(self.breaks, coefficients)
        return Curves(found, {name: self._quadratics(u) for name, u in controls.items()})

    def costates(
        self,
        states: Arrays,
        controls: Arrays,
        multipliers: FloatArray,
        flow: Flow,
        linearize: Linearization,
    ) -> PiecewisePolynomial:
        """Return the costates: minus the multipliers at the ends of intervals.

        Between them the adjoint equation p' = -(df/dx)ᵀ p - dg/dx is integrated backward, from
        what an arrival is worth when the half of a pressure there that precedes it is paid.
        """
        if self.is_single:
            raise ProblemError(
                "single shooting has no defects, and so no costates",
                instead='transcription="multiple_shooting", or any collocation',
            )
        curves = self.curves(states, controls, flow)
        fractions = self.control_fractions
        at_points = {name: curve(fractions) for name, curve in curves.states.items()}
        matrix, vector, pressed = linearize(at_points, controls, fractions)
        steps = self._starts.shape[1]
        values = np.zeros((self.breaks.size - 1, 2, multipliers.shape[1]))
        last_step = float(flow.duration) * self._widths[:, -1, None]
        adjoint = -multipliers - last_step / 6 * pressed[2 * self._starts[:, -1] + 2]
        for j in reversed(range(steps)):
            step = float(flow.duration) * self._widths[:, j, None]
            at = 2 * self._starts[:, j]
            values[self._starts[:, j], 1] = adjoint
            adjoint = _adjoint_step(adjoint, step, at, matrix, vector)
            values[self._starts[:, j], 0] = adjoint
        ends = 2 * np.arange(self.breaks.size - 1)
        scale = float(flow.duration) * np.diff(self.breaks)[:, None]
        slopes = [
            -scale * (np.einsum("pij,pi->pj", matrix[at], values[:, k]) + vector[at])
            for k, at in enumerate((ends, ends + 2))
        ]
        stacked = np.stack([values[:, 0], values[:, 1], *slopes], axis=1)
        return PiecewisePolynomial(self.breaks, np.einsum("mj,kjn->kmn", _CUBIC, stacked))

    # ---- inside
    def _march(
        self, states: Arrays, controls: Arrays, flow: Flow
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the states before each step and after the last one, and in the middle of each.

        There are no middles where no path constraint needs them.
        """
        found, middles = [dict(states)], []
        for j in range(self._starts.shape[1]):
            reached, slopes = self._step(found[-1], controls, j, flow)
            if flow.phase.path_conditions:
                step = {
                    n: flow.duration * _over_rows(self._widths[:, j], x) for n, x in states.items()
                }
                middles.append(
                    {
                        name: (x + reached[name]) / 2
                        + step[name] / 8 * (slopes[0][name] - slopes[3][name])
                        for name, x in found[-1].items()
                    }
                )
            found.append(reached)
        return found, middles

    def _step(
        self, states: Arrays, controls: Arrays, j: int, flow: Flow
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return the states after a step, and its four slopes."""
        widths, first = self._widths[:, j], 2 * self._starts[:, j]
        slopes: list[dict[str, Any]] = []
        for shift, reach, weight in ((0, 0.0, 1), (1, 0.5, 2), (1, 0.5, 2), (2, 1.0, 1)):
            at = first + shift
            here = states
            if slopes:
                here = {
                    name: x + reach * flow.duration * _over_rows(widths, x) * slopes[-1][name]
                    for name, x in states.items()
                }
            point_controls = {name: u[selection(at)] for name, u in controls.items()}
            fractions = self.control_fractions[at]
            slopes.append(flow.rates(here, point_controls, fractions))
            flow.integrating.append(Points(here, point_controls, fractions, weight / 6 * widths))
        first_, second, third, fourth = slopes
        reached = {
            name: x
            + flow.duration
            * _over_rows(widths / 6, x)
            * (first_[name] + 2 * second[name] + 2 * third[name] + fourth[name])
            for name, x in states.items()
        }
        return reached, slopes

    def _constrain(self, states: Arrays, controls: Arrays, at: IntArray, flow: Flow) -> None:
        """Let path constraints hold at some of the points of the controls."""
        at = at % self.control_fractions.size
        fractions = self.control_fractions[at]
        found = {name: u[selection(at)] for name, u in controls.items()}
        flow.constrained.append(Points(states, found, fractions, np.zeros(fractions.size)))

    def _quadratics(self, control: FloatArray) -> PiecewisePolynomial:
        values = np.stack([control[:-2:2], control[1::2], control[2::2]], axis=1)
        return PiecewisePolynomial(self.breaks, np.einsum("mj,kj...->km...", _QUADRATIC, values))


def _adjoint_step(
    adjoint: FloatArray, step: FloatArray, at: IntArray, matrix: FloatArray, vector: FloatArray
) -> FloatArray:
    """Return the adjoint at the beginning of steps: Runge–Kutta backward."""

    def slope(values: FloatArray, shift: int) -> FloatArray:
        found = np.einsum("pij,pi->pj", matrix[at + shift], values) + vector[at + shift]
        return np.asarray(found)

    first = slope(adjoint, 2)
    second = slope(adjoint + step / 2 * first, 1)
    third = slope(adjoint + step / 2 * second, 1)
    fourth = slope(adjoint + step * third, 0)
    return adjoint + step / 6 * (first + 2 * second + 2 * third + fourth)


def _over_rows(widths: FloatArray, like: Any) -> FloatArray:
    return widths.reshape(-1, *(1,) * (len(np.shape(like)) - 1))
