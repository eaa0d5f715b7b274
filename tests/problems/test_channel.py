"""Flow in a channel against an independent solution of the boundary value problem."""

import numpy as np
import pytest
from scipy.integrate import solve_bvp

from problems.cops import channel


def independent_start():
    """Return u, u', u'', u''' at 0 by SciPy's collocation of fourth order."""

    def rates(_, u):
        return np.vstack([u[1:], channel.REYNOLDS * (u[1] * u[2] - u[0] * u[3])])

    def ends(left, right):
        return np.array([left[0], left[1], right[0] - 1, right[1]])

    t = np.linspace(0, 1, 201)
    guess = np.stack([t**2 * (3 - 2 * t), 6 * t * (1 - t), 6 - 12 * t, np.full(t.size, -12.0)])
    solution = solve_bvp(rates, ends, t, guess, tol=1e-7, max_nodes=10_000)
    assert solution.success
    return solution.y[:, 0]


@pytest.mark.parametrize("form", ["eliminated", "lifted"])
def test_curvature_at_the_wall_agrees_with_an_independent_solution(form):
    solution = channel.build(num_intervals=20, form=form).solve(solver="ipopt")
    np.testing.assert_allclose(solution["v"][0], independent_start(), rtol=1e-6, atol=1e-7)
