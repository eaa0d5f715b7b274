"""Fields seen at scattered points, and two fits from them against NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import least_squares

import sparseopt as so
from problems.pde import groundwater_permeability, poisson_source
from problems.pde.point_observations import finer, interpolation, scattered_points, with_noise
from problems.pde.temperature_data import differences

TIGHT = {"tol": 1e-10}


def test_points_lie_one_in_each_square_and_apart():
    points = scattered_points(5, length=10.0)
    assert (points // 2.0).tolist() == [[i, j] for i in range(5) for j in range(5)]
    gaps = np.abs(points[:, None] - points).max(axis=2)[~np.eye(25, dtype=bool)]
    assert gaps.min() >= 0.4 * 2.0


def test_interpolation_is_exact_for_bilinear_fields():
    grid = so.pde.Grid([[0.0, 0.2, 0.3, 1.0], [0.0, 0.5, 0.6, 0.9, 1.0]])
    x, y = np.random.default_rng(1).uniform(size=(2, 9))

    def field(x, y):
        return 2.0 - x + 3.0 * y + 5.0 * x * y

    found = interpolation(grid, np.stack([x, y], axis=1)) @ field(*grid.coordinates).ravel()
    np.testing.assert_allclose(found, field(x, y), rtol=1e-13)


def test_what_enters_at_points_enters_the_cells_around_them():
    grid = so.pde.Grid.uniform((4, 4))
    entered = interpolation(grid, np.array([[0.25, 0.375]])).T @ np.array([8.0])
    expected = np.zeros((4, 4))
    expected[[0, 1], 1] = 4.0
    np.testing.assert_allclose(entered.reshape(4, 4), expected)


def test_data_come_from_a_finer_grid_with_the_same_noise_every_time():
    assert [finer(n) for n in (4, 5)] == [6, 8]
    first, again = (with_noise(np.zeros(10_000), 3.0) for _ in range(2))
    assert first.tolist() == again.tolist()
    assert np.std(first) == pytest.approx(3.0, rel=0.03)


def test_the_source_is_that_of_a_dense_linear_least_squares_problem():
    num_cells, num_sensors = 12, 3
    found = poisson_source.build(num_cells, num_sensors).solve(solver="ipopt", options=TIGHT)
    n, width = num_cells, 1.0 / num_cells
    second = sp.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(n, n)).toarray()
    second[0, 0] = second[-1, -1] = 3.0  # the sides are half a cell away
    outflow = np.kron(second, np.eye(n)) + np.kron(np.eye(n), second)
    grid = so.pde.Grid.uniform((n, n))
    sensors = interpolation(grid, scattered_points(num_sensors)).toarray()
    data, deviation = poisson_source.measured_potential(n, num_sensors)
    to_data = sensors @ np.linalg.inv(outflow) * width**2 / deviation
    smooth = differences((n, n)).toarray() / poisson_source.ROUGHNESS
    right = np.concatenate([data / deviation, np.zeros(len(smooth))])
    expected, squares, *_ = np.linalg.lstsq(np.vstack([to_data, smooth]), right)
    assert found.objective == pytest.approx(squares[0] / 2, rel=1e-9)
    np.testing.assert_allclose(found["f"].ravel(), expected, rtol=0, atol=1e-6)


def test_the_permeability_is_that_of_scipy_in_the_field_alone():
    num_cells, num_boreholes = 5, 2
    found = groundwater_permeability.build(num_cells, num_boreholes).solve(
        solver="ipopt", options=TIGHT
    )
    grid = groundwater_permeability.cells(num_cells)
    points = scattered_points(num_boreholes, groundwater_permeability.LENGTH)
    boreholes, root = interpolation(grid, points), groundwater_permeability.precision_root(grid)
    data = groundwater_permeability.measured_heads(num_cells, num_boreholes)

    def residuals(change):
        m = groundwater_permeability.MEAN + change
        heads = groundwater_permeability.heads(grid, m.reshape(grid.shape))
        misfit = (boreholes @ heads.ravel() - data) / groundwater_permeability.NOISE
        return np.concatenate([misfit, root @ change])

    expected = least_squares(residuals, np.zeros(grid.size), ftol=1e-14, xtol=1e-12, gtol=1e-10)
    assert found.objective == pytest.approx(expected.cost, rel=1e-7)
    change = found["m"].ravel() - groundwater_permeability.MEAN
    np.testing.assert_allclose(change, expected.x, rtol=0, atol=1e-4)


def test_the_prior_has_its_deviation_everywhere():
    """In an infinite plane it is 1; the conditions on the sides keep it near."""
    root = groundwater_permeability.precision_root(groundwater_permeability.cells(20)).toarray()
    deviations = np.sqrt(np.diag(np.linalg.inv(root.T @ root)))
    assert 0.95 < deviations.min() <= deviations.max() < 1.1


def test_fields_are_found_where_there_are_data():
    source = poisson_source.build(30, 6).solve(solver="ipopt")
    exact = poisson_source.true_source(*so.pde.Grid.uniform((30, 30)).coordinates)
    assert np.sqrt(np.mean((source["f"] - exact) ** 2)) < 0.25 * np.sqrt(np.mean(exact**2))
    aquifer = groundwater_permeability.build(24, 5).solve(solver="ipopt")
    centers = groundwater_permeability.cells(24).coordinates
    m = groundwater_permeability.true_log_transmissivity(*centers)
    assert np.corrcoef(aquifer["m"].ravel(), m.ravel())[0, 1] > 0.7
