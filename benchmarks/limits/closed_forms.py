"""What the C files of this directory compute: where each value belongs, and their arguments.

Each function here describes the file of its name at one size. Rows, columns and variables have the
order of the sparseopt model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ctypes import c_double, c_long, c_void_p
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.tools.interface import Pattern, Vector
from problems import registry
from problems.classics import rosenbrock as _rosenbrock
from problems.control import cart_pole as _cart_pole
from problems.cops import bearing as _bearing
from problems.cops import rocket as _rocket
from problems.cops import torsion as _torsion
from problems.engineering import hydro_scheduling as _hydro_scheduling
from problems.luksan_vlcek import luksan_vlcek_1 as _luksan_vlcek_1
from problems.luksan_vlcek import luksan_vlcek_5 as _luksan_vlcek_5
from problems.pde import bratu_control as _bratu_control

Scalars = list[Any]
Places = NDArray[np.int64]
NO_ENTRIES = Pattern(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass
class ClosedForm:
    """The values of one problem at one size.

    Attributes
    ----------
    start : ndarray
        Start of the model.
    num_constraints : int
        Rows of the Jacobian.
    scalars : list
        What each C function takes before the variables.
    jacobian, hessian : Pattern
        Rows and columns in the order of the C file.
    alive : object
        What must live as long as the scalars: tables that they point to.
    constraint_offset : ndarray or None
        What to subtract from the constraint values to get residuals; None where they are residuals.
    """

    start: Vector
    num_constraints: int
    scalars: Scalars
    jacobian: Pattern
    hessian: Pattern
    alive: object = None
    constraint_offset: Vector | None = None

    def size(self, kind: str) -> int:
        """Return the number of values of a kind; where there are none there is no C function."""
        if kind in ("jacobian", "hessian"):
            pattern: Pattern = getattr(self, kind)
            return pattern.rows.size
        return {"objective": 1, "gradient": self.start.size}.get(kind, self.num_constraints)


def luksan_vlcek_1(num_variables: int) -> ClosedForm:
    """Lukšan–Vlček 5.1."""
    row = np.arange(num_variables - 2)
    jacobian = Pattern(np.tile(row, 3), np.concatenate([row, row + 1, row + 2]))
    start = np.resize(_luksan_vlcek_1.START, num_variables)
    return ClosedForm(start, row.size, [c_long(num_variables)], jacobian, _band(num_variables, 1))


def luksan_vlcek_5(num_variables: int) -> ClosedForm:
    """Lukšan–Vlček 5.5."""
    row = np.arange(num_variables - 4)
    jacobian = Pattern(np.tile(row, 5), np.concatenate([row + k for k in range(5)]))
    start = np.full(num_variables, _luksan_vlcek_5.START)
    return ClosedForm(start, row.size, [c_long(num_variables)], jacobian, _band(num_variables, 2))


def rosenbrock(num_variables: int) -> ClosedForm:
    """Chained Rosenbrock function."""
    start = np.resize(_rosenbrock.START, num_variables)
    return ClosedForm(start, 0, [c_long(num_variables)], NO_ENTRIES, _band(num_variables, 1))


def bratu_control(num_points: int) -> ClosedForm:
    """Distributed control of the Bratu equation."""
    point, both = np.arange(num_points**2), np.arange(2 * num_points**2)
    grid = point.reshape(num_points, num_points)
    upper, lower = grid[:-1].ravel(), grid[1:].ravel()
    left, right = grid[:, :-1].ravel(), grid[:, 1:].ravel()
    rows = [point, upper, lower, left, right, point]
    cols = [point, lower, upper, right, left, point + point.size]
    price, target = _bratu_control.CONTROL_PRICE, _bratu_control.TARGET
    numbers = (1.0 / (num_points + 1), _bratu_control.REACTION, price, target)
    return ClosedForm(
        start=np.zeros(both.size),
        num_constraints=point.size,
        scalars=[c_long(num_points), *map(c_double, numbers)],
        jacobian=Pattern(np.concatenate(rows), np.concatenate(cols)),
        hessian=Pattern(both, both),
    )


def minsurf(num_x: int, num_y: int) -> ClosedForm:
    """Minimal surface with an obstacle."""
    shape = (num_x + 2, num_y + 2)
    grid = np.arange(shape[0] * shape[1]).reshape(shape)
    lower = [grid, grid[1:], grid[:, 1:], grid[1:, :-1]]
    higher = [grid, grid[:-1], grid[:, :-1], grid[:-1, 1:]]
    hessian = Pattern(*(np.concatenate([p.ravel() for p in side]) for side in (lower, higher)))
    spacings = (num_x + 1.0, num_y + 1.0)
    numbers = [*spacings, 0.5 / (spacings[0] * spacings[1])]
    scalars = [*map(c_long, shape), *map(c_double, numbers)]
    start = _model_start("minsurf", {"num_x": num_x, "num_y": num_y})
    return ClosedForm(start, 0, scalars, NO_ENTRIES, hessian)


def torsion(num_x: int, num_y: int) -> ClosedForm:
    """Elastic-plastic torsion."""
    rows, triangle = num_x + 2, 0.5 / ((num_x + 1) * (num_y + 1))
    ones = triangle * np.append(np.ones(rows - 1), 0.0)
    # Triangles at a point: of the cells below its row, and of those above.
    below, above = np.append(np.ones(rows - 1), 0.0), np.append(0.0, np.ones(rows - 1))
    load = triangle * _torsion.TWIST / 3
    table = [
        (ones + np.roll(ones, 1)) * (num_y + 1) ** 2,
        *(2 * [ones * (num_x + 1) ** 2]),
        load * (below + 2 * above),
        load * 3 * (below + above),
        load * (2 * below + above),
    ]
    return _grid_quadratic("torsion", num_x, num_y, table)


def bearing(num_x: int, num_y: int) -> ClosedForm:
    """Pressure in a journal bearing."""
    s = np.linspace(0.0, 2 * np.pi, num_x + 2)
    spacings = 2 * np.pi / (num_x + 1), 2 * _bearing.HALF_LENGTH / (num_y + 1)
    cell, weight = spacings[0] * spacings[1], (1 + _bearing.ECCENTRICITY * np.cos(s)) ** 3
    low = np.append(weight[:-1] + 2 * weight[1:], 0.0) * cell / 6
    high = np.append(2 * weight[1:] + 2 * weight[:-1], 0.0) * cell / 6
    across = (low + np.roll(high, 1)) / spacings[1] ** 2
    load = cell * _bearing.ECCENTRICITY * np.sin(s)
    table = [across, low / spacings[0] ** 2, high / spacings[0] ** 2, load, load, load]
    return _grid_quadratic("bearing", num_x, num_y, table)


def _grid_quadratic(name: str, num_x: int, num_y: int, table: list[Vector]) -> ClosedForm:
    """Return a form of `grid_quadratic.h`; the rows of the table are described there."""
    shape, numbers = (num_x + 2, num_y + 2), np.ascontiguousarray(table)
    grid = np.arange(shape[0] * shape[1]).reshape(shape)
    lower, higher = [grid, grid[1:], grid[:, 1:]], [grid, grid[:-1], grid[:, :-1]]
    hessian = Pattern(*(np.concatenate([p.ravel() for p in side]) for side in (lower, higher)))
    scalars = [*map(c_long, shape), c_void_p(numbers.ctypes.data)]
    start = _model_start(name, {"num_x": num_x, "num_y": num_y})
    return ClosedForm(start, 0, scalars, NO_ENTRIES, hessian, numbers)


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
        start=_model_start("hanging_chain", {"num_intervals": num_intervals, "form": form}),
        num_constraints=3 * num_intervals,
        scalars=[c_long(num_intervals)],
        jacobian=_intervals(rows, num_intervals, _both(columns)),
        hessian=hessian,
    )


def rocket(num_intervals: int) -> ClosedForm:
    """Goddard rocket."""
    left, nodes = np.arange(num_intervals), num_intervals + 1
    h, v, m, thrust = (left + k * nodes for k in range(4))
    step = np.full(num_intervals, 4 * nodes)
    columns = [*_both([h, v]), step, *_both([h, v, m, thrust]), step, *_both([m, thrust]), step]
    rows = np.repeat([0, 1, 2], [5, 9, 5])
    node, last = np.arange(nodes), np.full(nodes, 4 * nodes)
    own = [(0, 0), (1, 0), (2, 0), (1, 1), (2, 1), (2, 2), (3, 2)]
    lower = [*(node + row * nodes for row, _ in own), *(4 * [last])]
    higher = [*(node + col * nodes for _, col in own), *(node + k * nodes for k in range(4))]
    numbers = (_rocket.DRAG, _rocket.DRAG_DECAY, _rocket.EXHAUST_VELOCITY)
    scalars = [c_long(num_intervals), *map(c_double, numbers)]
    return ClosedForm(
        start=_model_start("rocket", {"num_intervals": num_intervals}),
        num_constraints=3 * num_intervals,
        scalars=scalars,
        jacobian=_intervals(rows, num_intervals, columns),
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
        start=_model_start("cart_pole", {"num_intervals": num_intervals}),
        num_constraints=8 * num_intervals,
        scalars=scalars,
        jacobian=Pattern(np.concatenate(rows), np.concatenate(columns)),
        hessian=Pattern(np.concatenate(lower), np.concatenate(higher)),
    )


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
    return _together(entries), _together(curved)


def _together(entries: list[tuple[Places, Places]]) -> Pattern:
    rows, cols = zip(*entries, strict=True)
    return Pattern(np.concatenate(rows), np.concatenate(cols))


def _band(size: int, width: int) -> Pattern:
    """Return the lower triangle of a band, diagonal by diagonal."""
    i = np.arange(size)
    lower, higher = ([i[k:] for k in range(width + 1)], [i[: size - k] for k in range(width + 1)])
    return Pattern(np.concatenate(lower), np.concatenate(higher))


def _both(columns: Iterable[Places]) -> list[Places]:
    """Return the columns of the left node, each followed by that of the right one."""
    return [side for column in columns for side in (column, column + 1)]


def _intervals(rows: Places, num_intervals: int, columns: list[Places]) -> Pattern:
    """Return entries that come once for each interval; `rows` says in which block of rows."""
    interval = np.arange(num_intervals)
    places = [interval + block * num_intervals for block in rows]
    return Pattern(np.concatenate(places), np.concatenate(columns))


def _model_start(problem: str, size: dict[str, Any]) -> Vector:
    return np.array(registry.get(problem).build(**size).problem().initial_point)


CLOSED_FORMS: dict[str, Callable[..., ClosedForm]] = {
    "bearing": bearing,
    "bratu_control": bratu_control,
    "cart_pole": cart_pole,
    "hanging_chain": hanging_chain,
    "hydro_scheduling": hydro_scheduling,
    "luksan_vlcek_1": luksan_vlcek_1,
    "luksan_vlcek_5": luksan_vlcek_5,
    "minsurf": minsurf,
    "rocket": rocket,
    "rosenbrock": rosenbrock,
    "torsion": torsion,
}
