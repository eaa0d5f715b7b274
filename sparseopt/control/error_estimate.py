"""The error that each mesh interval makes: what the dynamics say between the points of the mesh.

A trajectory x and control u of the mesh leave the residual r = x' - f(x, u, t).  The change it
makes within an interval, e(t) = ∫ r dt from the interval's beginning, is integrated by Gauss's rule
and related to the size of each state:

    error of the interval = max over states and times of |e| / (1 + max |x|).

What the intervals add up to, the sum of |e| at their ends over the phase, is the *drift*: an
estimate of how far a simulation ends up from the trajectory, unless the dynamics amplify it.

Patterson and Rao (2014), section 4.1, doi:10.1145/2558904, compare the same integral with the
state; Betts (2010), section 4.7.4, integrates |r|.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.flow import Flow
from sparseopt.control.transcriptions.discretization import Curves
from sparseopt.control.transcriptions.quadrature import gauss_points, integration_matrix

__all__ = ["IntervalErrors", "interval_errors"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class IntervalErrors:
    """Relative errors of the mesh intervals, shape (intervals,).

    Attributes
    ----------
    largest : ndarray
        Anywhere within each interval.
    at_end : ndarray
        At the end of each interval: what is carried on to the next.
    """

    largest: FloatArray
    at_end: FloatArray

    @property
    def drift(self) -> float:
        """The sum of what intervals carry on."""
        return float(self.at_end.sum())


def interval_errors(flow: Flow, curves: Curves, mesh_breaks: FloatArray) -> IntervalErrors:
    """Return the relative error of each mesh interval."""
    some = next(iter(curves.states.values()))
    breaks, degree = some.breaks, some.coefficients.shape[1] - 1
    gauss = gauss_points(degree + 3)
    pieces = np.repeat(np.arange(breaks.size - 1), gauss.size)
    fractions = (breaks[:-1, None] + np.diff(breaks)[:, None] * gauss).ravel()
    states = {name: x.on_pieces(pieces, fractions) for name, x in curves.states.items()}
    controls = {name: u.on_pieces(pieces, fractions) for name, u in curves.controls.items()}
    rates = flow.rates(states, controls, fractions)
    integrate = integration_matrix(gauss, np.append(gauss, 1.0))
    largest, at_end = np.zeros(breaks.size - 1), np.zeros(breaks.size - 1)
    for name, curve in curves.states.items():
        slope = curve.slope().on_pieces(pieces, fractions)
        residual = slope - float(flow.duration) * rates[name]
        local = residual.reshape(breaks.size - 1, gauss.size, -1)
        changes = np.einsum("eg,kgn->ken", integrate, local) * np.diff(breaks)[:, None, None]
        size = 1.0 + np.abs(states[name]).reshape(fractions.size, -1).max(axis=0)
        relative = np.abs(changes) / size
        largest = np.maximum(largest, relative.max(axis=(1, 2)))
        at_end = np.maximum(at_end, relative[:, -1].max(axis=1))
    # Shooting has several pieces in one mesh interval.
    first = np.searchsorted(breaks, mesh_breaks[:-1] - 1e-12)
    return IntervalErrors(np.maximum.reduceat(largest, first), np.add.reduceat(at_end, first))
