"""Quadrotor: fly from rest to rest with a turn, in little time and with little effort.

    minimize    int_0^{t_f} 1 + rho sum_i (w_i - 1)^2 dt,   t_f free
    subject to  position' = velocity
                vx' = (cos psi sin theta cos phi + sin psi sin phi) F/m - A vx/m
                vy' = (sin psi sin theta cos phi - cos psi sin phi) F/m - A vy/m
                vz' = cos theta cos phi F/m - g - A vz/m
                phi' = p + (q sin phi + r cos phi) tan theta
                theta' = q cos phi - r sin phi,   psi' = (q sin phi + r cos phi) / cos theta
                p' = ((I_y - I_z) q r + l (F_4 - F_2)) / I_x
                q' = ((I_z - I_x) p r + l (F_3 - F_1)) / I_y
                r' = ((I_x - I_y) p q + kappa (F_1 - F_2 + F_3 - F_4)) / I_z
                at rest at both ends, |phi|, |theta| <= tilt, 0 <= w_i <= w_max

with roll phi, pitch theta, yaw psi [rad], body rates p, q, r [rad/s], thrusts F_i = w_i m g / 4 of
the four rotors, F = sum F_i. The controls w_i are thrusts relative to hovering. Compressed
Hermite–Simpson collocation on N intervals of length h = t_f/N: states at the nodes, controls at
nodes and midpoints, and the state at the midpoint is the expression (x_k + x_{k+1}) / 2 + h/8 (f_k
- f_{k+1}) inside

    x_{k+1} = x_k + h/6 (f_k + 4 f_m + f_{k+1})

Constants: g = 9.81 m/s^2; m = 0.468 kg, mass; l = 0.225 m, arm; I_x = I_y = 4.856e-3 kg m^2, I_z =
8.801e-3 kg m^2, inertia; A = 0.25 kg/s, drag; kappa = b/k = 1.140e-7/2.980e-6 = 0.03826 m, yaw
torque per thrust. Source: T. Luukkonen, Modelling and control of quadcopter, Aalto University
(2011), table 1 (the rotors' own gyroscopic torque is left out). Of our own choice: maneuver from
(0, 0, 0) to (4, 3, 2) m with a quarter turn, rho = 2, w_max = 2, tilt = 1 rad, 0.5 s <= t_f <= 20
s. Collocation: M. Kelly (2017), doi:10.1137/16M1062569. There is no published value.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction
from sparseopt import control

GRAVITY = 9.81
MASS = 0.468
ARM = 0.225
INERTIA = (4.856e-3, 4.856e-3, 8.801e-3)
AIR_DRAG = 0.25
TORQUE_PER_THRUST = 1.140e-7 / 2.980e-6
EFFORT_PRICE = 2.0
MAXIMAL_THRUST = 2.0
MAXIMAL_TILT = 1.0
DURATION_BOUNDS = (0.5, 20.0)
# A generous guess: from a short one, fine meshes take IPOPT through long restorations.
START_DURATION = 10.0
FINAL_STATE = np.array([4.0, 3.0, 2.0, 0, 0, 0, 0, 0, np.pi / 2, 0, 0, 0])
NUM_STATES, NUM_CONTROLS = 12, 4


def problem() -> control.Problem:
    """Return the problem, whatever the mesh."""
    p = control.Phase("maneuver")
    p.time(initial=0.0, final=DURATION_BOUNDS, guess=(0.0, START_DURATION))
    lower, upper = (bounds[1] for bounds in _state_bounds(3))
    zero = np.zeros(NUM_STATES)
    p.state(
        "x",
        shape=NUM_STATES,
        lower=lower,
        upper=upper,
        initial=zero,
        final=FINAL_STATE,
        guess=(zero, FINAL_STATE),
    )
    p.control("w", shape=NUM_CONTROLS, lower=0.0, upper=MAXIMAL_THRUST, guess=1.0)
    p.dynamics(lambda s, u, q, t: {"x": dynamics(s.x, u.w)})
    p.integral("effort", lambda s, u, q, t: np.sum((u.w - 1) ** 2, axis=1))
    p.minimize(lambda first, last, q, integral: last.time + EFFORT_PRICE * integral.effort)
    return control.Problem("quadrotor", [p])


def build(num_intervals: int = 20) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model = so.Model("quadrotor")
    nodes = num_intervals + 1
    lower, upper = _state_bounds(nodes)
    start = np.linspace(0.0, 1.0, nodes)[:, None] * FINAL_STATE
    x = model.variable("x", shape=(nodes, NUM_STATES), lower=lower, upper=upper, start=start)
    w = model.variable("w", (nodes, NUM_CONTROLS), lower=0.0, upper=MAXIMAL_THRUST, start=1.0)
    w_middle = model.variable(
        "w_middle", (num_intervals, NUM_CONTROLS), lower=0.0, upper=MAXIMAL_THRUST, start=1.0
    )
    shortest, longest = DURATION_BOUNDS
    duration = model.variable("duration", lower=shortest, upper=longest, start=START_DURATION)
    step = duration / num_intervals
    model.minimize(duration + step * _effort(w, w_middle))
    model.subject_to(_defect(x, w, w_middle, step) == 0, name="defect")
    return model


def _state_bounds(nodes: int) -> tuple[Any, Any]:
    """Return bounds of the states, which fix both ends and limit roll and pitch."""
    upper = np.full((nodes, NUM_STATES), np.inf)
    upper[:, 6:8] = MAXIMAL_TILT
    lower = -upper
    lower[0] = upper[0] = 0.0
    lower[-1] = upper[-1] = FINAL_STATE
    return lower, upper


def _effort(w: Any, w_middle: Any) -> Any:
    """Return Simpson's sum of the effort's rate; times the step it is the integral."""
    ends = (w[:-1] - 1) ** 2 + (w[1:] - 1) ** 2
    return EFFORT_PRICE / 6 * (np.sum(ends) + 4 * np.sum((w_middle - 1) ** 2))


def _defect(x: Any, w: Any, w_middle: Any, step: Any) -> Any:
    """Return what each interval's states are off Simpson's rule."""
    rate = dynamics(x, w)
    left, right = rate[:-1], rate[1:]
    middle = (x[:-1] + x[1:]) / 2 + step / 8 * (left - right)
    return x[1:] - x[:-1] - step / 6 * (left + 4 * dynamics(middle, w_middle) + right)


def dynamics(x: Any, w: Any) -> Any:
    """Return the rates of the states `x` under relative thrusts `w`, one row a point."""
    velocity = x[:, 3:6]
    thrust = w * (MASS * GRAVITY / 4)
    return np.concatenate(
        [velocity, _acceleration(x, thrust), _angle_rate(x), _angular_acceleration(x, thrust)],
        axis=1,
    )


def _acceleration(x: Any, thrust: Any) -> Any:
    phi, theta, psi = x[:, 6], x[:, 7], x[:, 8]
    lift = np.sum(thrust, axis=1) / MASS
    forward = np.sin(theta) * np.cos(phi)
    return np.stack(
        [
            (np.cos(psi) * forward + np.sin(psi) * np.sin(phi)) * lift - AIR_DRAG / MASS * x[:, 3],
            (np.sin(psi) * forward - np.cos(psi) * np.sin(phi)) * lift - AIR_DRAG / MASS * x[:, 4],
            np.cos(theta) * np.cos(phi) * lift - GRAVITY - AIR_DRAG / MASS * x[:, 5],
        ],
        axis=1,
    )


def _angle_rate(x: Any) -> Any:
    phi, theta, p, q, r = x[:, 6], x[:, 7], x[:, 9], x[:, 10], x[:, 11]
    yawing = q * np.sin(phi) + r * np.cos(phi)
    pitch_rate = q * np.cos(phi) - r * np.sin(phi)
    return np.stack([p + yawing * np.tan(theta), pitch_rate, yawing / np.cos(theta)], axis=1)


def _angular_acceleration(x: Any, thrust: Any) -> Any:
    p, q, r = x[:, 9], x[:, 10], x[:, 11]
    front, right, back, left = (thrust[:, rotor] for rotor in range(NUM_CONTROLS))
    inertia_x, inertia_y, inertia_z = INERTIA
    return np.stack(
        [
            ((inertia_y - inertia_z) * q * r + ARM * (left - right)) / inertia_x,
            ((inertia_z - inertia_x) * p * r + ARM * (back - front)) / inertia_y,
            ((inertia_x - inertia_y) * p * q + TORQUE_PER_THRUST * (front - right + back - left))
            / inertia_z,
        ],
        axis=1,
    )


def counts(num_intervals: int = 20) -> Counts:
    """Return the counts; nonzeros as found by CasADi, the duration touches everything."""
    return Counts(
        variables=NUM_STATES * (num_intervals + 1) + NUM_CONTROLS * (2 * num_intervals + 1) + 1,
        constraints=NUM_STATES * num_intervals,
        jacobian=242 * num_intervals,
        hessian=216 * num_intervals + 69,
    )


def _known(num_intervals: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_intervals": num_intervals},
        value=value,
        relative_tolerance=1e-6,
        source="this project, with CasADi 3.8.2 and IPOPT 3.14.19, tolerance 1e-10; not published",
    )


RECORD = ProblemRecord(
    name="quadrotor",
    title="quadrotor point-to-point maneuver, free final time, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 20},
        "medium": {"num_intervals": 100},
        "large": {"num_intervals": 1000},
    },
    counts=counts,
    known=(
        _known(20, 3.045768206106533),
        _known(100, 3.045641283758259),
        _known(1000, 3.045641110060102),
    ),
    reference="Luukkonen (2011), Aalto University (model); Kelly (2017),"
    " doi:10.1137/16M1062569 (collocation)",
    reduction=Reduction(
        states=("x[1:]",),
        by=("defect",),
        state_bounds="impose",
        size={"num_intervals": 8},
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=3.04564111,
    relative_tolerance=1e-7,
    source="this project: 3.04564111 by Radau, Lobatto and Hermite–Simpson; not published",
)
