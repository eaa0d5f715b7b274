"""`scan` does what a Python loop does, and its derivatives are those of the loop unrolled."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest

import sparseopt as so

RNG = np.random.default_rng(7)
A = RNG.normal(size=(3, 3)) / 3


def pendulum(c, force):
    """One step of a driven pendulum; the carry is a dict."""
    speed = c["speed"] - 0.1 * np.sin(c["angle"]) + 0.1 * force
    return {"angle": c["angle"] + 0.1 * speed, "speed": speed}, speed**2


def loop(step, carry, inputs):
    """Run a step in Python; inputs are an array."""
    stacked = []
    for x in inputs:
        carry, y = step(carry, x)
        stacked.append(y)
    return carry, np.array(stacked)


def complex_gradient(f, x):
    return np.array([f(x + 1e-30j * e).imag / 1e-30 for e in np.eye(x.size)])


def by_gradients(f, x, v, step=1e-5):
    slope = so.gradient(f, x)
    return (slope(x + step * v) - slope(x - step * v)) / (2 * step)


def test_plain_arrays_give_the_same_numbers_as_a_loop():
    forces = RNG.normal(size=50)
    start = {"angle": 0.4, "speed": -0.2}
    carry, energy = so.scan(pendulum, start, forces)
    expected, energies = loop(pendulum, start, forces)
    np.testing.assert_allclose([carry["angle"], carry["speed"]], list(expected.values()), 1e-13)
    np.testing.assert_allclose(energy, energies, 1e-12)


def test_a_linear_recurrence_has_its_closed_form():
    last, _ = so.scan(lambda x, _: (0.9 * x + 2.0, None), 5.0, length=40)
    np.testing.assert_allclose(last, 20.0 + 0.9**40 * (5.0 - 20.0), rtol=1e-13)


def test_the_logistic_map_at_four_has_its_closed_form():
    angle = 0.1
    last, _ = so.scan(lambda x, _: (4.0 * x * (1.0 - x), None), np.sin(angle) ** 2, length=12)
    np.testing.assert_allclose(last, np.sin(2**12 * angle) ** 2, rtol=1e-9)


def test_sensitivities_of_a_linear_recurrence_have_closed_forms():
    def last(q):
        a, b = q
        return so.scan(lambda x, _: (a * x + b, None), 1.0, length=20)[0]

    # x_T = aᵀ + b (1 - aᵀ) / (1 - a)
    a, b, T = 0.8, 0.5, 20
    by_a = T * a ** (T - 1) + b * (-T * a ** (T - 1) * (1 - a) + 1 - a**T) / (1 - a) ** 2
    by_b = (1 - a**T) / (1 - a)
    np.testing.assert_allclose(so.gradient(last, np.zeros(2))([a, b]), [by_a, by_b], rtol=1e-12)


Pair = namedtuple("Pair", "first second")


def test_carries_may_be_tuples_named_tuples_and_dicts_inside_each_other():
    def step(c, _):
        (a, inner), pair = c
        following = (a + inner["b"], {"b": 2.0 * inner["b"]}), Pair(pair.second, pair.first)
        return following, {"sum": a + pair.first, "none": None}

    start = ((np.zeros(2), {"b": np.ones(2)}), Pair(1.0, np.array([2.0])[0]))
    (pair_of, pair), stacked = so.scan(step, start, length=3)
    np.testing.assert_array_equal(pair_of[0], [7.0, 7.0])
    np.testing.assert_array_equal(pair_of[1]["b"], [8.0, 8.0])
    assert (pair.first, pair.second) == (2.0, 1.0)
    np.testing.assert_array_equal(stacked["sum"], [[1, 1], [3, 3], [4, 4]])
    assert stacked["none"] is None


def everything(z):
    """Traced start, traced inputs, data, captured values, stacked outputs."""
    scale = np.exp(z[0])
    data = np.linspace(-1.0, 1.0, 6)

    def step(c, x):
        force, known = x
        u = np.tanh(A @ c + scale * force) + known * z[1]
        return u, (u[0] * u[1], u)

    last, (products, states) = so.scan(step, z[:3], (z[2:8].reshape(6, 1), data))
    return np.sum(last**2) + np.sum(products * z[2:8]) + np.sum(states[:, 2] ** 3)


def everything_in_python(z):
    data, c, total = np.linspace(-1.0, 1.0, 6), z[:3], 0.0
    for t in range(6):
        c = np.tanh(A @ c + np.exp(z[0]) * z[2 + t]) + data[t] * z[1]
        total = total + c[0] * c[1] * z[2 + t] + c[2] ** 3
    return total + np.sum(c**2)


POINT = RNG.normal(size=8) / 2
DIRECTION = RNG.normal(size=8)


@pytest.fixture(params=["llvm", "numpy"])
def backend(request, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_BACKEND", request.param)
    return request.param


def test_value_and_gradient_of_everything_at_once(backend):
    value, slope = so.value_and_gradient(everything, POINT)(POINT)
    np.testing.assert_allclose(value, everything_in_python(POINT), rtol=1e-13)
    np.testing.assert_allclose(slope, complex_gradient(everything_in_python, POINT), rtol=1e-11)


def test_second_derivatives_of_everything_at_once(backend):
    product = so.hessian_vector_product(everything, POINT)(POINT, DIRECTION)
    unrolled = so.hessian_vector_product(everything_in_python, POINT)(POINT, DIRECTION)
    np.testing.assert_allclose(product, unrolled, rtol=1e-10)
    hessian = so.hessian(everything, POINT)(POINT).toarray()
    np.testing.assert_allclose(hessian @ DIRECTION, product, rtol=1e-10)


def test_a_pushforward_and_the_jacobian_are_those_of_the_unrolled_loop(backend):
    def states(z):
        return so.scan(lambda c, x: (np.sin(c) * x + z[3], c[:1] * x), z[:2], z[4:])[1]

    def unrolled(z):
        return so.scan(lambda c, x: (np.sin(c) * x + z[3], c[:1] * x), z[:2], z[4:], unroll=True)[1]

    J, K = so.jacobian(states, POINT)(POINT), so.jacobian(unrolled, POINT)(POINT)
    np.testing.assert_allclose(J.toarray(), K.toarray(), rtol=1e-12)
    assert J.nnz == K.nnz
    pushed = so.pushforward(states, POINT)(POINT, DIRECTION)
    np.testing.assert_allclose(pushed.ravel(), K @ DIRECTION, rtol=1e-12)


def test_taylor_remainders_fall_with_rates_two_and_three():
    f = so.value_and_gradient(everything, POINT)
    value, slope = f(POINT)
    curvature = DIRECTION @ so.hessian_vector_product(everything, POINT)(POINT, DIRECTION)
    steps = 1e-2 * 0.5 ** np.arange(4)
    change = np.array([f(POINT + h * DIRECTION)[0] for h in steps]) - value
    first = change - steps * (slope @ DIRECTION)
    second = first - steps**2 / 2 * curvature
    np.testing.assert_allclose(np.log2(np.abs(first[:-1] / first[1:])), 2.0, atol=0.1)
    np.testing.assert_allclose(np.log2(np.abs(second[:-1] / second[1:])), 3.0, atol=0.1)


def test_branches_by_where_and_steps_with_large_vectors(backend):
    """A body of many states is run by kernels; NaN of the branch not taken stays out."""
    n = 2000
    start = np.linspace(-1.0, 1.0, n)

    def step(u, x):
        root = np.where(u > 0.0, np.sqrt(np.where(u > 0.0, u, 1.0)), u * x)
        return 0.5 * root + 0.1 * np.concatenate([u[1:], u[:1]]), np.sum(u)

    def f(x, run):
        last, sums = run(step, start, x)
        return np.sum(last**2) + np.sum(sums * x)

    x = np.array([0.3, -0.4, 0.5])
    plain = so.value_and_gradient(lambda x: f(x, _python_loop), x)(x)
    found = so.value_and_gradient(lambda x: f(x, so.scan), x)(x)
    np.testing.assert_allclose(found[0], plain[0], rtol=1e-11)
    np.testing.assert_allclose(found[1], plain[1], rtol=1e-10)
    v = np.array([1.0, 2.0, -1.0])
    products = [
        so.hessian_vector_product(lambda x, run=run: f(x, run), x)(x, v)
        for run in (so.scan, _python_loop)
    ]
    np.testing.assert_allclose(*products, rtol=1e-9)


def _python_loop(step, carry, inputs):
    stacked = []
    for t in range(inputs.shape[0]):
        carry, y = step(carry, inputs[t])
        stacked.append(y)
    return carry, np.stack(stacked)


def test_a_table_of_data_is_looked_up_in_every_step():
    grid, values = np.linspace(0.0, 1.0, 5), np.array([0.0, 1.0, 0.5, 2.0, 1.0])

    def f(x):
        step = lambda u, _: (0.5 * u + 0.1 * np.interp(u, grid, values), None)  # noqa: E731
        return so.scan(step, x[0], length=5)[0]

    u = 0.9
    for _ in range(5):
        u = 0.5 * u + 0.1 * np.interp(u, grid, values)
    value, slope = so.value_and_gradient(f, np.zeros(1))([0.9])
    np.testing.assert_allclose(value, u, rtol=1e-14)
    np.testing.assert_allclose(slope, (f_at(0.9 + 1e-7) - f_at(0.9 - 1e-7)) / 2e-7, rtol=1e-6)


def f_at(u):
    grid, values = np.linspace(0.0, 1.0, 5), np.array([0.0, 1.0, 0.5, 2.0, 1.0])
    for _ in range(5):
        u = 0.5 * u + 0.1 * np.interp(u, grid, values)
    return u


def test_an_optimizers_iterations_are_differentiated_by_its_step_size():
    """Adam on a quadratic: the carry is (x, m, v, count)."""
    curvatures = np.array([1.0, 5.0])

    def after(rate, run):
        def step(c, _):
            x, m, v, k = c
            g = curvatures * x
            m, v, k = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2, k + 1.0
            update = (m / (1.0 - 0.9**k)) / (np.sqrt(v / (1.0 - 0.99**k)) + 1e-8)
            return (x - rate[0] * update, m, v, k), None

        start = (np.array([1.0, -2.0]), np.zeros(2), np.zeros(2), 0.0)
        return run(step, start)

    def scanned(rate):
        x, *_ = after(rate, lambda step, start: so.scan(step, start, length=30)[0])
        return np.sum(curvatures * x**2)

    def in_python(rate):
        def run(step, c):
            for _ in range(30):
                c, _ = step(c, None)
            return c

        return np.sum(curvatures * after(rate, run)[0] ** 2)

    rate = np.array([0.05])
    np.testing.assert_allclose(
        so.gradient(scanned, rate)(rate), complex_gradient(in_python, rate), rtol=1e-10
    )


def test_the_speed_of_a_wave_is_found_from_where_it_arrives():
    n, steps = 40, 60
    x = np.linspace(0.0, 1.0, n)
    pulse = np.exp(-200.0 * (x - 0.3) ** 2)

    def arrivals(speed):
        def step(c, _):
            u, before = c
            curved = np.concatenate([np.zeros(1), np.diff(u, 2), np.zeros(1)])
            return (2.0 * u - before + speed**2 * curved, u), u[-8]

        return so.scan(step, (pulse, pulse), length=steps)[1]

    measured = arrivals(0.8)
    fit = so.minimize(
        lambda z: np.sum((arrivals(z[0]) - measured) ** 2),
        np.array([0.78]),
        method="trust-ncg",
        options={"gtol": 1e-10},
    )
    np.testing.assert_allclose(fit.x, [0.8], rtol=1e-6)


def test_a_scan_inside_of_a_scan_runs_in_python_and_says_so():
    def f(x):
        inner = lambda u: so.scan(lambda c, _: (c * x[0], None), u, length=3)[0]  # noqa: E731
        return so.scan(lambda c, _: (inner(c) + x[1], None), 1.0, length=2)[0]

    with pytest.warns(RuntimeWarning, match="Python runs every step"):
        value, slope = so.value_and_gradient(f, np.zeros(2))([2.0, 3.0])
    a, b = 2.0, 3.0  # a⁶ + b a³ + b
    assert value == a**6 + b * a**3 + b
    np.testing.assert_allclose(slope, [6 * a**5 + 3 * b * a**2, a**3 + 1])


def test_an_exception_inside_of_a_called_function_is_raised_again():
    def fails(u):
        raise ArithmeticError("no luck")

    F = so.external(fails, (1,))

    def f(x):
        return np.sum(so.scan(lambda c, _: (F(c), None), x, length=3)[0])

    with (
        pytest.warns(RuntimeWarning, match="Python runs every step"),
        pytest.raises(ArithmeticError, match="no luck"),
    ):
        so.gradient(f, np.zeros(1))(np.ones(1))


def test_outputs_may_be_dropped():
    last, stacked = so.scan(pendulum, {"angle": 1.0, "speed": 0.0}, np.zeros(4), outputs=None)
    assert stacked is None
    assert set(last) == {"angle", "speed"}


def test_a_model_with_a_loop_is_solved_and_verified():
    times = 25
    rate, capacity = 0.3, 2.0

    def growth(q):
        step = lambda u, _: (u + q[0] * u * (1.0 - u / q[1]), u)  # noqa: E731
        return so.scan(step, 0.1, length=times)[1]

    data = growth(np.array([rate, capacity]))
    m = so.Model()
    q = m.variable("q", 2, lower=0.1, upper=5.0, start=[0.25, 1.8])
    m.minimize(np.sum((growth(q) - data) ** 2))
    solution = m.solve(options={"tol": 1e-12})
    assert solution.success
    np.testing.assert_allclose(solution["q"], [rate, capacity], rtol=1e-7)
