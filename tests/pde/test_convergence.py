"""Manufactured solutions: orders of accuracy for every condition, centering and dimension."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import pde
from tests.pde.manufactured import (
    CONDITIONS,
    conditions_for,
    conductivity,
    exact,
    grid_for,
    order,
    slope,
    solved,
    source,
)

COUNTS = {1: (20, 40), 2: (16, 32), 3: (7, 14)}
CASES = [
    (ndim, condition, centering, spacing)
    for ndim in (1, 2, 3)
    for condition in CONDITIONS
    for centering in ("cells", "nodes")
    for spacing in ("uniform", "stretched")
    if ndim < 3 or spacing == "uniform"
]


def gradient_of_exact(axis):
    return lambda *x: slope(exact, x, axis)


@pytest.mark.parametrize(("ndim", "condition", "centering", "spacing"), CASES)
def test_solutions_of_diffusion_have_order_two(ndim, condition, centering, spacing):
    errors = []
    for count in COUNTS[ndim]:
        grid = grid_for(condition, ndim, count, centering, spacing)
        x, sides = grid.coordinates, conditions_for(condition, ndim)
        c, f = conductivity(*x), source(*x) + exact(*x)
        found = solved(lambda u, c=c, f=f, g=grid, s=sides: pde.diffusion(u, c, g, s) - u + f, grid)
        errors.append(np.max(np.abs(found - exact(*x))))
    assert order(errors, COUNTS[ndim]) > (1.9 if ndim < 3 else 1.85)


@pytest.mark.parametrize("spacing", ["uniform", "stretched"])
@pytest.mark.parametrize("centering", ["cells", "nodes"])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_gradients_have_order_two_up_to_the_boundary(condition, centering, spacing):
    errors, counts = [], (32, 64)
    for count in counts:
        grid = grid_for(condition, 2, count, centering, spacing)
        x, sides = grid.coordinates, conditions_for(condition, 2, gradient_of_exact)
        found = pde.gradient(exact(*x), grid, sides)
        errors.append(max(np.max(np.abs(q - slope(exact, x, k))) for k, q in enumerate(found)))
    assert order(errors, counts) > 1.85


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("centering", ["cells", "nodes"])
@pytest.mark.parametrize(("scheme", "least"), [("upwind", 0.9), ("central", 1.85)])
def test_advection_is_consistent_with_its_order(scheme, least, centering, ndim):
    """Inside, where no condition is: the truncation error itself."""
    errors, counts = [], {1: (128, 256), 2: (48, 96), 3: (16, 32)}[ndim]
    for count in counts:
        grid = grid_for("periodic", ndim, count, centering, "uniform")
        x, sides = (
            grid.coordinates,
            conditions_for("periodic", ndim) if ndim > 1 else pde.Periodic(),
        )
        speeds = (1.3, -0.7, 0.4)[:ndim]
        velocity = tuple(s * conductivity(*x) for s in speeds)
        carried = [lambda *y, s=s: s * conductivity(*y) * exact(*y) for s in speeds]
        wanted = sum(slope(f, x, k) for k, f in enumerate(carried))
        found = pde.advection(exact(*x), velocity, grid, sides, scheme)
        inside = (slice(None), *(slice(1, -1),) * (ndim - 1))
        errors.append(np.max(np.abs(found - wanted)[inside]))
    assert order(errors, counts) > least


@pytest.mark.parametrize("centering", ["cells", "nodes"])
@pytest.mark.parametrize(("scheme", "expected"), [("upwind", 1.0), ("central", 2.0)])
@pytest.mark.parametrize("condition", ["dirichlet", "robin", "periodic"])
def test_solutions_of_advection_and_diffusion_have_the_order(
    condition, scheme, expected, centering
):
    errors, counts = [], (200, 400)
    for count in counts:
        grid = grid_for(condition, 1, count, centering, "uniform")
        x, sides = grid.coordinates, one_dimensional(condition)
        v = 1.0 + 0.3 * np.cos(2 * np.pi * x[0])
        carried = slope(lambda y: (1.0 + 0.3 * np.cos(2 * np.pi * y)) * exact(y), x, 0)
        spread = slope(lambda y: slope(exact, (y,), 0, 5e-3), x, 0, 5e-3)
        f = carried - 0.2 * spread + exact(*x)
        found = solved(
            lambda u, v=v, f=f, g=grid, s=sides: (
                pde.advection(u, v, g, s, scheme) - 0.2 * pde.laplacian(u, g, s) + u - f
            ),
            grid,
        )
        errors.append(np.max(np.abs(found - exact(*x))))
    assert order(errors, counts) == pytest.approx(expected, abs=0.12)


def one_dimensional(condition):
    if condition == "periodic":
        return pde.Periodic()
    return conditions_for(condition, 1, gradient_of_exact)


def test_a_coefficient_of_the_solution_has_order_two():
    """-(u^3)'' / 3 + u = f with a Dirichlet and a flux condition, by Newton's method."""
    errors, counts = [], (20, 40)
    for count in counts:
        grid = pde.Grid.uniform(count)
        (x,) = grid.coordinates

        def cube(*y):
            return exact(*y) ** 2 * slope(exact, y, 0)

        f = exact(x) - slope(cube, (x,), 0)
        sides = {"left": pde.Dirichlet(exact), "right": pde.Neumann(cube)}
        found = solved(
            lambda u, g=grid, s=sides, f=f: pde.diffusion(u, lambda w: w**2, g, s) - u + f,
            grid,
            start=exact(x),
        )
        errors.append(np.max(np.abs(found - exact(x))))
    assert order(errors, counts) > 1.8
