"""The synthetic movie behind the identification of reaction rates, and what is found in it."""

import numpy as np
from scipy.integrate import solve_ivp

from problems.pde import reaction_rates


def test_movie_solves_the_discretized_equations():
    points, frames = 16, 8
    first = reaction_rates.true_movie(points, 0)[0]

    def change(_, state):
        x, y = state.reshape(2, points)
        return np.ravel(reaction_rates.changes(reaction_rates.TRUE_RATES, x, y))

    times = reaction_rates.FRAME_STEP * np.arange(frames + 1)
    solved = solve_ivp(
        change, times[[0, -1]], first.ravel(), "DOP853", times, rtol=1e-10, atol=1e-12
    )
    expected = solved.y.T.reshape(frames + 1, 2, points)
    np.testing.assert_allclose(reaction_rates.true_movie(points, frames), expected, atol=1e-8)


def test_rates_are_found_to_about_the_noise():
    solution = reaction_rates.build(40, 32).solve(solver="ipopt")
    np.testing.assert_allclose(solution["k"], reaction_rates.TRUE_RATES, rtol=1e-2)
