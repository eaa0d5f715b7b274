"""Elliptic control problems: stencils and faces of grids, printed values of a solution."""

import numpy as np
import pytest

from problems.pde import maurer_mittelmann_boundary_dirichlet_3d as cube
from problems.pde import maurer_mittelmann_distributed_neumann as distributed
from problems.pde.elliptic_grid import (
    bounded,
    coordinates,
    faces,
    interior,
    num_faces_at,
    scaled_laplacian,
)


@pytest.mark.parametrize("dimension", [2, 3])
def test_stencil_is_exact_for_quadratics(dimension):
    spacing = 1 / 5
    y = sum((k + 1) * x**2 for k, x in enumerate(coordinates(4, dimension)))
    expected = 2 * sum(range(1, dimension + 1)) * spacing**2
    np.testing.assert_allclose(scaled_laplacian(y), expected, atol=1e-13)
    assert interior(y).shape == dimension * (4,)


def test_faces_are_the_four_sides_without_corners():
    y = np.arange(16).reshape(4, 4)
    assert faces(y).tolist() == [[1, 2], [13, 14], [4, 8], [7, 11]]
    assert faces(y, depth=1).tolist() == [[5, 6], [9, 10], [5, 9], [6, 10]]


def test_a_cube_has_six_faces_twelve_edges_and_eight_corners():
    place = num_faces_at(3, 3)
    assert np.bincount(place.ravel()).tolist() == [27, 6 * 9, 12 * 3, 8]
    bound = bounded(place, 7.0, 5.0)
    assert [np.sum(bound == value) for value in (7.0, 5.0, 0.0)] == [27, 54, 44]


def test_forgiving_penalty_is_smooth_where_it_turns():
    turn = cube.TURN + np.array([-2e-4, -1e-4, 0.0, 1e-4, 2e-4])
    values = cube.forgiving_penalty(turn)
    slopes = np.diff(values) / 1e-4
    np.testing.assert_allclose(values[2], 0.5 * cube.TURN**2, atol=1e-15)
    np.testing.assert_allclose(slopes, cube.SLOPE, atol=1e-4)
    np.testing.assert_allclose(cube.forgiving_penalty(-turn), values, rtol=1e-15)


def test_state_and_control_in_the_center_are_the_printed_ones():
    """Part 2, table 4: y(0.5, 0.5) and u(0.5, 0.5) of example 4 with N + 1 = 50."""
    record = distributed.RECORD
    solution = distributed.build(4, 49).solve(solver="ipopt", options=dict(record.options))
    assert solution["y"][25, 25] == pytest.approx(-0.011311, abs=1e-6)
    assert solution["u"][24, 24] == pytest.approx(-1.688123, abs=1e-4)  # converged less far
