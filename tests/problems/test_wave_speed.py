"""Wave speeds: the loop against the same steps all at once, its derivatives, its data."""

import functools
import itertools

import numpy as np
import pytest

from problems.pde import wave_speed
from sparseopt.reduction.taylor_test import taylor_test


@functools.cache
def solved(form):
    return wave_speed.build(20, form).solve(solver="ipopt", options={"tol": 1e-9})


def test_the_loop_has_the_optimum_of_all_steps_at_once():
    loop, whole = solved("scan"), solved("all_at_once")
    assert loop.objective == pytest.approx(whole.objective, rel=1e-6)
    np.testing.assert_allclose(loop["c"], whole["c"], rtol=1e-6)


def test_taylor_remainders_of_the_loop_fall_with_rates_two_and_three():
    problem = wave_speed.build(20).problem()
    direction = np.random.default_rng(3).standard_normal(21)
    found = taylor_test(problem, problem.initial_point, direction, seed=0)
    assert found.first_rate == pytest.approx(2.0, abs=0.05)
    assert found.second_rate == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("checkpoints", [1, 5])
def test_derivatives_do_not_depend_on_the_checkpoints(checkpoints):
    problems = [wave_speed.build(20, checkpoints=c).problem() for c in (None, checkpoints)]
    c = wave_speed.true_speed(np.linspace(0.0, 1.0, 21))
    expected, found = (problem.gradient(c) for problem in problems)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    expected, found = (problem.hessian_vector_product(c, None, c) for problem in problems)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_steps_have_order_two():
    """At the receivers before the wave comes to the right end, whose condition has order one."""
    records = []
    for cells in (40, 80, 160):
        steps = wave_speed.steps_of(cells)
        c = wave_speed.true_speed(np.linspace(0.0, 1.0, cells + 1))
        found = wave_speed.pressures(c, steps, wave_speed.receivers_of(cells))
        every = cells // 40
        records.append(found[every - 1 :: every][:60])
    differences = [np.abs(a - b).max() for a, b in itertools.pairwise(records)]
    assert np.log2(differences[0] / differences[1]) == pytest.approx(2.0, abs=0.15)


def test_steps_keep_the_condition_of_courant_friedrichs_and_lewy():
    for cells in (10, 25, 200):
        spacing = wave_speed.LENGTH / cells
        step = wave_speed.DURATION / wave_speed.steps_of(cells)
        assert wave_speed.SPEED_UPPER * step / spacing <= 1.0


def test_layers_are_found():
    x = np.linspace(0.0, 1.0, 41)
    found = wave_speed.build(40).solve(solver="L-BFGS-B")["c"]
    error = found - wave_speed.true_speed(x)
    assert np.sqrt(np.mean(error[x <= 0.8] ** 2)) < 0.08  # the layers are 0.25 and 0.3
