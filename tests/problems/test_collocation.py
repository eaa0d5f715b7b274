"""The collocation that COPS' differential equations share."""

import numpy as np
import pytest

import sparseopt as so
from problems.cops import collocation
from problems.cops.collocation import Measurements

SAMPLE = Measurements(time=np.array([0.0, 0.3, 0.5, 0.7, 2.0]), state=np.arange(10.0).reshape(5, 2))


def test_points_are_those_printed_with_cops():
    printed = [0.06943184420297, 0.33000947820757, 0.66999052179243, 0.93056815579703]
    np.testing.assert_allclose(collocation.gauss_points(4), printed, atol=1e-14)
    assert collocation.gauss_points(1).tolist() == [0.5]


def test_weights_are_taylors_and_differentiate():
    np.testing.assert_allclose(collocation.taylor_weights([0.5], 3), [[0.5, 0.125, 0.125 / 6]])
    rates = collocation.taylor_weights([0.5], 3, first_power=0)
    np.testing.assert_allclose(rates, [[1.0, 0.5, 0.125]])


def test_times_on_borders_belong_to_the_right_except_the_last():
    interval, position = SAMPLE.located(4)
    assert interval.tolist() == [0, 0, 1, 1, 3]
    np.testing.assert_allclose(position, [0.0, 0.6, 0.0, 0.4, 1.0])


@pytest.mark.parametrize("num_intervals", [3, 7, 19, 100, 1000])
def test_rounding_moves_no_time_across_a_border(num_intervals):
    """0.95 / 19 and its like are not exact in binary."""
    times = np.arange(1, num_intervals + 1) * (0.95 / num_intervals)
    interval, position = Measurements(times, times[:, None]).located(num_intervals)
    assert interval.tolist() == [*range(1, num_intervals), num_intervals - 1]
    assert position.tolist() == [0.0] * (num_intervals - 1) + [1.0]


def test_start_holds_the_next_measurement_of_every_interval():
    held = SAMPLE.held(8, initial=[-1.0, -2.0])
    expected = [[-1, -2], [2, 3], [4, 5], [8, 9], [8, 9], [8, 9], [8, 9], [8, 9]]
    assert held.tolist() == expected


@pytest.mark.parametrize("num_intervals", [1, 2, 3, 4, 8, 20])
def test_hessian_entries_of_a_fit_are_counted(num_intervals):
    model = so.Model()
    start = np.zeros((num_intervals, 2))
    states = collocation.add_polynomials(model, 3, 2.0 / num_intervals, start)
    model.minimize(SAMPLE.squared_distance(states))
    found = model.problem().hessian_pattern.nnz
    assert found == SAMPLE.num_hessian_entries(num_intervals, num_points=3)


def test_polynomials_of_the_points_degree_are_exact():
    """u' = 4 t^3 with four points on two intervals of length 1: u = t^4 at every time."""
    model = so.Model()
    states = collocation.add_polynomials(model, 4, 1.0, np.zeros((2, 1)))
    time = np.arange(2.0)[:, None] + collocation.gauss_points(4)
    model.subject_to(states.rate[:, :, 0] == 4 * time**3)
    model.subject_to(states.left[0] == 0.0)
    times = np.array([0.25, 1.0, 1.75, 2.0])
    model.minimize(np.sum(states.at(Measurements(times, times[:, None]))))
    solution = model.solve(solver="ipopt")
    np.testing.assert_allclose(solution["left"].ravel(), [0.0, 1.0], atol=1e-8)
    assert solution.objective == pytest.approx(np.sum(times**4), abs=1e-8)
