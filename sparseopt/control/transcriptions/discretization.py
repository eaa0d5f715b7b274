"""`Discretization`: what a transcription makes of a mesh, and what assemblers ask of it.

The same code runs on traced arrays, to declare the nonlinear program, and on plain ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.flow import Flow
from sparseopt.control.piecewise import PiecewisePolynomial

__all__ = ["Curves", "Discretization", "Linearization", "Transcribed", "combined", "selection"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Transcribed:
    """A phase's equations on a mesh.

    Attributes
    ----------
    defects : dict of arrays, one row a defect
        Zero where the dynamics hold.
    first, last : dict of arrays
        States and controls at the ends of the phase.
    states : dict of arrays, shape (points, *shape)
        States that are no variables and must keep within their bounds.
    state_fractions : ndarray, shape (points,)
        Where these are.
    defect_fractions : ndarray
        Where each row of the defects belongs, for messages.
    """

    defects: dict[str, Any]
    first: dict[str, Any]
    last: dict[str, Any]
    defect_fractions: FloatArray
    states: dict[str, Any] = field(default_factory=dict)
    state_fractions: FloatArray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class Curves:
    """States and controls as functions of the fraction of the duration."""

    states: dict[str, PiecewisePolynomial]
    controls: dict[str, PiecewisePolynomial]


class Linearization(Protocol):
    """Derivatives of a phase's functions by the states, all components in one vector."""

    def __call__(
        self, states: Arrays, controls: Arrays, fractions: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return (df/dx, dg/dx, dh/dx) at points: shapes (points, n, n), (points, n), (points, n).

        g is what integrals integrate at their prices, with h: path constraints at their pressures.
        """


class Discretization(Protocol):
    """A transcription on one mesh."""

    @property
    def state_fractions(self) -> FloatArray:
        """Where the states are variables."""

    @property
    def control_fractions(self) -> FloatArray:
        """Where the controls are variables."""

    def transcribe(self, states: Arrays, controls: Arrays, flow: Flow) -> Transcribed:
        """Return the equations, and tell the flow which points integrate and are constrained."""

    def curves(self, states: Arrays, controls: Arrays, flow: Flow) -> Curves:
        """Return the trajectories that belong to values of the variables."""

    def costates(
        self,
        states: Arrays,
        controls: Arrays,
        multipliers: FloatArray,
        flow: Flow,
        linearize: Linearization,
    ) -> PiecewisePolynomial:
        """Return the costates of all components, from the multipliers of the defects.

        `multipliers` has shape (rows, n): those of the Lagrangian f + λᵀ (defects).
        """


def selection(index: IntArray) -> slice | IntArray:
    """Return what selects these elements: a slice where the index ascends in equal steps.

    Examples
    --------
    >>> selection(np.array([1, 3, 5]))
    slice(1, 6, 2)
    """
    if index.size == 0:
        return slice(0, 0)
    step = int(index[1] - index[0]) if index.size > 1 else 1
    if step > 0 and (index[1:] - index[:-1] == step).all():
        return slice(int(index[0]), int(index[-1]) + 1, step)
    return index


def combined(coefficients: FloatArray, arrays: list[Any]) -> Any:
    """Return the sum of arrays times coefficients; those with a zero are not touched."""
    largest = np.max(np.abs(coefficients), initial=0.0)
    total: Any = None
    for coefficient, array in zip(coefficients, arrays, strict=True):
        if abs(coefficient) > 1e-14 * largest:
            term = array if coefficient == 1.0 else float(coefficient) * array
            total = term if total is None else total + term
    return total
