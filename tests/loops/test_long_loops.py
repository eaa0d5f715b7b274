"""A million steps: memory, one recording, one compilation; repeated sweeps counted."""

from __future__ import annotations

import tracemalloc

import numpy as np

import sparseopt as so
from sparseopt.loops import compiled, function
from sparseopt.loops.checkpoints import fewest_forward_steps
from sparseopt.tracing.traced_array import TracedArray

STEPS = 1_000_000


def counted(monkeypatch):
    """Return the loops compiled and the nodes made, from now on."""
    made = {"loops": [], "functions": []}
    for kind, owner in (("loops", compiled.CompiledLoop), ("functions", function.ScanFunction)):
        build = owner.__init__

        def counting(self, *arguments, build=build, found=made[kind]):
            build(self, *arguments)
            found.append(self)

        monkeypatch.setattr(owner, "__init__", counting)
    return made


def test_a_million_steps_are_recorded_and_compiled_once(monkeypatch):
    made, traces = counted(monkeypatch), []

    def step(u, _):
        traces.append(isinstance(u, TracedArray))
        return u + 1e-6 * (np.roll(u, 1) - u) * q, None

    m = so.Model()
    q = m.variable("q", 10)
    start = np.linspace(0.0, 1.0, 10)
    u, _ = so.scan(step, start, length=STEPS, outputs=None, checkpoints=1413)
    m.minimize(np.sum(u**2))
    problem, x = m.problem(), np.ones(10)
    tracemalloc.start()
    value = problem.objective(x)
    slope = problem.gradient_values(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert traces == [True]
    assert len(made["functions"]) == len(made["loops"]) == 1
    (loop,) = made["loops"]
    assert loop.is_fused
    assert loop.most_stored == 1413
    assert loop.forward_steps == fewest_forward_steps(STEPS, 1413)
    assert peak < 2e6  # bytes: the carries take 113 kB
    h = 1e-4 * np.sin(np.arange(10.0))
    change = (problem.objective(x + h) - problem.objective(x - h)) / 2
    np.testing.assert_allclose(slope @ h, change, rtol=1e-6)
    assert np.isfinite(value)
    assert len(made["loops"]) == 1


def test_ten_carries_are_enough_for_a_hundred_thousand_steps(monkeypatch):
    made = counted(monkeypatch)

    def last(q):
        step = lambda u, _: (u - 1e-5 * q[0] * u, None)  # noqa: E731
        return so.scan(step, 1.0, length=100_000, checkpoints=10)[0]

    slope = so.gradient(last, np.zeros(1))([2.0])
    # (1 - q h)ⁿ with n h = 1
    np.testing.assert_allclose(slope, -((1 - 2e-5) ** 99_999), rtol=1e-9)
    (loop,) = made["loops"]
    assert loop.most_stored == 10
    assert loop.forward_steps == fewest_forward_steps(100_000, 10) == 832_040


def test_a_value_and_a_gradient_at_one_point_share_the_first_sweep(monkeypatch):
    made = counted(monkeypatch)

    def cost(q):
        return so.scan(lambda u, _: (np.sin(u) * q[0], None), 1.0, length=5000)[0] ** 2

    so.gradient(cost, np.zeros(1))([1.0])
    (loop,) = made["loops"]
    assert loop.forward_steps == 4999, "every carry is stored, the first one without a step"


def test_a_product_with_the_hessian_takes_one_sweep_forward_and_one_back(monkeypatch):
    made = counted(monkeypatch)

    def cost(q):
        return so.scan(lambda u, _: (np.sin(u) * q[0], None), 1.0, length=5000)[0] ** 2

    product = so.hessian_vector_product(cost, np.zeros(1))
    product([1.0], [1.0])
    values, moved = made["loops"]
    assert values.forward_steps == moved.forward_steps == 4999
    product([1.0], [2.0])
    assert (values.forward_steps, moved.forward_steps) == (4999, 2 * 4999)


def test_controls_of_every_step_and_outputs_take_the_memory_of_their_own():
    steps = 200_000

    def cost(u):
        last, speeds = so.scan(lambda x, u: (0.999 * x + u, x), 0.0, u)
        return last + np.sum(speeds)

    u = np.zeros(steps)
    slope = so.gradient(cost, u)(u)
    # what a control adds later: Σ 0.999ʲ, and to the last carry
    np.testing.assert_allclose(slope[-3:], [0.999**2 + 1.999, 0.999 + 1.0, 1.0], rtol=1e-12)
    np.testing.assert_allclose(slope[0], 1000.0, rtol=1e-12)
