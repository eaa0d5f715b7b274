"""Closed forms of problems on a grid in two dimensions."""

from __future__ import annotations

from ctypes import c_double, c_long, c_void_p

import numpy as np

from benchmarks.limits.form import NO_ENTRIES, ClosedForm, model_start
from benchmarks.tools.interface import Pattern, Vector
from problems.cops import bearing as _bearing
from problems.cops import torsion as _torsion
from problems.pde import bratu_control as _bratu_control


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
    start = model_start("minsurf", {"num_x": num_x, "num_y": num_y})
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
    start = model_start(name, {"num_x": num_x, "num_y": num_y})
    return ClosedForm(start, 0, scalars, NO_ENTRIES, hessian, numbers)
