"""Taylor tests of reduced problems, and of wrong derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from problems.pde import bratu_control, heat_identification
from sparseopt.reduction.taylor_test import taylor_test
from tests.reduction.small_models import linear, reaction


@pytest.mark.parametrize("seed", [0, 1])
def test_remainders_fall_with_rates_two_and_three(seed):
    found = reaction().reduce("u").taylor_test([0.3, -0.2, 0.5, 0.1], seed=seed)
    assert found.first_rate == pytest.approx(2.0, abs=0.1)
    assert found.second_rate == pytest.approx(3.0, abs=0.1)
    assert found.ok
    assert "rate" in str(found)


@pytest.mark.parametrize(
    ("model", "states"), [(heat_identification.build(8), "u"), (bratu_control.build(6), "u")]
)
def test_remainders_of_the_problems_fall_with_their_rates(model, states):
    reduced = model.reduce(states)
    direction = np.random.default_rng(3).standard_normal(reduced.num_variables)
    found = reduced.taylor_test(reduced.initial_point, direction)
    assert found.first_rate == pytest.approx(2.0, abs=0.1)
    assert found.second_rate >= 2.9


def test_a_remainder_that_is_nothing_has_an_infinite_rate():
    found = linear().reduce("u").taylor_test([1.0, 2.0], [1.0, 1.0])
    assert found.second_rate == np.inf


class Wrong:
    """The cube with a derivative that is wrong."""

    def __init__(self, slope, curvature):
        self.slope, self.curvature = slope, curvature

    def objective(self, p):
        return float(p[0] ** 3)

    def gradient(self, p):
        return self.slope * p**2

    def hessian_vector_product(self, p, multipliers, vector):
        return self.curvature * p * vector


def test_wrong_derivatives_lower_the_rates():
    at, along = np.array([1.0]), np.array([1.0])
    assert taylor_test(Wrong(3.0, 6.0), at, along, 0).ok
    wrong_slope = taylor_test(Wrong(3.1, 6.0), at, along, 0)
    assert wrong_slope.first_rate == pytest.approx(1.0, abs=0.1)
    wrong_curvature = taylor_test(Wrong(3.0, 6.1), at, along, 0)
    assert wrong_curvature.first_rate == pytest.approx(2.0, abs=0.1)
    assert not wrong_curvature.ok


class Edge:
    """The logarithm of the distance to 1.001, undefined beyond."""

    def objective(self, p):
        return float(np.log(1.001 - p[0])) if p[0] < 1.001 else np.nan

    def gradient(self, p):
        return -1.0 / (1.001 - p)

    def hessian_vector_product(self, p, multipliers, vector):
        return -vector / (1.001 - p) ** 2


def test_steps_beyond_the_domain_and_nonlinear_ones_say_nothing():
    found = taylor_test(Edge(), np.array([1.0]), np.array([1.0]), 0)
    assert np.isnan(found.first_order[0])
    assert found.first_rates[-3:] == pytest.approx([2.0] * 3, abs=0.1)
    assert found.second_rates[-3:] == pytest.approx([3.0] * 3, abs=0.1)
    assert found.ok
