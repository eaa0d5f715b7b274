"""Both forms agree to rounding; finite volumes conserve; matrices written out."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from sparseopt import pde
from sparseopt.errors import DiscretizationError, ShapeError
from sparseopt.pde.advection import faces_of
from sparseopt.pde.boundary import conditions_of
from tests.pde.manufactured import CONDITIONS, NAMES, conditions_for, grid_for

ROUNDING = 1e-13
CASES = [
    (ndim, condition, centering, spacing)
    for ndim in (1, 2, 3)
    for condition in CONDITIONS
    for centering in ("cells", "nodes")
    for spacing in ("uniform", "stretched")
]


def close(found, expected):
    scale = np.max(np.abs(expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=20 * ROUNDING * scale)


@pytest.mark.parametrize(("ndim", "condition", "centering", "spacing"), CASES)
def test_matrices_and_formulas_agree_to_rounding(ndim, condition, centering, spacing):
    grid, sides = grid_for(condition, ndim, 4, centering, spacing), conditions_for(condition, ndim)
    rng = np.random.default_rng(ndim)
    u, c = rng.normal(size=grid.shape), rng.uniform(0.5, 2.0, grid.shape)
    for mean in ("harmonic", "arithmetic"):
        laplacian = pde.laplacian_operator(grid, sides, c, mean)
        close(laplacian(u), pde.diffusion(u, c, grid, sides, mean))
    fluxes = pde.diffusive_fluxes(u, 1.0, grid, sides)
    for operator, flux in zip(pde.gradient_operator(grid, sides), fluxes, strict=True):
        close(operator(u), flux)
    divergence = sum(
        d @ f.ravel() for d, f in zip(pde.divergence_operator(grid), fluxes, strict=True)
    )
    close(divergence, pde.divergence(fluxes, grid).ravel())
    close(
        pde.divergence_of_flux(u, c, grid, sides), grid.volumes * pde.diffusion(u, c, grid, sides)
    )
    for axis, operator in enumerate(pde.interpolation_operator(grid, sides)):
        close(operator(u), faces_of(u, grid, axis, conditions_of(sides, grid)))


def test_the_jacobian_of_the_formula_is_the_matrix():
    grid, sides = grid_for("robin", 2, 5, "cells", "stretched"), conditions_for("robin", 2)
    laplacian = pde.laplacian_operator(grid, sides)
    x = np.ones(grid.size)
    jacobian = so.jacobian(
        lambda v: pde.laplacian(v.reshape(grid.shape), grid, sides).reshape(-1), x
    )(x)
    assert jacobian.nnz == laplacian.matrix.nnz == 5 * 25 - 4 * 5
    close(jacobian.toarray(), laplacian.matrix.toarray())


def test_the_matrix_of_two_dimensions_is_the_five_point_stencil():
    grid = pde.Grid.uniform((2, 2), 0.0, 3.0, "nodes", known=NAMES[:4])
    laplacian = pde.laplacian_operator(grid, pde.Dirichlet(1.0))
    assert laplacian.matrix.toarray().tolist() == [
        [-4, 1, 1, 0],
        [1, -4, 0, 1],
        [1, 0, -4, 1],
        [0, 1, 1, -4],
    ]
    assert laplacian.vector.tolist() == [2, 2, 2, 2]
    assert pde.identity_operator(grid).toarray().tolist() == np.eye(4).tolist()


def test_periodic_matrices_wrap_around():
    laplacian = pde.laplacian_operator(pde.Grid.uniform(4, 0.0, 4.0), pde.Periodic())
    assert laplacian.matrix.toarray().tolist() == [
        [-2, 1, 0, 1],
        [1, -2, 1, 0],
        [0, 1, -2, 1],
        [1, 0, 1, -2],
    ]


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_finite_volumes_conserve_to_rounding(condition, ndim):
    """What all volumes gain is what enters through the sides."""
    grid, sides = (
        grid_for(condition, ndim, 5, "cells", "stretched"),
        conditions_for(condition, ndim),
    )
    rng = np.random.default_rng(7)
    u, c = rng.normal(size=grid.shape), rng.uniform(0.5, 2.0, grid.shape)
    speeds = tuple(rng.normal(size=grid.shape) for _ in range(ndim))
    diffusive = pde.diffusive_fluxes(u, c, grid, sides)
    advective = pde.advective_fluxes(u, speeds, grid, sides)
    for fluxes in (diffusive, advective):
        entered = 0.0
        for axis, flux in enumerate(fluxes):
            first, last = (np.take(flux, at, axis=axis) for at in (0, -1))
            area = grid.side_areas(NAMES[2 * axis])
            entered += np.sum(area * (last - first))
        gained = grid.volumes * pde.divergence(fluxes, grid)
        assert abs(np.sum(gained) - entered) <= 1e-13 * np.sum(np.abs(gained))


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_axes_are_treated_alike(axes):
    """A rotated box with rotated conditions has the rotated result."""
    edges = [[0.0, 1.0, 1.5], [0.0, 0.3, 1.0, 1.2], [0.0, 2.0, 3.0, 3.5, 4.0]]
    conditions = [
        (pde.Dirichlet(1.0), pde.Neumann(0.5)),
        (pde.Robin(1.0, 2.0, 3.0), pde.Dirichlet(-1.0)),
        (pde.Periodic(), pde.Periodic()),
    ]

    def sides(order):
        return {
            NAMES[2 * k + end]: conditions[a][end] for k, a in enumerate(order) for end in (0, 1)
        }

    grid, turned = pde.Grid(edges), pde.Grid([edges[a] for a in axes])
    rng = np.random.default_rng(5)
    u, c = rng.normal(size=grid.shape), rng.uniform(0.5, 2.0, grid.shape)
    v = [rng.normal(size=grid.shape) for _ in range(3)]
    given, turned_sides = sides(range(3)), sides(axes)
    found = pde.diffusion(u.transpose(axes), c.transpose(axes), turned, turned_sides)
    close(found, pde.diffusion(u, c, grid, given).transpose(axes))
    turned_v = tuple(v[a].transpose(axes) for a in axes)
    found = pde.advection(u.transpose(axes), turned_v, turned, turned_sides)
    close(found, pde.advection(u, tuple(v), grid, given).transpose(axes))


def test_vectors_take_traced_boundary_values():
    grid = pde.Grid.uniform(3)

    def function(z):
        sides = {"left": pde.Dirichlet(z[3]), "right": pde.Neumann(z[4])}
        return pde.laplacian_operator(grid, sides)(z[:3])

    x = np.arange(5.0)
    jacobian = so.jacobian(function, x)(x).toarray()
    sides = {"left": pde.Dirichlet(3.0), "right": pde.Neumann(4.0)}
    close(jacobian @ x, pde.laplacian(x[:3], grid, sides))


def test_what_is_in_a_matrix_must_be_plain():
    grid = pde.Grid.uniform(3)
    with pytest.raises(DiscretizationError, match="coefficient is no plain number"):
        pde.laplacian_operator(grid, pde.Neumann(), lambda u: u)
    with pytest.raises(DiscretizationError, match="a of a Robin condition"):
        so.jacobian(
            lambda z: pde.laplacian_operator(grid, pde.Robin(z[0], 1.0, 0.0))(z), np.ones(3)
        )


def test_fields_may_be_lists():
    grid, walls = pde.Grid.uniform((2, 3)), pde.Dirichlet(1.0)
    u = np.arange(6.0).reshape(2, 3)
    close(pde.laplacian(u.tolist(), grid, walls), pde.laplacian(u, grid, walls))
    close(pde.advection(u.tolist(), 1.0, grid, walls), pde.advection(u, 1.0, grid, walls))
    operator = pde.laplacian_operator(grid, walls)
    close(operator(u.tolist()), operator(u))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda g, b: pde.laplacian(np.ones((3, 2)), g, b),
            ShapeError,
            r"shape \(3, 2\), the grid",
        ),
        (lambda g, b: pde.diffusion(np.ones((2, 3)), np.ones(3), g, b), ShapeError, "coefficient"),
        (lambda g, b: pde.diffusion(np.ones((2, 3)), (1.0,), g, b), ShapeError, "1 coefficients"),
        (
            lambda g, b: pde.diffusion(np.ones((2, 3)), np.zeros((2, 3)), g, b),
            DiscretizationError,
            "harmonic mean is of positive",
        ),
        (
            lambda g, b: pde.diffusion(np.ones((2, 3)), 1.0 + np.eye(2, 3), g, b, "geometric"),
            DiscretizationError,
            "no mean 'geometric'",
        ),
        (
            lambda g, b: pde.diffusion(np.ones((2, 3)), 1j * np.ones((2, 3)), g, b),
            DiscretizationError,
            "the coefficient is complex",
        ),
        (
            lambda g, b: pde.diffusion(np.ones((2, 3)), lambda u: np.ones(2), g, b),
            ShapeError,
            "the coefficient has shape",
        ),
        (lambda g, b: pde.divergence([np.ones((2, 3))], g), ShapeError, "1 fluxes for 2 axes"),
        (lambda g, b: pde.divergence(None, g), ShapeError, "NoneType fluxes for 2 axes"),
        (lambda g, b: pde.divergence([np.ones((2, 3))] * 2, g), ShapeError, "its faces"),
        (
            lambda g, b: pde.advection(np.ones((2, 3)), 1.0, g, b, "upwnd"),
            DiscretizationError,
            "upw",
        ),
        (
            lambda g, b: pde.advection(np.ones((2, 3)), 1.0, g, b, smoothing=-1.0),
            DiscretizationError,
            "smoothing is -1.0",
        ),
        (
            lambda g, b: pde.advection(np.ones((2, 3)), 1.0, g, b, smoothing="a"),
            DiscretizationError,
            "smoothing is 'a'",
        ),
        (
            lambda g, b: pde.laplacian_operator(g, b)(np.ones(5)),
            ShapeError,
            r"the field has shape \(5,\), the operator 6 points",
        ),
        (
            lambda g, b: pde.advection(np.ones((2, 3)), np.ones((4, 4)), g, b),
            ShapeError,
            "at points",
        ),
        (
            lambda g, b: pde.laplacian_operator(g, b, sp.eye_array(2)),
            DiscretizationError,
            "numbers",
        ),
    ],
)
def test_wrong_fields_are_named_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(pde.Grid.uniform((2, 3)), pde.Neumann())
