"""Costates: from the multipliers of the defects to the adjoint variables of the continuous problem.

The sign is fixed once: a costate is the derivative of the optimal objective, as the user wrote it,
by the state at that time.  The multipliers λ of the model belong to f + λᵀ c with the minimized f,
so that a maximization turns the sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.flow import Flow
from sparseopt.control.linearization import StateLinearization, flat_states, split_states
from sparseopt.control.named_values import NamedValues
from sparseopt.control.piecewise import PiecewisePolynomial
from sparseopt.control.pressures import Pressures
from sparseopt.control.transcribed_phase import TranscribedPhase
from sparseopt.modeling.operators import gradient
from sparseopt.modeling.solution import Solution

__all__ = ["costates_of", "integral_prices"]

FloatArray = NDArray[np.float64]


def costates_of(
    transcribed: TranscribedPhase,
    nlp: Solution,
    states: Mapping[str, FloatArray],
    controls: Mapping[str, FloatArray],
    flow: Flow,
    prices: Mapping[str, float],
) -> dict[str, PiecewisePolynomial]:
    """Return the costate of each state as a function of the fraction of the duration."""
    sign = -1.0 if nlp.problem.is_maximized else 1.0
    shapes = {name: state.shape for name, state in flow.phase.states.items()}
    rows = {name: transcribed.named(name, "rate") for name in shapes}
    if all(row in transcribed.rows for row in rows.values()):
        multipliers = flat_states({name: nlp.dual(row) for name, row in rows.items()}, shapes)
    else:
        multipliers = np.zeros((0, 0))  # no defects: the transcription says what that means
    own = Flow(flow.phase, flow.parameters, flow.initial_time, flow.initial_time + flow.duration)
    transcribed.discretization.transcribe(states, controls, own)  # for its points and weights
    pressures = Pressures(transcribed, nlp, own)
    own_prices = {name: sign * price for name, price in prices.items()}
    linearize = StateLinearization(flow, own_prices, pressures)
    found = transcribed.discretization.costates(states, controls, multipliers, flow, linearize)
    pieces, terms, size = found.coefficients.shape
    parts = split_states(sign * found.coefficients.reshape(-1, size), shapes)
    return {
        name: PiecewisePolynomial(found.breaks, part.reshape(pieces, terms, *shapes[name]))
        for name, part in parts.items()
    }


def integral_prices(
    transcribed: TranscribedPhase,
    nlp: Solution,
    ends: tuple[NamedValues, NamedValues],
    parameters: NamedValues,
    integrals: Mapping[str, Any],
) -> dict[str, float]:
    """Return the derivative of the user's objective by each integral, its own bounds included."""
    phase, names = transcribed.phase, list(integrals)
    sign = -1.0 if nlp.problem.is_maximized else 1.0
    prices = dict.fromkeys(names, 0.0)
    if names and phase.objective is not None:
        slope = _objective_slope(phase.objective.function, ends, parameters, integrals)
        own = -1.0 if phase.objective.is_maximized else 1.0
        prices = {name: sign * own * float(x) for name, x in zip(names, slope, strict=True)}
    for name in names:
        full = transcribed.named(name, "integral")
        if full in transcribed.rows:
            prices[name] += sign * float(nlp.dual(full))
    return prices


def _objective_slope(
    function: Any,
    ends: tuple[NamedValues, NamedValues],
    parameters: NamedValues,
    integrals: Mapping[str, Any],
) -> FloatArray:
    def objective(values: Any) -> Any:
        named = {name: values[k] for k, name in enumerate(integrals)}
        found = function(*ends, parameters, NamedValues("integral", named))
        return np.reshape(found, ()) + 0.0 * values[0]  # traced, whether it has integrals or not

    point = np.array([float(value) for value in integrals.values()])
    return np.asarray(gradient(objective, point)(point))
