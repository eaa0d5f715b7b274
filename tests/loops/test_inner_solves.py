"""Loops with equations inside, and equations with loops inside."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so

PYTHON_RUNS = pytest.mark.filterwarnings("ignore:.*Python runs every step")
FORCES = np.array([0.5, 1.0, 2.0])


@PYTHON_RUNS
def test_a_system_in_a_step_has_derivatives_by_the_inputs_of_the_step():
    places = np.arange(2), np.arange(2)

    def f(z):
        step = lambda c, x: (so.linear_solve((x, places), c), None)  # noqa: E731
        return np.sum(so.scan(step, np.ones(2), z.reshape(2, 2))[0])

    z = np.array([2.0, 4.0, 1.0, 5.0])  # f = 1 / (z0 z2) + 1 / (z1 z3)
    products = np.array([2.0, 20.0, 2.0, 20.0])
    np.testing.assert_allclose(so.gradient(f, z)(z), -1.0 / (products * z), rtol=1e-13)


@PYTHON_RUNS
def test_equations_in_a_step_have_derivatives_by_the_inputs_they_capture():
    def f(z):
        def step(c, x):
            root = so.implicit(lambda v: v**3 - x * c, 1.0)
            return root, root

        return so.scan(step, 1.0, z)[0]

    z = np.array([8.0, 4.0])  # f = (z0^(1/3) z1)^(1/3)
    value = (2.0 * 4.0) ** (1 / 3)
    np.testing.assert_allclose(so.gradient(f, z)(z), value / (np.array([9.0, 3.0]) * z), rtol=1e-12)


@PYTHON_RUNS
def test_an_external_function_in_a_step_has_derivatives_by_the_inputs_of_the_step():
    scaled = so.external(lambda x, c: c * x**2, ())
    f = lambda z: so.scan(lambda c, x: (scaled(x, c), None), 1.0, z)[0]  # noqa: E731
    expected = 2.0 * np.prod(FORCES) ** 2 / FORCES
    np.testing.assert_allclose(so.gradient(f, FORCES)(FORCES), expected, rtol=1e-6)


def test_a_loop_inside_of_equations_is_a_shooting_method():
    def end(speed, duration):
        h = duration / 4
        step = lambda c, _: ((c[0] + h * c[1], c[1] - h * c[0]), None)  # noqa: E731
        return so.scan(step, (0.0, speed), length=4)[0][0] - 1.0

    def speed(d):
        return so.implicit(end, 1.0, d[0])

    # position / speed after four Euler steps: 4 h - 4 h³
    d = np.array([2.0])
    per_speed, slope = 4 * 0.5 - 4 * 0.5**3, 1.0 - 3 * 0.5**2
    np.testing.assert_allclose(so.gradient(speed, d)(d), -slope / per_speed**2, rtol=1e-12)


def test_a_step_that_changes_between_calls_is_refused_in_a_function():
    calls = []

    def f(z):
        calls.append(1)
        count = len(calls)
        return so.scan(lambda c, x: (c * count + x, None), 0.0, z)[0]

    with pytest.raises(so.TracingError, match="something else"):
        so.gradient(f, FORCES)


def test_a_short_loop_inside_of_a_loop_is_compiled_when_it_is_unrolled():
    def f(x):
        inner = lambda u: so.scan(lambda c, _: (c * x[0], None), u, length=3, unroll=True)[0]  # noqa: E731
        return so.scan(lambda c, _: (inner(c) + x[1], None), 1.0, length=2)[0]

    a, b = 2.0, 3.0  # a⁶ + b a³ + b, and no warning
    slope = so.gradient(f, np.zeros(2))([a, b])
    np.testing.assert_allclose(slope, [6 * a**5 + 3 * b * a**2, a**3 + 1], rtol=1e-13)
