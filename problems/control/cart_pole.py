"""Cart-pole swing-up: the force on a cart that lifts its pendulum with the least effort.

    minimize    int_0^T u^2 dt
    subject to  q1'' = (l m2 sin q2 q2'^2 + u + m2 g cos q2 sin q2) / (m1 + m2 sin^2 q2)
                q2'' = -(l m2 cos q2 sin q2 q2'^2 + u cos q2 + (m1 + m2) g sin q2)
                       / (l (m1 + m2 sin^2 q2))
                q1(0) = q2(0) = 0, q1(T) = d, q2(T) = pi, at rest at both ends
                |q1| <= d_max,  |u| <= u_max

q1 [m] is the cart's position, q2 [rad] the pole's angle from hanging down, u [N] the force.
Separated Hermite–Simpson collocation on N intervals of length h = T/N: states x = (q1, q2, q1',
q2') and controls at nodes and midpoints are variables, and with f the right-hand side

    x_m = (x_k + x_{k+1}) / 2 + h/8 (f_k - f_{k+1}),    x_{k+1} = x_k + h/6 (f_k + 4 f_m + f_{k+1})

Constants: m1 = 1 kg (cart), m2 = 0.3 kg (pole tip), l = 0.5 m (pole), g = 9.81 m/s^2, u_max = 20 N,
d_max = 2 m, d = 1 m, T = 2 s. Source: M. Kelly, An introduction to trajectory optimization, SIAM
Review 59 (2017), doi:10.1137/16M1062569, section 6 and appendix E.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

CART_MASS = 1.0
POLE_MASS = 0.3
POLE_LENGTH = 0.5
GRAVITY = 9.81
MAXIMAL_FORCE = 20.0
MAXIMAL_POSITION = 2.0
FINAL_POSITION = 1.0
DURATION = 2.0
FINAL_STATE = np.array([FINAL_POSITION, np.pi, 0.0, 0.0])


def build(num_intervals: int = 50) -> so.Model:
    """Return the model on `num_intervals` intervals; even points are nodes, odd ones midpoints."""
    model = so.Model("cart_pole")
    step, points = DURATION / num_intervals, 2 * num_intervals + 1
    lower, upper = _state_bounds(points)
    start = np.linspace(0.0, 1.0, points)[:, None] * FINAL_STATE
    x = model.variable("x", shape=(points, 4), lower=lower, upper=upper, start=start)
    u = model.variable("u", shape=points, lower=-MAXIMAL_FORCE, upper=MAXIMAL_FORCE)
    rate = dynamics(x, u)
    left, middle, right = x[:-2:2], x[1::2], x[2::2]
    rate_left, rate_middle, rate_right = rate[:-2:2], rate[1::2], rate[2::2]
    hermite = (left + right) / 2 + step / 8 * (rate_left - rate_right)
    simpson = step / 6 * (rate_left + 4 * rate_middle + rate_right)
    model.minimize(np.sum(step / 6 * (u[:-2:2] ** 2 + 4 * u[1::2] ** 2 + u[2::2] ** 2)))
    model.subject_to(middle == hermite, name="midpoint")
    model.subject_to(right - left == simpson, name="defect")
    return model


def _state_bounds(points: int) -> tuple[Any, Any]:
    """Return bounds of the states, which fix both ends."""
    upper = np.tile([MAXIMAL_POSITION, np.inf, np.inf, np.inf], (points, 1))
    lower = -upper
    lower[0] = upper[0] = 0.0
    lower[-1] = upper[-1] = FINAL_STATE
    return lower, upper


def dynamics(x: Any, u: Any) -> Any:
    """Return the rates of the states (q1, q2, q1', q2') in the rows of `x` under forces `u`."""
    angle, speed, angular_speed = x[:, 1], x[:, 2], x[:, 3]
    sine, cosine = np.sin(angle), np.cos(angle)
    swing = POLE_LENGTH * POLE_MASS * sine * angular_speed**2
    inertia = CART_MASS + POLE_MASS * sine**2
    weight = (CART_MASS + POLE_MASS) * GRAVITY * sine
    acceleration = (swing + u + POLE_MASS * GRAVITY * cosine * sine) / inertia
    angular_acceleration = -(swing * cosine + u * cosine + weight) / (POLE_LENGTH * inertia)
    return np.stack([speed, angular_speed, acceleration, angular_acceleration], axis=1)


def counts(num_intervals: int = 50) -> Counts:
    """Return the counts; every point has five Hessian entries in (q2, q2', u)."""
    return Counts(
        variables=10 * num_intervals + 5,
        constraints=8 * num_intervals,
        jacobian=56 * num_intervals,
        hessian=10 * num_intervals + 5,
    )


def _known(num_intervals: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_intervals": num_intervals},
        value=value,
        relative_tolerance=1e-8,
        source="this project, with CasADi 3.8.2 and IPOPT 3.14.19",
    )


RECORD = ProblemRecord(
    name="cart_pole",
    title="cart-pole swing-up with least effort, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 50},
        "medium": {"num_intervals": 1000},
        "large": {"num_intervals": 10_000},
    },
    counts=counts,
    known=(_known(50, 58.807642165913), _known(1000, 58.80766747), _known(10_000, 58.80766746)),
    reference="Kelly (2017), doi:10.1137/16M1062569",
    reduction=Reduction(
        states=("x[1:]",),
        by=("midpoint", "defect"),
        state_bounds="impose",
        size={"num_intervals": 30},
        same="derivatives",
        reason="shooting finds another optimum, 1.5 % better",
    ),
)
