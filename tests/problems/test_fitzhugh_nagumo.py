"""The synthetic movie of excitable tissue, and how well its rates are known from it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import sparseopt as so
from problems.pde import fitzhugh_nagumo as problem


def test_the_movie_solves_the_equations_of_a_finer_grid():
    grid = problem.tissue(8)
    laplacian = so.pde.laplacian_operator(grid, problem.CLOSED)

    def change(_, state):
        rates = problem.changes(state.reshape(2, 8, 8), laplacian, **problem.TRUE)
        return rates.ravel()

    first = np.stack(problem.beginning(*grid.coordinates)).ravel()
    times = problem.FRAME_STEP * np.arange(4)
    solved = solve_ivp(change, times[[0, -1]], first, "DOP853", times, rtol=1e-10, atol=1e-12)
    cells = solved.y.T[1:, :64].reshape(3, 4, 2, 4, 2)
    np.testing.assert_allclose(problem.true_movie(4, 3), cells.mean(axis=(2, 4)), atol=1e-5)


def test_standard_errors_cover_the_true_rates():
    fit = problem.build(12, 8).solve(solver="ipopt")
    errors = fit.uncertainty()
    assert set(errors.parameters) == set(problem.TRUE)
    assert errors.residual_variance == pytest.approx(1.0, abs=0.1)
    for name, true in problem.TRUE.items():
        deviation = float(errors.standard_error(name))
        assert abs(fit[name] - true) < 4 * deviation
        assert deviation < 0.15 * true
