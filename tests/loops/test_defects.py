"""The loop written all at once: what it is zero for, its pattern, one recording of all steps."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so

LAPLACE = sp.csr_array(np.diag(np.full(3, -2.0)) + np.eye(3, k=1) + np.eye(3, k=-1))
WEIGHTS = np.array([1.0, 2.0, 3.0])


def step(c, x):
    """Sparse products, sums, data, joined and chosen elements."""
    u = c["u"] + 0.1 * (LAPLACE @ c["u"]) + x * WEIGHTS
    total = np.sum(c["u"] ** 2)
    return {"u": u[::-1] * np.tanh(total), "s": total + c["s"]}, np.append(u, total)


def carries_of(inputs):
    rows = [{"u": np.array([0.1, 0.2, -0.3]), "s": np.float64(0.0)}]
    for x in inputs:
        rows.append(step(rows[-1], x)[0])
    return {key: np.array([row[key] for row in rows]) for key in ("u", "s")}


INPUTS = np.array([0.4, -0.2, 0.3, 0.1, 0.0])


def test_defects_vanish_where_the_carries_follow_the_steps():
    carries = carries_of(INPUTS)
    defects, outputs = so.scan_defects(step, carries, INPUTS)
    assert defects["u"].shape == (5, 3)
    np.testing.assert_allclose(defects["u"], 0.0, atol=1e-15)
    np.testing.assert_allclose(defects["s"], 0.0, atol=1e-15)
    expected = so.scan(step, {"u": carries["u"][0], "s": 0.0}, INPUTS)[1]
    np.testing.assert_allclose(outputs, expected, rtol=1e-14)


def test_defects_are_the_next_step_minus_the_next_carry():
    rng = np.random.default_rng(3)
    carries = {"u": rng.normal(size=(6, 3)), "s": rng.normal(size=6)}
    defects, _ = so.scan_defects(step, carries, INPUTS)
    for t, x in enumerate(INPUTS):
        following, _ = step({"u": carries["u"][t], "s": carries["s"][t]}, x)
        np.testing.assert_allclose(defects["u"][t], following["u"] - carries["u"][t + 1], 1e-13)
        np.testing.assert_allclose(defects["s"][t], following["s"] - carries["s"][t + 1], 1e-13)


def test_the_jacobian_has_two_block_diagonals():
    def defects(z):
        return so.scan_defects(lambda c, _: (np.sin(LAPLACE @ c), None), z.reshape(5, 3))[0]

    pattern = so.jacobian_pattern(defects, np.zeros(15))
    blocks = {(r // 3, c // 3) for r, c in zip(pattern.rows, pattern.cols, strict=True)}
    assert blocks == {(t, t) for t in range(4)} | {(t, t + 1) for t in range(4)}
    assert pattern.nnz == 4 * (7 + 3)


def test_what_the_step_captures_is_the_same_at_all_times():
    def defects(z):
        rate, offset = z[0], z[1:3]
        return so.scan_defects(lambda c, _: (rate * c + offset, None), z[3:].reshape(4, 2))[0]

    z = np.arange(11.0)
    J = so.jacobian(defects, z)(z).toarray()
    np.testing.assert_array_equal(J[:, 0], z[3:9])
    np.testing.assert_array_equal(J[:, 1:3], np.tile(np.eye(2), (3, 1)))


def test_full_and_reduced_space_agree():
    """The same step as equality constraints and as one node: one optimum."""
    steps, target = 20, 0.7

    def motion(c, force):
        return c + 0.1 * (force - np.sin(c)), None

    full = so.Model()
    x, u = full.variable("x", steps + 1), full.variable("u", steps)
    full.subject_to(so.scan_defects(motion, x, u)[0] == 0.0)
    full.subject_to(x[0] == 0.0)
    full.minimize(np.sum(u**2) + 10.0 * (x[-1] - target) ** 2)

    reduced = so.Model()
    v = reduced.variable("u", steps)
    last, _ = so.scan(motion, 0.0, v)
    reduced.minimize(np.sum(v**2) + 10.0 * (last - target) ** 2)

    one, other = full.solve(options={"tol": 1e-10}), reduced.solve(options={"tol": 1e-10})
    np.testing.assert_allclose(one["u"], other["u"], atol=1e-7)


def test_the_size_of_the_recording_does_not_grow_with_the_number_of_steps():
    def nodes(steps):
        def defects(z):
            return so.scan_defects(lambda c, _: (np.sin(c) * c, None), z)[0]

        from_steps = so.jacobian(defects, np.zeros(steps + 1))
        return from_steps.pattern.nnz, steps

    assert nodes(10) == (20, 10)
    assert nodes(100_000) == (200_000, 100_000)


def test_a_function_that_is_not_numpy_is_called_for_every_step():
    def f(z):
        A = np.array([[2.0, 1.0], [0.0, 4.0]])
        step = lambda c, _: (np.linalg.solve(A * (1.0 + c[0] ** 2), c), None)  # noqa: E731
        return so.scan_defects(step, z.reshape(3, 2))[0]

    z = np.linspace(0.1, 0.6, 6)
    J = so.jacobian(f, z)(z).toarray()
    differences = (
        np.array([(f(z + 1e-6 * e) - f(z - 1e-6 * e)).ravel() for e in np.eye(6)]).T / 2e-6
    )
    np.testing.assert_allclose(J, differences, atol=1e-9)


@pytest.mark.parametrize("steps", [1, 4])
def test_unrolled_loops_are_the_same_function(steps):
    def f(run):
        return lambda x: np.sum(run(lambda c, u: (np.sin(c * u), c), x[0], x[1:])[1])

    x = np.linspace(0.5, 1.0, steps + 1)
    H = so.hessian(f(lambda *a: so.scan(*a, unroll=True)), x)(x).toarray()
    np.testing.assert_allclose(so.hessian(f(so.scan), x)(x).toarray(), H, rtol=1e-12, atol=1e-15)
