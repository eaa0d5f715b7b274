"""Finite-element problems: what is known of their solutions beside the objective."""

import numpy as np
import pytest
import skfem

from problems.pde import elasticity_modulus, minimal_surface_fem, obstacle_fem


def error_of_the_membrane(num_cells):
    axis = np.linspace(-2.0, 2.0, num_cells + 1)
    mesh = skfem.MeshTri.init_tensor(axis, axis)
    radius = np.maximum(np.hypot(*skfem.Basis(mesh, skfem.ElementTriP1()).doflocs), 1e-9)
    is_free = radius > obstacle_fem.CONTACT_RADIUS
    exact = np.where(is_free, obstacle_fem.membrane(radius), obstacle_fem.obstacle(radius))
    return np.max(np.abs(obstacle_fem.build(num_cells).solve()["u"] - exact))


def test_the_membrane_converges_to_the_exact_one():
    coarse, fine = map(error_of_the_membrane, (16, 64))
    assert fine < 0.1 * coarse < 0.002


def test_areas_converge_to_that_of_the_exact_surface_with_a_rate_near_four():
    areas = [minimal_surface_fem.build(n).solve().objective for n in (8, 16)]
    errors = np.array(areas) - 5.697512211587
    assert np.log2(errors[0] / errors[1]) == pytest.approx(3.7, abs=0.1)


def test_the_modulus_of_the_disk_is_found():
    solution = elasticity_modulus.build(16).solve()
    plate = elasticity_modulus.Plate(16)
    x, y = plate.vertices.doflocs
    exact = elasticity_modulus.true_log_modulus(x, y)
    inner = (np.abs(x - 0.5) < 0.4) & (np.abs(y - 0.5) < 0.4)
    error = np.sqrt(np.mean((solution["m"] - exact)[inner] ** 2))
    assert error < 0.35 * np.sqrt(np.mean(exact[inner] ** 2))


def test_the_data_of_the_modulus_come_from_a_finer_grid():
    data, plate = elasticity_modulus.measured_displacement(8), elasticity_modulus.Plate(8)
    own = plate.deformed(elasticity_modulus.true_log_modulus(*plate.vertices.doflocs))
    noise = np.random.default_rng(elasticity_modulus.SEED).standard_normal(own.size)
    assert np.abs(data - own - elasticity_modulus.NOISE * noise).max() > 1e-4
