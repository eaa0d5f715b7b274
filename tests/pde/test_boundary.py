"""Boundary conditions: complete, where they fit, with values of the side's shape."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt import pde
from sparseopt.errors import DiscretizationError, NonFiniteError, ShapeError, UnknownNameError

GRID = pde.Grid.uniform((3, 4))
ZERO = pde.Dirichlet(0.0)
SIDES = {"left": ZERO, "right": ZERO, "bottom": ZERO, "top": ZERO}
NODES = pde.Grid.uniform((3, 4), centering="nodes")
RING = pde.Grid.uniform((3, 4), centering="nodes", periodic=("left", "right"))


def values(boundary, grid=GRID):
    return pde.laplacian(np.ones(grid.shape), grid, boundary)


@pytest.mark.parametrize(
    "boundary",
    [
        ZERO,
        {("left", "right"): ZERO, ("bottom", "top"): ZERO},
        SIDES | {"left": pde.Dirichlet(lambda x, y: 0 * y)},
        SIDES | {"left": pde.Dirichlet(np.zeros(4))},
        SIDES | {"top": pde.Robin(1.0, 0.0, 0.0)},
        SIDES | {"top": pde.Robin(np.ones(3), lambda x, y: 0 * x, 0.0)},
    ],
)
def test_the_same_conditions_can_be_written_in_several_ways(boundary):
    np.testing.assert_allclose(values(boundary), values(SIDES), rtol=1e-14)


@pytest.mark.parametrize(
    ("boundary", "grid", "error", "message"),
    [
        ({"left": ZERO}, GRID, DiscretizationError, "no condition on 'right', 'bottom', 'top'"),
        (SIDES | {"front": ZERO}, GRID, UnknownNameError, "no side 'front'"),
        (SIDES | {"rigth": ZERO}, GRID, UnknownNameError, "did you mean 'right'"),
        (SIDES | {("left", "top"): ZERO}, GRID, DiscretizationError, "'left' has two conditions"),
        (SIDES | {"left": 0.0}, GRID, DiscretizationError, "no boundary condition"),
        (0.0, GRID, DiscretizationError, "is no boundary"),
        (SIDES | {3: ZERO}, GRID, UnknownNameError, "no side 3"),
        (
            SIDES | {"left": pde.Dirichlet(lambda x: x)},
            GRID,
            DiscretizationError,
            r"on side 'left' cannot be called as f\(x, y\)",
        ),
        (SIDES | {"left": pde.Dirichlet(1j)}, GRID, DiscretizationError, "is complex"),
        (
            SIDES | {"left": pde.Dirichlet(1j * np.ones(3))},
            GRID,
            DiscretizationError,
            "is complex",
        ),
        (
            SIDES | {"left": pde.Robin(-2.0 / GRID.axes[0].widths[0], 1.0, 1.0)},
            GRID,
            DiscretizationError,
            "does not determine the value",
        ),
        (
            SIDES | {"left": pde.Periodic()},
            GRID,
            DiscretizationError,
            "'left' is periodic, the opposite side 'right' is not",
        ),
        (
            SIDES | {"left": pde.Dirichlet(np.nan)},
            GRID,
            NonFiniteError,
            "value of the condition on side 'left' is nan",
        ),
        (
            SIDES | {"top": pde.Neumann(np.array([1.0, np.inf, 0.0]))},
            GRID,
            NonFiniteError,
            r"flux of the condition on side 'top' is inf at \[1\]",
        ),
        (
            SIDES | {"top": pde.Neumann(np.zeros(4))},
            GRID,
            ShapeError,
            r"shape \(4,\), the side \(3,\)",
        ),
        (SIDES | {"top": pde.Dirichlet("hot")}, GRID, DiscretizationError, "is str, not numbers"),
        (SIDES | {"top": pde.Robin(0.0, 0.0, 1.0)}, GRID, DiscretizationError, "both zero"),
        (pde.Robin(1.0, 0.0, 1.0), NODES, DiscretizationError, "b of the Robin .* is zero"),
        (ZERO, NODES, DiscretizationError, "Dirichlet on side 'left', whose nodes are unknowns"),
        (pde.Periodic(), NODES, DiscretizationError, "is Periodic, the grid's nodes are not"),
        (pde.Neumann(), RING, DiscretizationError, "is Neumann, the grid's nodes are periodic"),
        (
            pde.Neumann(),
            pde.Grid.uniform(3, centering="nodes", known=["left", "right"]),
            DiscretizationError,
            "Neumann on side 'left', whose nodes are known",
        ),
    ],
)
def test_wrong_conditions_are_named_errors(boundary, grid, error, message):
    with pytest.raises(error, match=message):
        values(boundary, grid)


def test_values_may_change_along_axes_before_those_of_the_grid():
    """As over time: shape (5, 4) on a side of 4 points."""
    history = np.arange(20.0).reshape(5, 4)
    u = np.ones((5, 3, 4))
    found = pde.laplacian(u, GRID, SIDES | {"left": pde.Dirichlet(history)})
    each = [
        pde.laplacian(u[k], GRID, SIDES | {"left": pde.Dirichlet(history[k])}) for k in range(5)
    ]
    np.testing.assert_array_equal(found, each)
    one = pde.laplacian(u[0], GRID, SIDES | {"left": pde.Dirichlet(history)})
    np.testing.assert_array_equal(one, found)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (pde.Dirichlet, 8.0),  # k (g - u) / (h / 2) / h with h = 1/2
        (pde.Neumann, 2.0),
        (lambda value: pde.Robin(4.0, 1.0, value), 1.0),
    ],
)
def test_values_may_be_traced(condition, expected):
    grid = pde.Grid.uniform(2)

    def function(value):
        return pde.laplacian(np.ones(2), grid, {"left": condition(value), "right": ZERO})

    jacobian = so.jacobian(lambda z: function(z[0]), np.zeros(1))(np.zeros(1)).toarray()
    np.testing.assert_allclose(jacobian, [[expected], [0.0]])


def test_traced_values_along_a_side_reach_its_points_alone():
    def function(z):
        return pde.laplacian(np.ones((3, 4)), GRID, SIDES | {"left": pde.Dirichlet(z)}).reshape(-1)

    jacobian = so.jacobian(function, np.zeros(4))(np.zeros(4)).toarray()
    np.testing.assert_allclose(jacobian, np.vstack([18 * np.eye(4), np.zeros((8, 4))]))


def test_robin_lies_between_dirichlet_and_neumann():
    u = np.random.default_rng(3).normal(size=(3, 4))
    for robin, limit in (
        (pde.Robin(1.0, 0.0, 2.0), pde.Dirichlet(2.0)),
        (pde.Robin(0.0, 1.0, 2.0), pde.Neumann(2.0)),
    ):
        found = pde.diffusion(u, 3.0, GRID, SIDES | {"top": robin})
        expected = pde.diffusion(u, 3.0, GRID, SIDES | {"top": limit})
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-12)
