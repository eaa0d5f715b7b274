"""`Flow`: a phase's functions at points of a mesh, with traced arrays or with plain ones.

A transcription asks a flow for rates and tells it which points integrate (with weights) and which
are held to the path constraints; integrals and path values are computed afterwards, with one call
of each of the user's functions over all points together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.calls import called_for_dict, rates_of, values_at_points
from sparseopt.control.named_values import NamedValues
from sparseopt.control.phase import Phase

__all__ = ["Flow", "Points"]

FloatArray = NDArray[np.float64]
Arrays = Mapping[str, Any]


class Points:
    """States and controls at fractions of the duration, with quadrature weights."""

    def __init__(
        self, states: Arrays, controls: Arrays, fractions: FloatArray, weights: FloatArray
    ) -> None:
        self.states = states
        self.controls = controls
        self.fractions = fractions
        self.weights = weights

    @classmethod
    def joined(cls, parts: list[Points]) -> Points:
        """Return the points of several sets one after the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            {name: _joined([p.states[name] for p in parts]) for name in parts[0].states},
            {name: _joined([p.controls[name] for p in parts]) for name in parts[0].controls},
            np.concatenate([p.fractions for p in parts]),
            np.concatenate([p.weights for p in parts]),
        )


class Flow:
    """A phase's functions between two times, with given parameters.

    Parameters
    ----------
    phase : Phase
    parameters : NamedValues
        Given and static ones.
    initial_time, final_time : number or traced number
    """

    def __init__(
        self, phase: Phase, parameters: NamedValues, initial_time: Any, final_time: Any
    ) -> None:
        self.phase = phase
        self.parameters = parameters
        self.initial_time = initial_time
        self.duration = final_time - initial_time
        self.integrating: list[Points] = []
        self.constrained: list[Points] = []

    def times(self, fractions: FloatArray) -> Any:
        """Return the times of fractions of the duration."""
        return self.initial_time + self.duration * fractions

    def rates(self, states: Arrays, controls: Arrays, fractions: FloatArray) -> dict[str, Any]:
        """Return the rates of the states at points, in units of time."""
        assert self.phase.rates is not None
        function = self.phase.rates[0]
        arguments = self._arguments(states, controls, fractions)
        return rates_of(function, self.phase.name, self.phase.states, fractions.size, *arguments)

    def integrands(self, points: Points) -> dict[str, Any]:
        """Return what the integrals integrate, at points."""
        arguments = self._arguments(points.states, points.controls, points.fractions)
        return {
            name: values_at_points(
                integral.function(*_own(arguments)),
                points.fractions.size,
                (),
                f"integral {name!r} of phase {self.phase.name!r}",
                integral.function,
            )
            for name, integral in self.phase.integrals.items()
        }

    def integrals(self) -> dict[str, Any]:
        """Return the integrals by quadrature over the points that integrate."""
        if not self.phase.integrals:
            return {}
        points = Points.joined(self.integrating)
        found = self.integrands(points)
        return {name: self.duration * np.sum(points.weights * g) for name, g in found.items()}

    def path_values(self, points: Points) -> list[dict[str, Any]]:
        """Return the values of each declared set of path constraints, at points."""
        if not self.phase.path_conditions:
            return []
        arguments = self._arguments(points.states, points.controls, points.fractions)
        what = f"the path constraints of phase {self.phase.name!r}"
        found = []
        for condition in self.phase.path_conditions:
            values = called_for_dict(condition.function, what, *_own(arguments))
            found.append(
                {
                    name: values_at_points(
                        value,
                        points.fractions.size,
                        None,
                        f"path constraint {name!r} of phase {self.phase.name!r}",
                        condition.function,
                    )
                    for name, value in values.items()
                }
            )
        return found

    def _arguments(self, states: Arrays, controls: Arrays, fractions: FloatArray) -> Any:
        return (
            NamedValues("state", states),
            NamedValues("control", controls),
            self.parameters,
            self.times(fractions),
        )


def _own(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arguments with times that a function may change without changing the next one's."""
    *others, times = arguments
    return (*others, times.copy() if isinstance(times, np.ndarray) else times)


def _joined(parts: list[Any]) -> Any:
    return np.concatenate(parts)
