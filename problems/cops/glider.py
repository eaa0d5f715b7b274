"""Hang glider (COPS): the farthest flight through a thermal updraft.

    maximize    x(t_f)
    subject to  x'' = (-L sin eta - D cos eta) / m
                y'' = (L cos eta - D sin eta) / m - g
                sin eta = (y' - U) / v,   cos eta = x' / v,   v^2 = x'^2 + (y' - U)^2
                U = u_c (1 - r) exp(-r),   r = (x / r_0 - 2.5)^2
                L = 1/2 c rho S v^2,   D = 1/2 (c_0 + c_1 c^2) rho S v^2
                0 <= c <= c_max,   x, x' >= 0,   t_f >= 0 free
                x = 0 at 0, y = 1000 at 0 and 900 at t_f, (x', y') = (13.23, -1.288) at both

with horizontal position x and height y [m], velocities [m/s], lift coefficient c as control, lift
L, drag D, and updraft U, discretized by the trapezoidal rule on N equal intervals. There are
several local optima, and IPOPT needs hundreds of iterations from COPS' start.

Constants: u_c = 2.5 m/s, updraft at the thermal's center; r_0 = 100 m, its radius; m = 100 kg,
mass; g = 9.81 m/s^2; c_0 = 0.034, c_1 = 0.069662, drag; S = 14 m^2, area of the wing; rho = 1.13
kg/m^3, density of air; c_max = 1.4.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem "Hang Glider"; R.
Bulirsch, E. Nerz, H. J. Pesch, O. von Stryk, Combining direct and indirect methods in optimal
control: range maximization of a hang glider, Birkhäuser (1993), doi:10.1007/978-3-0348-7539-4_20.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

INITIAL_HEIGHT = 1000.0
FINAL_HEIGHT = 900.0
END_VELOCITY = (13.23, -1.288)
UPDRAFT = 2.5
THERMAL_RADIUS = 100.0
MASS = 100.0
GRAVITY = 9.81
DRAG = (0.034, 0.069662)
WING_AREA = 14.0
AIR_DENSITY = 1.13
MAXIMAL_LIFT = 1.4


@checked(num_intervals=1)
def build(num_intervals: int = 50) -> so.Model:
    """Return the model on `num_intervals` intervals."""
    model = so.Model("glider")
    duration, x, y, vx, vy, lift = _variables(model, num_intervals)
    model.maximize(x[-1])
    step = duration / num_intervals
    ax, ay = acceleration(x, vx, vy, lift)
    for name, state, rate in (("x", x, vx), ("y", y, vy), ("vx", vx, ax), ("vy", vy, ay)):
        change = 0.5 * step * (rate[1:] + rate[:-1])
        model.subject_to(state[1:] - state[:-1] == change, name=f"{name}_rate")
    model.subject_to(x[0] == 0.0, name="initial_x")
    model.subject_to(y[0] == INITIAL_HEIGHT, name="initial_y")
    model.subject_to(y[-1] == FINAL_HEIGHT, name="final_y")
    ends = np.array([0, -1])
    model.subject_to(vx[ends] == END_VELOCITY[0], name="end_vx")
    model.subject_to(vy[ends] == END_VELOCITY[1], name="end_vy")
    return model


def _variables(model: so.Model, num_intervals: int) -> tuple[Any, ...]:
    nodes, t = num_intervals + 1, np.linspace(0.0, 1.0, num_intervals + 1)
    height = INITIAL_HEIGHT + t * (FINAL_HEIGHT - INITIAL_HEIGHT)
    vx, vy = END_VELOCITY
    return (
        model.variable("duration", lower=0.0, start=1.0),
        model.variable("x", nodes, lower=0.0, start=vx * t),
        model.variable("y", nodes, start=height),
        model.variable("vx", nodes, lower=0.0, start=vx),
        model.variable("vy", nodes, start=vy),
        model.variable("lift", nodes, lower=0.0, upper=MAXIMAL_LIFT, start=MAXIMAL_LIFT / 2),
    )


def acceleration(x: Any, vx: Any, vy: Any, lift: Any) -> tuple[Any, Any]:
    """Return the horizontal and vertical accelerations."""
    r = (x / THERMAL_RADIUS - 2.5) ** 2
    sink = vy - UPDRAFT * (1 - r) * np.exp(-r)
    speed = np.sqrt(vx**2 + sink**2)
    pressure = 0.5 * AIR_DENSITY * WING_AREA * speed / MASS
    drag = DRAG[0] + DRAG[1] * lift**2
    ax = -pressure * (lift * sink + drag * vx)
    ay = pressure * (lift * vx - drag * sink) - GRAVITY
    return ax, ay


def counts(num_intervals: int = 50) -> Counts:
    """Return the counts; x, x', y', c at a node and the duration are all coupled."""
    nodes = num_intervals + 1
    return Counts(
        variables=5 * nodes + 1,
        constraints=4 * num_intervals + 7,
        jacobian=28 * num_intervals + 7,
        hessian=14 * nodes,
        single_entry_rows=7,
    )


RECORD = ProblemRecord(
    name="glider",
    title="hang glider of greatest range, free final time (COPS)",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"num_intervals": 60},
        "medium": {"num_intervals": 200},
        "large": {"num_intervals": 20_000},
    },
    counts=counts,
    known=(
        KnownObjective(
            size={"num_intervals": 100},
            value=1255.05,
            relative_tolerance=8e-6,
            source="COPS 3.0 report (the seventh digit cut, not rounded)",
            doi="10.2172/834714",
        ),
        KnownObjective(
            size={"num_intervals": 60},
            value=1273.084798430,
            relative_tolerance=1e-6,
            source="CasADi 3.8.2 with IPOPT 3.14, tolerance 1e-10; not published at this size",
        ),
    ),
    solved_sizes=("small", "medium"),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    reduction=Reduction(
        states=("x[1:]", "y[1:]", "vx[1:]", "vy[1:]"),
        by=("x_rate", "y_rate", "vx_rate", "vy_rate"),
        state_bounds="impose",
        same="derivatives",
        reason="the same optimum, after 500 iterations of shooting",
    ),
)
