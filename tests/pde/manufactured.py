"""Manufactured solutions on grids of every kind, and the error a scheme makes with them."""

from __future__ import annotations

import numpy as np
import scipy.sparse.linalg as sla

import sparseopt as so
from sparseopt import pde

CONDITIONS = ("dirichlet", "neumann", "robin", "periodic")
NAMES = ("left", "right", "bottom", "top", "front", "back")


def stretched(count, low=0.0, high=1.0):
    """Return ascending coordinates that are not equally spaced, dense at the lower end."""
    s = np.linspace(0.0, 1.0, count)
    return low + (high - low) * (s + 0.12 * np.sin(2 * np.pi * s) / np.pi)


def grid_for(condition, ndim, count, centering, spacing):
    """Return a grid whose sides along x have the condition and whose others are Dirichlet."""
    sides = NAMES[: 2 * ndim]
    known = [s for k, s in enumerate(sides) if k >= 2 or condition == "dirichlet"]
    periodic = sides[:2] if condition == "periodic" else ()
    if centering == "cells":
        known, periodic = (), ()
    if spacing == "uniform":
        return pde.Grid.uniform(
            (count,) * ndim, 0.0, 1.0, centering, known=known, periodic=periodic
        )
    return pde.Grid([stretched(count + 1)] * ndim, centering, known=known, periodic=periodic)


def exact(*x):
    """Return a smooth solution, periodic along x."""
    u = np.sin(2 * np.pi * x[0] + 0.4) + 1.5
    for k, y in enumerate(x[1:]):
        u = u * np.cos(1.3 * y - 0.2 * k)
    return u


def conductivity(*x):
    """Return a smooth positive coefficient, periodic along x."""
    c = 1.5 + 0.5 * np.cos(2 * np.pi * x[0])
    for y in x[1:]:
        c = c * np.exp(0.4 * y)
    return c


def slope(function, x, axis, step=1e-3):
    """Return a partial derivative by differences of order six."""
    weights = ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))
    total = 0.0
    for shift, weight in weights:
        ahead = [y + shift * step * (k == axis) for k, y in enumerate(x)]
        behind = [y - shift * step * (k == axis) for k, y in enumerate(x)]
        total = total + weight * (function(*ahead) - function(*behind))
    return total / step


def flux(axis):
    """Return c du/dx as a function of coordinates."""
    return lambda *x: conductivity(*x) * slope(exact, x, axis)


def source(*x):
    """Return -div(c grad u) of the exact solution."""
    return -sum(slope(flux(k), x, k) for k in range(len(x)))


def conditions_for(condition, ndim, through=flux):
    """Return conditions that the exact solution satisfies; `through` is what Neumann gives."""
    found = dict.fromkeys(NAMES[: 2 * ndim], pde.Dirichlet(exact))
    if condition == "periodic":
        return found | {"left": pde.Periodic(), "right": pde.Periodic()}
    for side, sign in (("left", -1.0), ("right", 1.0)):
        if condition == "neumann":
            found[side] = pde.Neumann(lambda *x, s=sign: s * through(0)(*x))
        if condition == "robin":
            found[side] = pde.Robin(
                2.0, 0.7, lambda *x, s=sign: 2.0 * exact(*x) + 0.7 * s * through(0)(*x)
            )
    return found


def solved(residual, grid, start=None):
    """Return the field at which a residual vanishes, by Newton's method."""
    u = np.zeros(grid.size) if start is None else start.ravel()
    jacobian = so.jacobian(lambda v: residual(v.reshape(grid.shape)).reshape(-1), u)
    for _ in range(1 if start is None else 8):
        change = sla.spsolve(jacobian(u).tocsc(), np.ravel(residual(u.reshape(grid.shape))))
        u = u - change
    return u.reshape(grid.shape)


def order(errors, counts):
    """Return the order of convergence of errors on grids of so many points along an axis."""
    return np.log(errors[0] / errors[1]) / np.log(counts[1] / counts[0])
