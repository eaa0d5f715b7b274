"""Goddard rocket (COPS): thrust of a vertically launched rocket that reaches the greatest height.

    maximize    h(t_f)
    subject to  h' = v,   v' = (T - D(h, v)) / m - g(h),   m' = -T / c
                D(h, v) = D_c v^2 exp(-h_c (h - h_0) / h_0),   g(h) = g_0 (h_0 / h)^2
                h(0) = h_0, v(0) = v_0, m(0) = m_0, m(t_f) = m_f,   t_f free
                h >= h_0, v >= 0, m_f <= m <= m_0, 0 <= T <= T_max

discretized by the trapezoidal rule on N equal intervals; the step t_f / N is a variable.

Constants (dimensionless: scaled by launch height from the Earth's center, launch mass, and gravity
there): h_0 = 1, v_0 = 0, m_0 = 1, g_0 = 1; T_c = 3.5, T_max = T_c m_0 g_0; h_c = 500; v_c = 620,
D_c = v_c m_0 / (2 g_0); m_c = 0.6, m_f = m_c m_0; c = sqrt(g_0 h_0) / 2, exhaust velocity.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 10; A. E. Bryson,
Dynamic Optimization, Addison-Wesley (1999), p. 392.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

INITIAL_HEIGHT = 1.0
INITIAL_VELOCITY = 0.0
INITIAL_MASS = 1.0
GRAVITY = 1.0
FINAL_MASS = 0.6 * INITIAL_MASS
MAXIMAL_THRUST = 3.5 * INITIAL_MASS * GRAVITY
DRAG_DECAY = 500.0
DRAG = 0.5 * 620.0 * INITIAL_MASS / GRAVITY
EXHAUST_VELOCITY = 0.5 * np.sqrt(GRAVITY * INITIAL_HEIGHT)


@checked(num_intervals=1)
def build(num_intervals: int = 50) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model = so.Model("rocket")
    h, v, m, thrust, step = _variables(model, num_intervals)
    drag = DRAG * v**2 * np.exp(-DRAG_DECAY * (h - INITIAL_HEIGHT) / INITIAL_HEIGHT)
    acceleration = (thrust - drag) / m - GRAVITY * (INITIAL_HEIGHT / h) ** 2
    model.maximize(h[-1])
    _add_trapezoidal(model, "height", h, v, step)
    _add_trapezoidal(model, "velocity", v, acceleration, step)
    _add_trapezoidal(model, "mass", m, -thrust / EXHAUST_VELOCITY, step)
    model.subject_to(h[0] == INITIAL_HEIGHT, name="initial_height")
    model.subject_to(v[0] == INITIAL_VELOCITY, name="initial_velocity")
    model.subject_to(m[0] == INITIAL_MASS, name="initial_mass")
    model.subject_to(m[-1] == FINAL_MASS, name="final_mass")
    return model


def _variables(model: so.Model, num_intervals: int) -> tuple[Any, ...]:
    nodes, t = num_intervals + 1, np.linspace(0.0, 1.0, num_intervals + 1)
    mass = INITIAL_MASS + (FINAL_MASS - INITIAL_MASS) * t
    return (
        model.variable("height", shape=nodes, lower=INITIAL_HEIGHT, start=1.0),
        model.variable("velocity", shape=nodes, lower=0.0, start=t * (1 - t)),
        model.variable("mass", shape=nodes, lower=FINAL_MASS, upper=INITIAL_MASS, start=mass),
        model.variable(
            "thrust", shape=nodes, lower=0.0, upper=MAXIMAL_THRUST, start=MAXIMAL_THRUST / 2
        ),
        model.variable("step", lower=0.0, start=1 / num_intervals),
    )


def _add_trapezoidal(model: so.Model, name: str, state: Any, rate: Any, step: Any) -> None:
    change = 0.5 * step * (rate[1:] + rate[:-1])
    model.subject_to(state[1:] - state[:-1] == change, name=f"{name}_rate")


def counts(num_intervals: int = 50) -> Counts:
    """Return the counts; the common step fills a Jacobian column and a Hessian row."""
    rows = 3 * num_intervals
    return Counts(
        variables=4 * (num_intervals + 1) + 1,
        constraints=rows + 4,
        jacobian=19 * num_intervals + 4,
        hessian=11 * (num_intervals + 1),
        single_entry_rows=4,
    )


def _known(num_intervals: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_intervals": num_intervals},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10; agrees with MINLPLib"
        " rocket{50,100,200,400} and with COPS 3.0's 1.01283",
        doi="10.2172/834714",
    )


RECORD = ProblemRecord(
    name="rocket",
    title="Goddard rocket, free final time (COPS)",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"num_intervals": 50},
        "medium": {"num_intervals": 400},
        "large": {"num_intervals": 10_000},
    },
    counts=counts,
    known=(
        _known(50, 1.012817106506785),
        _known(100, 1.0128320239094424),
        _known(200, 1.0128356885367689),
        _known(400, 1.012836608429058),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
)
