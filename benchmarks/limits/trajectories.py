"""Closed forms of problems over intervals of time: states, their rates, controls."""

from __future__ import annotations

from ctypes import c_double, c_long, c_void_p
from typing import Any

import numpy as np

from benchmarks.limits.form import ClosedForm, Places, both, intervals, model_start, together
from benchmarks.tools.interface import Pattern
from problems import registry
from problems.control import cart_pole as _cart_pole
from problems.cops import collocation
from problems.cops import rocket as _rocket
from problems.engineering import hydro_scheduling as _hydro_scheduling


def hanging_chain(num_intervals: int, form: str) -> ClosedForm:
    """Hanging chain; the form with energy and length as states."""
    if form != "states":
        raise NotImplementedError(f"the closed form is that of states, not of {form}")
    left, nodes = np.arange(num_intervals), num_intervals + 1
    height, slope, energy, length = (left + k * nodes for k in range(4))
    columns = [height, slope, energy, height, slope, length, slope]
    rows = np.repeat([0, 0, 1, 1, 1, 2, 2], 2)
    node = np.arange(nodes)
    hessian = Pattern(np.tile(node + nodes, 2), np.concatenate([node, node + nodes]))
    return ClosedForm(
        start=model_start("hanging_chain", {"num_intervals": num_intervals, "form": form}),
        num_constraints=3 * num_intervals,
        scalars=[c_long(num_intervals)],
        jacobian=intervals(rows, num_intervals, both(columns)),
        hessian=hessian,
    )


def rocket(num_intervals: int) -> ClosedForm:
    """Goddard rocket."""
    left, nodes = np.arange(num_intervals), num_intervals + 1
    h, v, m, thrust = (left + k * nodes for k in range(4))
    step = np.full(num_intervals, 4 * nodes)
    columns = [*both([h, v]), step, *both([h, v, m, thrust]), step, *both([m, thrust]), step]
    rows = np.repeat([0, 1, 2], [5, 9, 5])
    node, last = np.arange(nodes), np.full(nodes, 4 * nodes)
    own = [(0, 0), (1, 0), (2, 0), (1, 1), (2, 1), (2, 2), (3, 2)]
    lower = [*(node + row * nodes for row, _ in own), *(4 * [last])]
    higher = [*(node + col * nodes for _, col in own), *(node + k * nodes for k in range(4))]
    numbers = (_rocket.DRAG, _rocket.DRAG_DECAY, _rocket.EXHAUST_VELOCITY)
    scalars = [c_long(num_intervals), *map(c_double, numbers)]
    return ClosedForm(
        start=model_start("rocket", {"num_intervals": num_intervals}),
        num_constraints=3 * num_intervals,
        scalars=scalars,
        jacobian=intervals(rows, num_intervals, columns),
        hessian=Pattern(np.concatenate(lower), np.concatenate(higher)),
    )


def cart_pole(num_intervals: int) -> ClosedForm:
    """Cart-pole swing-up."""
    points, k = 2 * num_intervals + 1, np.arange(num_intervals)
    left, middle, right = (
        {s: 4 * (2 * k + p) + s for s in range(4)} | {"u": 4 * points + 2 * k + p} for p in range(3)
    )
    rates = [[at[1], at[3], at["u"]] for at in (left, middle, right)]
    ends, every = [*rates[0], *rates[2]], [*rates[0], *rates[1], *rates[2]]
    hermite = [
        *([at[s] for at in (middle, left, right)] + [left[s + 2], right[s + 2]] for s in (0, 1)),
        [middle[2], left[2], right[2], *ends],
        [middle[3], *ends],
    ]
    simpson = [
        *([right[s], left[s]] + [at[s + 2] for at in (left, middle, right)] for s in (0, 1)),
        [right[2], left[2], *every],
        every,
    ]
    columns = [column for row in (*hermite, *simpson) for column in row]
    rows = [
        np.full(num_intervals, s % 4) + 4 * (k + (s // 4) * num_intervals)
        for s, row in enumerate((*hermite, *simpson))
        for _ in row
    ]
    point = np.arange(points)
    angle, turning, force = 4 * point + 1, 4 * point + 3, 4 * points + point
    lower = [angle, turning, turning, force, force]
    higher = [angle, angle, turning, angle, force]
    masses = (_cart_pole.CART_MASS, _cart_pole.POLE_MASS, _cart_pole.POLE_LENGTH)
    numbers = (_cart_pole.DURATION / num_intervals, *masses, _cart_pole.GRAVITY)
    scalars = [c_long(num_intervals), *map(c_double, numbers)]
    return ClosedForm(
        start=model_start("cart_pole", {"num_intervals": num_intervals}),
        num_constraints=8 * num_intervals,
        scalars=scalars,
        jacobian=Pattern(np.concatenate(rows), np.concatenate(columns)),
        hessian=Pattern(np.concatenate(lower), np.concatenate(higher)),
    )


def catmix(num_intervals: int) -> ClosedForm:
    """Catalyst mixing."""
    points, step = collocation.gauss_points(3), 1.0 / num_intervals
    value, rate = (collocation.taylor_weights(points, 3, power) for power in (1, 0))
    end = collocation.taylor_weights([1.0], 3)
    table = np.concatenate([step * value.ravel(), rate.ravel(), step * end.ravel()])
    outlet = 23 * num_intervals
    return ClosedForm(
        start=model_start("catmix", {"num_intervals": num_intervals}),
        num_constraints=outlet - 3 * num_intervals,
        scalars=[c_long(num_intervals), c_void_p(table.ctypes.data)],
        jacobian=together(_catmix_entries(num_intervals)),
        hessian=together(_catmix_curved(num_intervals)),
        alive=table,
    )


def _catmix_entries(num_intervals: int) -> list[tuple[Places, Places]]:
    """Return rows and columns of the Jacobian, block by block."""
    inside = np.arange(6 * num_intervals)
    interval, state = inside // 6, inside % 2
    left, w = 3 * num_intervals + 2 * interval + state, 5 * num_intervals + 6 * interval + state
    value, rate = inside + 11 * num_intervals, inside + 17 * num_intervals
    terms = [w + 2 * k for k in range(3)]
    ends = np.arange(2 * num_intervals)
    joint, last, outlet = ends[:-2], ends[-2:], np.arange(2) + 23 * num_intervals
    end = [np.arange(2 * num_intervals) + 3 * num_intervals]
    end += [5 * num_intervals + 6 * (ends // 2) + ends % 2 + 2 * k for k in range(3)]
    point = np.arange(3 * num_intervals)
    at = (11 * num_intervals + 2 * point, 11 * num_intervals + 2 * point + 1, point)
    rows = 12 * num_intervals
    return [
        *((inside, column) for column in (value, left, *terms)),
        *((inside + inside.size, column) for column in (rate, *terms)),
        *((joint + rows, column[:-2]) for column in end),
        (joint + rows, end[0][2:]),
        *((last + rows, column[-2:]) for column in end),
        (last + rows, outlet),
        (inside + rows + ends.size, rate),
        *((2 * point + s + rows + ends.size, column) for s in (0, 1) for column in at),
    ]


def _catmix_curved(num_intervals: int) -> list[tuple[Places, Places]]:
    point = np.arange(3 * num_intervals)
    return [(11 * num_intervals + 2 * point + s, point) for s in (0, 1)]


def hydro_scheduling(
    num_hours: int, ramp: float | None = None, spillage: bool = False
) -> ClosedForm:
    """Hydrothermal scheduling with spillage and ramp limits."""
    if ramp is None or not spillage:
        raise NotImplementedError("the closed form is that with spillage and ramp limits")
    size: dict[str, Any] = {"num_hours": num_hours, "ramp": ramp, "spillage": spillage}
    problem = registry.get("hydro_scheduling").build(**size).problem()
    inflow = np.resize(_hydro_scheduling.INFLOW, (num_hours, 4))
    inflow[0] += _hydro_scheduling.FIRST_STORAGE
    tables = np.array(_hydro_scheduling.POWER_COEFFICIENTS, order="C"), inflow
    addresses = [c_void_p(table.ctypes.data) for table in tables]
    scalars = [c_long(num_hours), *addresses, *map(c_double, _hydro_scheduling.FUEL_COST)]
    jacobian, hessian = _hydro_patterns(num_hours)
    return ClosedForm(
        start=np.array(problem.initial_point),
        num_constraints=problem.num_constraints,
        scalars=scalars,
        jacobian=jacobian,
        hessian=hessian,
        alive=tables,
        constraint_offset=np.array(problem.constraint_lower),
    )


def _hydro_patterns(num_hours: int) -> tuple[Pattern, Pattern]:
    hour, each = np.arange(num_hours), np.arange(4 * num_hours)
    storage, discharge, hydro = (each + k * each.size for k in range(3))
    thermal, spilled = hour + 3 * each.size, each + 3 * each.size + num_hours
    power, water = each + num_hours, each + num_hours + each.size
    ramp = hour[1:] + num_hours + 2 * each.size - 1
    reached = [
        (water[4 * delay + to :: 4], slice(source, 4 * (num_hours - delay), 4))
        for source, (to, delay) in enumerate(zip((2, 2, 3), _hydro_scheduling.DELAYS, strict=True))
    ]
    entries = [
        *((hour, thermal), (each // 4, hydro)),
        *((power, hydro), (power, storage), (power, discharge)),
        *((water, storage), (water[4:], storage[:-4]), (water, discharge), (water, spilled)),
        *((rows, released[own]) for released in (discharge, spilled) for rows, own in reached),
        *((ramp, thermal[1:]), (ramp, thermal[:-1])),
    ]
    curved = [(storage, storage), (discharge, storage), (discharge, discharge), (thermal, thermal)]
    return together(entries), together(curved)
