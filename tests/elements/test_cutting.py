"""Long unrolled programs are cut where few values are alive."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.evaluation import Evaluator
from sparseopt.graph.nodes import Input
from sparseopt.graph.program import Program
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.trace import input_array

STEPS = 60


def step(y, u):
    """One Runge-Kutta step of a driven pendulum: state (angle, rate)."""

    def rate(state):
        return np.stack([state[1], u - np.sin(state[0]) - 0.1 * state[0] * state[1]])

    h = 0.05
    k1 = rate(y)
    k2 = rate(y + h / 2 * k1)
    k3 = rate(y + h / 2 * k2)
    return y + h / 6 * (k1 + 4 * k2 + k3)


def end(x):
    y = x[:2]
    for k in range(STEPS):
        y = step(y, x[2 + k])
    return y


@pytest.fixture(scope="module")
def evaluator():
    variable = Input("x", 2 + STEPS)
    x = input_array(variable, (2 + STEPS,))
    outputs = (as_traced(np.sum(x**2)).node, as_traced(end(x)).node)
    return Evaluator(Program((variable,), (), outputs))


def test_stages_end_between_steps(evaluator):
    """Every intermediate is a whole state, and reads the state before it and few controls."""
    stages = evaluator.form.intermediates
    assert 5 <= len(stages) <= STEPS
    for stage in stages:
        assert stage.size == 2
        for block in stage.blocks:
            assert len(block.leaves) <= 8


def test_derivatives_through_the_stages(evaluator):
    """Jacobian, Hessian and products agree with the complex step and with each other."""
    rng = np.random.default_rng(0)
    x, w = rng.uniform(0.1, 1.0, 2 + STEPS), rng.standard_normal(2)
    jacobian = evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(x)).toarray()
    for k in range(x.size):
        shifted = x.astype(complex)
        shifted[k] += 1e-30j
        assert jacobian[:, k] == pytest.approx(end(shifted).imag / 1e-30, rel=1e-12, abs=1e-14)
    hessian = evaluator.hessian_pattern.to_symmetric(evaluator.hessian_values(x, w))
    v = rng.standard_normal(x.size)
    product = evaluator.hessian_vector_product(x, w, v)
    assert hessian @ v == pytest.approx(product, rel=1e-11, abs=1e-12)
    h = 1e-5

    def slope(point):
        return evaluator.gradient(point) + evaluator.pullback(point, w)

    difference = (slope(x + h * v) - slope(x - h * v)) / (2 * h)
    assert product == pytest.approx(difference, rel=1e-6, abs=1e-7)
