"""Hermite–Simpson, compressed: states at the nodes only, the midpoint's state is an expression.

Fewer variables and equations than the separated form and the same trajectories, at the price of
formulas that nest the dynamics; the rates of midpoints are evaluated after those of nodes.

Kelly (2017), eqs. 4.2 and 4.3, doi:10.1137/16M1062569; Betts (2010), section 4.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.flow import Flow, Points
from sparseopt.control.mesh import Mesh
from sparseopt.control.piecewise import PiecewisePolynomial
from sparseopt.control.transcriptions.collocation import Collocation
from sparseopt.control.transcriptions.discretization import Curves, Linearization, Transcribed
from sparseopt.control.transcriptions.hermite_simpson import hermite_simpson_scheme

__all__ = ["CompressedHermiteSimpson"]

FloatArray = NDArray[np.float64]
Arrays = Mapping[str, Any]


class CompressedHermiteSimpson:
    """Compressed Hermite–Simpson on a mesh; controls are variables at nodes and midpoints."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self._separated = Collocation(mesh, hermite_simpson_scheme)
        self.state_fractions = mesh.breaks
        self.control_fractions = self._separated.state_fractions

    def transcribe(self, states: Arrays, controls: Arrays, flow: Flow) -> Transcribed:
        """Return the defects x_1 - x_0 - h (f_0 + 4 f_m + f_1) / 6."""
        rates, middle, middle_rates = self._rates(states, controls, flow)
        defects = {}
        for name, state in states.items():
            step = flow.duration * _over_rows(self.mesh.widths, state)
            slope = (rates[name][:-1] + 4 * middle_rates[name] + rates[name][1:]) / 6
            defects[name] = state[1:] - state[:-1] - step * slope
        everything: dict[str, Any] = {**states, **controls}
        first = {name: value[0] for name, value in everything.items()}
        last = {name: value[-1] for name, value in everything.items()}
        return Transcribed(
            defects, first, last, self.mesh.breaks[1:], middle, self.control_fractions[1::2]
        )

    def curves(self, states: Arrays, controls: Arrays, flow: Flow) -> Curves:
        """Return cubic states and quadratic controls."""
        return self._separated.curves(self._all_states(states, controls, flow), controls, flow)

    def costates(
        self,
        states: Arrays,
        controls: Arrays,
        multipliers: FloatArray,
        flow: Flow,
        linearize: Linearization,
    ) -> PiecewisePolynomial:
        """Return the costates of the separated form.

        The multiplier of the Hermite equation, which this form does not have, is the derivative
        of the Lagrangian by the state at the midpoint.
        """
        all_states = self._all_states(states, controls, flow)
        middle = {name: value[1::2] for name, value in all_states.items()}
        middle_controls = {name: value[1::2] for name, value in controls.items()}
        matrix, vector, _ = linearize(middle, middle_controls, self.control_fractions[1::2])
        weight = 2 / 3 * float(flow.duration) * self.mesh.widths[:, None]
        hermite = weight * (np.einsum("pij,pi->pj", matrix, multipliers) - vector)
        both = np.stack([hermite, multipliers], axis=1).reshape(-1, multipliers.shape[1])
        return self._separated.costates(all_states, controls, both, flow, linearize)

    def _rates(self, states: Arrays, controls: Arrays, flow: Flow) -> tuple[Any, Any, Any]:
        nodes, middles = self.control_fractions[::2], self.control_fractions[1::2]
        at_nodes = {name: u[::2] for name, u in controls.items()}
        rates = flow.rates(states, at_nodes, nodes)
        middle = {}
        for name, x in states.items():
            step = flow.duration * _over_rows(self.mesh.widths, x)
            middle[name] = (x[:-1] + x[1:]) / 2 + step / 8 * (rates[name][:-1] - rates[name][1:])
        at_middles = {name: u[1::2] for name, u in controls.items()}
        widths = self.mesh.widths
        weights = (np.append(widths, 0.0) + np.append(0.0, widths)) / 6
        sets = [
            Points(states, at_nodes, nodes, weights),
            Points(middle, at_middles, middles, 2 / 3 * widths),
        ]
        flow.integrating.extend(sets)
        flow.constrained.extend(sets)
        return rates, middle, flow.rates(middle, at_middles, middles)

    def _all_states(self, states: Arrays, controls: Arrays, flow: Flow) -> dict[str, FloatArray]:
        """Return plain states at nodes and midpoints."""
        _, middle, _ = self._rates(states, controls, flow)
        found = {}
        for name, x in states.items():
            found[name] = np.zeros((2 * x.shape[0] - 1, *x.shape[1:]))
            found[name][::2], found[name][1::2] = x, middle[name]
        return found


def _over_rows(widths: FloatArray, like: Any) -> FloatArray:
    return widths.reshape(-1, *(1,) * (len(np.shape(like)) - 1))
