"""A gradient costs at most four times its value, in operations (Baur and Strassen 1983)."""

from __future__ import annotations

import numpy as np
import pytest

from tests.evaluation.hand_made_cases import CASES
from tests.references import make_evaluator, nothing

FUNCTIONS = {
    **{name: (objective, n) for name, (objective, _, n) in CASES.items()},
    "product": (lambda x: np.prod(x), 12),
    "log_sum_exp": (lambda x: np.log(np.sum(np.exp(x))), 100),
    "quotients_of_sines": (lambda x: np.sum(np.sin(x[1:]) / np.cos(x[:-1])), 50),
    "distances": (lambda x: np.sum(np.sqrt(np.sum((x[:30] - x[30:]) ** 2))), 60),
    "logistic": (lambda x: np.sum(np.logaddexp(0.0, x[1:] * x[:-1])), 40),
    "polynomial": (lambda x: np.sum(x**7 - 3 * x**4 + x**2), 40),
    "hypot": (lambda x: np.sum(np.hypot(x[1:], x[:-1])), 40),
    # a power of two variables is one call here, but three operations: exp(y log x)
    "powers": (lambda x: np.sum(np.exp(x[:-1] * np.log(x[1:]))), 40),
    "network": (lambda x: np.sum(np.tanh(WEIGHTS @ np.tanh(WEIGHTS @ x))), 12),
}
WEIGHTS = np.random.default_rng(0).standard_normal((12, 12))
FACTOR = 4


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient_costs_at_most_four_values(name):
    function, n = FUNCTIONS[name]
    evaluator = make_evaluator(function, nothing, n)
    value = evaluator.schedule("objective").num_operations()
    gradient = evaluator.schedule("gradient").num_operations()
    # adding the terms of a sum is part of a value's cost, too, but is done by the scatter
    additions = sum(k.count * len(k.terms) for k in evaluator.schedule("objective").kernels())
    assert gradient <= FACTOR * (value + additions), (gradient, value, additions)


@pytest.mark.parametrize("name", ["luksan_vlcek", "padded_stencil", "log_sum_exp"])
def test_cost_of_the_gradient_does_not_depend_on_the_number_of_variables(name):
    ratios = []
    for n in (30, 120):
        function = FUNCTIONS[name][0]
        evaluator = make_evaluator(function, nothing, n)
        costs = [evaluator.schedule(k).num_operations() for k in ("objective", "gradient")]
        ratios.append(costs[1] / costs[0])
    assert ratios[1] <= 1.1 * ratios[0]
