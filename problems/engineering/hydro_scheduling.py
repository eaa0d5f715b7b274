"""Hydrothermal scheduling: a cascade of four reservoirs with head-dependent power.

    minimize    sum_t  a + b p_t + c p_t^2    [$], fuel of the thermal plant
    subject to  p_t + sum_i h_ti == d_t                                     (load)
                h_ti == c1_i V_ti^2 + c2_i Q_ti^2 + c3_i V_ti Q_ti
                        + c4_i V_ti + c5_i Q_ti + c6_i                      (head-dependent power)
                V_ti == V_t-1,i + I_ti - Q_ti - S_ti
                        + sum_{j above i} (Q + S)_{t - delay_j, j}          (water balance)
                |p_t - p_t-1| <= ramp                                       (ramping, if given)
                bounds on V, Q, h, p;  S >= 0;  V_0 and V_T given

Hours t = 1 … T; V: storage at the end of an hour [1e4 m^3]; Q, S: turbine discharge and spillage
[1e4 m^3/h]; h, p: hydro and thermal power [MW]. Reservoirs 1 and 2 discharge into reservoir 3, and
that one into 4; water let go before the first hour does not arrive. After a day, load and inflow
repeat.

Constants: the tables below; a = 5000 $/h, b = 19.2 $/MWh, c = 0.002 $/(MW^2 h); 500 <= p <= 2500
MW, 0 <= h <= 500 MW. Source: S. O. Orero, M. R. Irving, A genetic algorithm modelling framework and
solution technique for short term optimal hydrothermal scheduling, IEEE Transactions on Power
Systems 13 (1998), doi:10.1109/59.667375; the same data are problems F18 to F20 of S. Das, P. N.
Suganthan, Problem Definitions and Evaluation Criteria for CEC 2011. There S = 0 and no ramping. CEC
2011 sets negative power to zero, so water passes through a turbine that yields nothing; h >= 0
here demands the formula to hold, hence its optimum is no lower. Spillage and the
ramp limit are this project's additions. There is no published value for exactly this form.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

HOURS_A_DAY = 24
LOAD = np.ravel(
    [
        [1370, 1390, 1360, 1290, 1290, 1410, 1650, 2000, 2240, 2320, 2230, 2310],
        [2230, 2200, 2130, 2070, 2130, 2140, 2240, 2280, 2240, 2120, 1850, 1590],
    ]
)
INFLOW = np.array(
    [
        [10, 9, 8, 7, 6, 7, 8, 9, 10, 11, 12, 10, 11, 12, 11, 10, 9, 8, 7, 6, 7, 8, 9, 10],
        [8, 8, 9, 9, 8, 7, 6, 7, 8, 9, 9, 8, 8, 9, 9, 8, 7, 6, 7, 8, 9, 9, 8, 8],
        [8.1, 8.2, 4, 2, 3, 4, 3, 2, 1, 1, 1, 2, 4, 3, 3, 2, 2, 2, 1, 1, 2, 2, 1, 0],
        [2.8, 2.4, 1.6] + [0] * 21,
    ]
).T
POWER_COEFFICIENTS = np.array(
    [
        [-0.0042, -0.42, 0.030, 0.90, 10.0, -50.0],
        [-0.0040, -0.30, 0.015, 1.14, 9.5, -70.0],
        [-0.0016, -0.30, 0.014, 0.55, 5.5, -40.0],
        [-0.0030, -0.31, 0.027, 1.44, 14.0, -90.0],
    ]
).T
LEAST_STORAGE, GREATEST_STORAGE = np.array([[80, 60, 100, 70], [150, 120, 240, 160]])
FIRST_STORAGE, LAST_STORAGE = np.array([[100, 80, 170, 120], [120, 70, 170, 140]])
LEAST_DISCHARGE, GREATEST_DISCHARGE = np.array([[5, 6, 10, 13], [15, 15, 30, 25]])
DELAYS = (2, 3, 4)
FUEL_COST = (5000.0, 19.2, 0.002)
THERMAL_BOUNDS = (500.0, 2500.0)
GREATEST_HYDRO_POWER = 500.0


@checked(num_hours=4, spillage=(False, True))
def build(num_hours: int = 24, ramp: float | None = None, spillage: bool = False) -> so.Model:
    """Return the model for `num_hours` >= 4, with a ramp limit [MW/h] of the thermal plant."""
    model = so.Model("hydro_scheduling")
    days = -(-num_hours // HOURS_A_DAY)
    load, inflow = np.tile(LOAD, days)[:num_hours], np.tile(INFLOW, (days, 1))[:num_hours]
    storage, discharge, hydro, thermal = _variables(model, num_hours)
    spilled = model.variable("spilled", (num_hours, 4), lower=0.0) if spillage else 0.0
    a, b, c = FUEL_COST
    model.minimize(np.sum(a + b * thermal + c * thermal**2))
    model.subject_to(thermal + np.sum(hydro, axis=1) == load, name="load")
    model.subject_to(hydro == _power(storage, discharge), name="power")
    previous = np.concatenate([FIRST_STORAGE[None, :], storage[:-1]])
    released = discharge + spilled
    change = inflow - released + _arrivals(released)
    model.subject_to(storage - previous == change, name="water_balance")
    if ramp is not None:
        model.subject_to(thermal[1:] - thermal[:-1], lower=-ramp, upper=ramp, name="ramp")
    return model


def _variables(model: so.Model, num_hours: int) -> tuple[Any, ...]:
    shape = (num_hours, 4)
    low, high = np.tile(LEAST_STORAGE, (num_hours, 1)), np.tile(GREATEST_STORAGE, (num_hours, 1))
    low[-1] = high[-1] = LAST_STORAGE
    middle = (LEAST_DISCHARGE + GREATEST_DISCHARGE) / 2
    return (
        model.variable("storage", shape, low, high, start=(low + high) / 2),
        model.variable("discharge", shape, LEAST_DISCHARGE, GREATEST_DISCHARGE, start=middle),
        model.variable("hydro", shape, lower=0.0, upper=GREATEST_HYDRO_POWER, start=200.0),
        model.variable("thermal", num_hours, *THERMAL_BOUNDS, start=1000.0),
    )


def _power(storage: Any, discharge: Any) -> Any:
    c1, c2, c3, c4, c5, c6 = POWER_COEFFICIENTS
    quadratic = c1 * storage**2 + c2 * discharge**2 + c3 * storage * discharge
    return quadratic + c4 * storage + c5 * discharge + c6


def _arrivals(released: Any) -> Any:
    """Return what arrives at each reservoir from those above it."""
    first, second, third = (
        np.pad(released[:-delay, i], (delay, 0)) for i, delay in enumerate(DELAYS)
    )
    nothing = np.zeros(len(first))
    return np.stack([nothing, nothing, first + second, third], axis=1)


def counts(num_hours: int = 24, ramp: float | None = None, spillage: bool = False) -> Counts:
    """Return the counts; each hour couples with the one before and with those of the delays."""
    ramps = num_hours - 1 if ramp is not None else 0
    arrivals = 3 * num_hours - sum(DELAYS)
    releases = 2 if spillage else 1
    return Counts(
        variables=(9 + 4 * releases) * num_hours,
        constraints=9 * num_hours + ramps,
        jacobian=(25 + 4 * releases) * num_hours - 4 + releases * arrivals + 2 * ramps,
        hessian=13 * num_hours,
    )


def _known(value: float, **size: Any) -> KnownObjective:
    return KnownObjective(
        size=size,
        value=value,
        relative_tolerance=1e-6,
        source="this project, and CasADi 3.8.2 with IPOPT 3.14.19 on a form written by itself, hour"
        " by hour without the powers as variables; one optimum from seven starts (24 hours);"
        " not published",
    )


DAY = {"num_hours": 24}
WEEK = {"num_hours": 168, "ramp": 250.0}
RECORD = ProblemRecord(
    name="hydro_scheduling",
    title="hydrothermal scheduling of four cascaded reservoirs with head-dependent power",
    family="power systems",
    sense="minimize",
    build=build,
    sizes={
        "small": DAY,
        "medium": {"num_hours": 720, "ramp": 250.0, "spillage": True},
        "large": {"num_hours": 8760, "ramp": 250.0, "spillage": True},
    },
    counts=counts,
    known=(
        _known(925866.412894129, **DAY),
        _known(913550.8166027367, **DAY, spillage=True),
        _known(926262.3376230847, **DAY, ramp=250.0),
        _known(6120427.967199938, **WEEK),
        _known(25760799.016299803, num_hours=720, ramp=250.0, spillage=True),
    ),
    reference="Orero and Irving (1998), doi:10.1109/59.667375",
    second_size={"num_hours": 30, "ramp": 250.0, "spillage": True},
    reduction=Reduction(
        states=("storage", "hydro", "thermal"),
        by=("water_balance", "power", "load"),
        state_bounds="impose",
    ),
)
