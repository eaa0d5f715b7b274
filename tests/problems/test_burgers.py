"""The synthetic readings behind an assimilation of Burgers' equation, and what is found in them."""

import numpy as np
import pytest

from problems.pde import burgers


def test_true_states_are_those_of_the_closed_form():
    """By the transformation of Cole and Hopf, in a frame that moves with the mean velocity 1/2."""
    x = np.arange(burgers.FINE_POINTS) / burgers.FINE_POINTS
    wave = 2j * np.pi * np.fft.rfftfreq(x.size, 1 / x.size)
    potential = 0.2 * np.sin(4 * np.pi * x) / (4 * np.pi) - 0.4 * np.cos(2 * np.pi * x) / (
        2 * np.pi
    )
    first = np.fft.rfft(np.exp(-potential / (2 * burgers.VISCOSITY)))
    last = first * np.exp(burgers.VISCOSITY * wave**2)
    moving = -2 * burgers.VISCOSITY * np.fft.irfft(wave * last) / np.fft.irfft(last)
    expected = 0.5 + np.roll(moving, x.size // 2)
    np.testing.assert_allclose(burgers.true_states()[-1], expected, rtol=0, atol=1e-9)


def test_values_of_the_background_have_the_stated_deviation():
    factor = burgers.background_precision(256).toarray()
    covariance = np.linalg.inv(factor.T @ factor)
    deviations = np.sqrt(np.diag(covariance))
    assert deviations == pytest.approx(burgers.BACKGROUND_ERROR, rel=1e-2)


@pytest.mark.parametrize(("num_points", "num_steps"), [(32, 50), (64, 20)])
def test_viscosity_and_initial_state_are_found(num_points, num_steps):
    solution = burgers.build(num_points, num_steps).solve(solver="ipopt")
    assert np.exp(solution["log_viscosity"]) == pytest.approx(burgers.VISCOSITY, rel=0.05)
    error = solution["first"] - burgers.true_initial_state(np.arange(num_points) / num_points)
    assert np.abs(error).max() < 0.06  # the state goes from -0.1 to 0.8
