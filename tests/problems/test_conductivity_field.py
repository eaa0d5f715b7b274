"""Conductivity fields: the same optimum by solving the equation inside, data that are not exact."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares

import sparseopt as so
from problems.pde import conductivity_field, conductivity_field_3d, temperature_data


def reduced_optimum(module, num_cells, dimension):
    """Return the objective that SciPy finds in the field alone, by differences."""
    grid = so.pde.Grid.uniform((num_cells,) * dimension)
    data, deviation = temperature_data.measured(
        num_cells, module.true_log_conductivity, module.SOURCE, module.sides(), dimension
    )
    place = (slice(None, None, 2 if dimension == 3 else 1),) * dimension
    rough = module.ROUGHNESS * (np.sqrt(num_cells) if dimension == 3 else 1.0)
    smooth = temperature_data.differences(grid.shape)

    def residuals(q):
        u = temperature_data.temperature(grid, q.reshape(grid.shape), module.SOURCE, module.sides())
        return np.concatenate([((u - data)[place] / deviation).ravel(), smooth @ q / rough])

    return least_squares(residuals, np.zeros(grid.size), ftol=1e-14, xtol=1e-12, gtol=1e-10).cost


@pytest.mark.parametrize(
    ("module", "num_cells", "dimension"),
    [(conductivity_field, 4, 2), (conductivity_field_3d, 3, 3)],
)
def test_full_space_has_the_optimum_of_the_reduced_space(module, num_cells, dimension):
    solution = module.build(num_cells).solve(solver="ipopt", options={"tol": 1e-9})
    expected = reduced_optimum(module, num_cells, dimension)
    assert solution.objective == pytest.approx(expected, rel=1e-7)


def test_the_field_is_found_from_a_fine_picture():
    solution = conductivity_field.build(40).solve(solver="ipopt")
    centers = so.pde.Grid.uniform((40, 40)).coordinates
    error = solution["q"] - conductivity_field.true_log_conductivity(*centers)
    assert np.sqrt(np.mean(error**2)) < 0.12  # the field goes from -1.1 to 1.1


def test_blocks_do_not_depend_on_the_number_of_cells():
    for module, sizes, most in (
        (conductivity_field, (8, 20), 11),
        (conductivity_field_3d, (4, 7), 29),
    ):
        counts = {module.build(n).problem().evaluator.form.num_blocks() for n in sizes}
        assert len(counts) == 1
        assert counts.pop() <= most
