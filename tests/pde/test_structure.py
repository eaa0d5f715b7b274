"""Formulas in models: few blocks whatever the grid's size, exact patterns, right derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt import pde
from tests.pde.manufactured import CONDITIONS, conditions_for, grid_for

WALLS = pde.Dirichlet(0.0)


def form_of(function, grid, num_fields=2):
    """Return the element form of constraints that are a function of fields on a grid."""
    model = so.Model("structure")
    fields = [
        model.variable(f"field_{k}", grid.shape, lower=0.1, start=1.0) for k in range(num_fields)
    ]
    model.minimize(np.sum(fields[0] ** 2))
    model.subject_to(function(grid, *fields) == 0, name="equation")
    return model.problem()


FUNCTIONS = {
    "laplacian": lambda g, u, k: pde.laplacian(u, g, WALLS) + k,
    "diffusion": lambda g, u, k: pde.diffusion(u, k, g, WALLS),
    "balance": lambda g, u, k: pde.divergence_of_flux(u, k, g, WALLS),
    "nonlinear": lambda g, u, k: pde.diffusion(u, lambda u: 1 + u**2, g, WALLS) + k,
    "upwind": lambda g, u, k: pde.advection(u, (k,) * g.ndim, g, WALLS),
    "gradient": lambda g, u, k: k * sum(q**2 for q in pde.gradient(u, g, WALLS)),
}


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_number_of_blocks_does_not_depend_on_the_size_of_the_grid(name, ndim):
    """One for the interior and each side, edge and corner, one for the goal."""
    sizes = (5, 7) if ndim == 3 else (6, 20)
    counts = [
        form_of(FUNCTIONS[name], pde.Grid.uniform((n,) * ndim)).evaluator.form.num_blocks()
        for n in sizes
    ]
    widest = 5 if name == "upwind" else 3  # the velocity on a side continues a line
    assert counts[0] == counts[1] <= widest**ndim + 1


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_and_spacing_keeps_the_number_of_blocks(condition):
    counts = []
    for n in (6, 20):
        grid = grid_for(condition, 2, n, "nodes", "stretched")
        sides = conditions_for(condition, 2)
        problem = form_of(lambda g, u, k, s=sides: pde.diffusion(u, k, g, s), grid)
        counts.append(problem.evaluator.form.num_blocks())
    assert counts[0] == counts[1] <= 10


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_patterns_are_those_of_the_stencil(ndim):
    n = 5
    problem = form_of(FUNCTIONS["diffusion"], pde.Grid.uniform((n,) * ndim))
    points, faces = n**ndim, ndim * n ** (ndim - 1) * (n - 1)
    assert problem.jacobian_pattern.nnz == 2 * (points + 2 * faces)
    # k with itself, u with u in the objective and u with k: at a point, and across each face
    # k with k once in the lower triangle, u with k both ways
    assert problem.hessian_pattern.nnz == 3 * points + 3 * faces


def test_traced_velocities_have_the_derivatives_of_the_upwind_flux():
    """d(v u_upwind)/dv is the upwind value, on either side of zero."""
    grid, u = pde.Grid.uniform(3, 0.0, 3.0), np.array([2.0, 5.0, 11.0])
    sides = {"left": pde.Dirichlet(1.0), "right": pde.Dirichlet(7.0)}
    jacobian = so.jacobian(lambda v: pde.advective_fluxes(u, v, grid, sides)[0], np.ones(4))
    speeds = np.array([1.0, -1.0, 0.5, -2.0])
    assert jacobian(speeds).toarray().tolist() == np.diag([1.0, 5.0, 5.0, 7.0]).tolist()


def test_smoothed_upwinding_tends_to_upwinding_and_has_slopes_at_zero():
    grid, u = pde.Grid.uniform(3, 0.0, 3.0), np.array([2.0, 5.0, 11.0])
    v = np.array([1.0, -1.0, 0.5, -2.0])
    exact = pde.advective_fluxes(u, v, grid, WALLS)[0]
    near = pde.advective_fluxes(u, v, grid, WALLS, smoothing=1e-6)[0]
    np.testing.assert_allclose(near, exact, atol=1e-10)
    jacobian = so.jacobian(
        lambda v: pde.advective_fluxes(u, v, grid, WALLS, smoothing=0.1)[0], np.zeros(4)
    )
    assert jacobian(np.zeros(4)).toarray().tolist() == np.diag([1.0, 3.5, 8.0, 5.5]).tolist()


def test_burgers_equation_takes_half_the_solution_as_velocity():
    grid, u = pde.Grid.uniform(4, 0.0, 4.0), np.array([1.0, 2.0, 4.0, 4.0])
    sides = {"left": pde.Dirichlet(1.0), "right": pde.Neumann(0.0)}
    found = pde.advection(u, 0.5 * u, grid, sides, scheme="central")
    flux = np.array([1.0 * 0.25, 1.5 * 0.75, 3.0 * 1.5, 4.0 * 2.0, 4.0 * 2.0])
    np.testing.assert_allclose(found, np.diff(flux))


def test_a_field_may_carry_axes_such_as_time():
    grid, rng = pde.Grid.uniform((3, 4)), np.random.default_rng(2)
    u, c = rng.normal(size=(5, 2, 3, 4)), rng.uniform(1.0, 2.0, (3, 4))
    found = pde.diffusion(u, c, grid, WALLS) + pde.advection(u, (c, -c), grid, WALLS)
    one = pde.diffusion(u[4, 1], c, grid, WALLS) + pde.advection(u[4, 1], (c, -c), grid, WALLS)
    assert found.shape == u.shape
    np.testing.assert_allclose(found[4, 1], one, rtol=1e-13)


@pytest.mark.parametrize("mean", ["harmonic", "arithmetic"])
def test_derivatives_by_coefficients_are_those_of_differences(mean):
    grid, sides = grid_for("robin", 2, 3, "cells", "stretched"), conditions_for("robin", 2)
    rng = np.random.default_rng(4)
    u, c = rng.normal(size=grid.shape), rng.uniform(0.5, 2.0, grid.size)

    def function(c):
        return pde.diffusion(u, c.reshape(grid.shape), grid, sides, mean).reshape(-1)

    found = so.jacobian(function, c)(c).toarray()
    steps = 1e-5 * np.eye(c.size)
    expected = np.stack([(function(c + s) - function(c - s)) / 2e-5 for s in steps], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_coefficients_may_differ_between_axes():
    grid, u = pde.Grid.uniform((3, 3)), np.random.default_rng(6).normal(size=(3, 3))
    parts = [pde.diffusion(u, c, grid, pde.Neumann()) for c in ((2.0, 0.0), (0.0, 3.0))]
    both = pde.diffusion(u, (2.0, 3.0), grid, pde.Neumann())
    np.testing.assert_allclose(sum(parts), both, rtol=1e-13)


def test_a_coefficient_that_vanishes_lets_a_known_value_in():
    """The porous medium equation u_t = (u u')' begins where u is zero."""
    grid = pde.Grid.uniform(3)
    sides = {"left": pde.Dirichlet(1.0), "right": pde.Neumann(0.0)}
    found = pde.diffusion(np.zeros(3), lambda u: u, grid, sides)
    assert found.tolist() == [9.0, 0.0, 0.0]
