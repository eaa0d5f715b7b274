"""Orders of time stepping schemes, their equations, masses, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from sparseopt import pde
from sparseopt.errors import DiscretizationError, NonFiniteError, ShapeError
from sparseopt.pde.schemes import SCHEMES, scheme_named

DECAY = np.array([[2.0, -1.0], [0.5, 1.0]])


def rate(u, t):
    """Return the rate of an equation whose solution is (sin t, cos 2t), stiff to no degree."""
    exact = np.concatenate([np.sin(t), np.cos(2 * t)], axis=1)
    slope = np.concatenate([np.cos(t), -2 * np.sin(2 * t)], axis=1)
    return slope - (u - exact) @ DECAY.T - 0.3 * (u - exact) ** 2


def final_error(scheme, times, mass=None, rate=rate):
    """Return the error at the last time when all steps are solved at once by Newton's method."""
    count = times.size
    exact = np.stack([np.sin(times), np.cos(2 * times)], axis=1)
    inner = pde.stage_times(times, scheme)
    start = np.concatenate([exact[1:].ravel(), np.zeros(2 * inner.size)]) + 0.1

    def residual(z):
        u = np.concatenate([exact[:1], z[: 2 * count - 2].reshape(-1, 2)])
        stages = z[2 * count - 2 :].reshape(-1, 2) if inner.size else None
        return pde.time_steps(rate, u, times, scheme, mass=mass, stages=stages).reshape(-1)

    jacobian = so.jacobian(residual, start)
    for _ in range(8):
        start = start - sp.linalg.spsolve(jacobian(start).tocsc(), residual(start))
    assert np.max(np.abs(residual(start))) < 1e-12
    return np.max(np.abs(start[: 2 * count - 2].reshape(-1, 2)[-1] - exact[-1]))


@pytest.mark.parametrize("spacing", ["equal", "graded"])
@pytest.mark.parametrize("scheme", pde.scheme_names())
def test_errors_fall_with_the_order_of_the_scheme(scheme, spacing):
    counts = (40, 80) if scheme == "lobatto" else (160, 320)
    grade = 1.0 if spacing == "equal" else 1.4
    errors = [final_error(scheme, 2.0 * np.linspace(0.0, 1.0, n + 1) ** grade) for n in counts]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(SCHEMES[scheme].order, abs=0.1)


@pytest.mark.parametrize("scheme", pde.scheme_names())
def test_equations_of_equal_steps_are_those_of_the_textbook(scheme):
    u, v = np.array([1.0, 3.0, 4.0]), np.array([2.0, 7.0])
    times = [0.0, 0.5, 1.0]
    stages = v if scheme in ("radau", "lobatto") else None
    found = pde.time_steps(lambda u, t: u**2 + t, u, times, scheme, stages=stages)
    f0, f1, f2 = u**2 + np.array(times)
    g = v**2 + pde.stage_times(times, "radau" if scheme == "radau" else "lobatto")
    expected = {
        "explicit_euler": [2 - 0.5 * f0, 1 - 0.5 * f1],
        "implicit_euler": [2 - 0.5 * f1, 1 - 0.5 * f2],
        "crank_nicolson": [2 - 0.25 * (f0 + f1), 1 - 0.25 * (f1 + f2)],
        "bdf2": [2 - 0.5 * f1, 0.5 - 6 + 6 - 0.5 * f2],
        "radau": [
            [-2 + 3 + 1.5 - 0.5 * g[0], 2 - 9 + 7.5 - 0.5 * f1],
            [-6 + 10.5 + 2 - 0.5 * g[1], 6 - 31.5 + 10 - 0.5 * f2],
        ],
        "lobatto": [
            [1 - 0.5 * (5 * f0 + 8 * g[0] - f1) / 24, 2 - 0.5 * (f0 + 4 * g[0] + f1) / 6],
            [4 - 0.5 * (5 * f1 + 8 * g[1] - f2) / 24, 1 - 0.5 * (f1 + 4 * g[1] + f2) / 6],
        ],
    }
    np.testing.assert_allclose(found, expected[scheme], rtol=1e-13, atol=1e-13)


def test_a_mass_multiplies_differences_of_states():
    times = np.linspace(0.0, 1.0, 6)
    matrix = sp.csr_array(np.array([[2.0, 1.0], [0.0, 3.0]]))
    plain = final_error("crank_nicolson", times)

    def heavy(u, t):
        return rate(u, t) @ matrix.toarray().T

    assert final_error("crank_nicolson", times, matrix, heavy) == pytest.approx(plain, rel=1e-9)
    halves = final_error("bdf2", times, np.array([0.5, 2.0]), lambda u, t: rate(u, t) * [0.5, 2.0])
    assert halves == pytest.approx(final_error("bdf2", times), rel=1e-9)


def test_a_mass_of_zero_makes_an_equation_algebraic():
    u = np.array([[1.0, 4.0], [2.0, 6.0], [4.0, 8.0]])
    found = pde.time_steps(
        lambda u, t: np.stack([u[:, 0], u[:, 1] - 2 * u[:, 0]], axis=1),
        u,
        [0.0, 1.0, 2.0],
        mass=np.array([1.0, 0.0]),
    )
    assert found.tolist() == [[-1.0, -2.0], [-2.0, -0.0]]


@pytest.mark.parametrize("scheme", pde.scheme_names())
def test_rates_are_called_once_for_each_place_in_a_step(scheme):
    calls = []

    def counted(u, t):
        calls.append((u.shape, t.shape))
        return -u

    stages = np.ones((9, 4)) if scheme in ("radau", "lobatto") else None
    pde.time_steps(counted, np.ones((10, 4)), np.arange(10.0), scheme, stages=stages)
    assert len(calls) == (2 if stages is not None else 1)


@pytest.mark.parametrize("scheme", pde.scheme_names())
def test_the_number_of_blocks_does_not_depend_on_steps_and_points(scheme):
    def num_blocks(steps, points):
        grid = pde.Grid.uniform(points)
        sides = {"left": pde.Dirichlet(1.0), "right": pde.Neumann(0.0)}
        model = so.Model("heat")
        u = model.variable("u", (steps + 1, points))
        stages = None
        if scheme in ("radau", "lobatto"):
            stages = model.variable("stages", (steps, points))
        times = np.linspace(0.0, 1.0, steps + 1)
        defects = pde.time_steps(
            lambda u, t: pde.diffusion(u, lambda u: 1 + u**2, grid, sides),
            u,
            times,
            scheme,
            stages=stages,
        )
        model.minimize(np.sum(u**2))
        model.subject_to(defects == 0, name="heat")
        return model.problem().evaluator.form.num_blocks()

    assert num_blocks(8, 6) == num_blocks(12, 20) <= 13


def test_schemes_with_wrong_coefficients_are_refused():
    radau = scheme_named("radau")
    with pytest.raises(ValueError, match="polynomial of degree 0"):
        replace(radau, differences=radau.differences + 0.1)
    with pytest.raises(ValueError, match="not exact for rates of degree 1"):
        replace(scheme_named("implicit_euler"), order=2)
    with pytest.raises(ValueError, match="do not ascend"):
        replace(radau, fractions=np.array([0.0, 1.0, 0.5]))
    with pytest.raises(ValueError, match="not of shape"):
        replace(radau, rates=np.eye(2))


TIMES = np.linspace(0.0, 1.0, 4)
STATES = np.ones((4, 3))


def test_states_and_rates_may_be_lists():
    found = pde.time_steps(lambda u, t: [-1.0, -2.0], [1.0, 3.0, 7.0], [0.0, 1.0, 2.0])
    assert found.tolist() == [3.0, 6.0]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"scheme": "crank_nicholson"}, DiscretizationError, "did you mean 'crank_nicolson'"),
        ({"times": TIMES[::-1]}, DiscretizationError, "do not ascend"),
        ({"times": [0.0, 0.5, 0.5, 1.0]}, DiscretizationError, "do not ascend"),
        ({"times": [0.0, np.nan, 0.5, 1.0]}, NonFiniteError, "times is nan at"),
        ({"times": TIMES[:3]}, ShapeError, "for 3 times"),
        ({"rate": lambda u, t: u[0]}, ShapeError, "rate returned shape"),
        ({"scheme": ["bdf2"]}, DiscretizationError, "no time stepping scheme"),
        ({"rate": 3.0}, DiscretizationError, "the rate is float"),
        ({"rate": lambda u: -u}, DiscretizationError, r"the rate cannot be called as f\(u, t\)"),
        ({"scheme": "radau"}, DiscretizationError, "declare a variable of shape"),
        ({"scheme": "radau", "stages": STATES}, ShapeError, "expected"),
        ({"stages": STATES}, DiscretizationError, "has no stages"),
        ({"mass": np.ones(2)}, ShapeError, "the mass has shape"),
        ({"mass": sp.eye_array(2)}, ShapeError, "the mass has shape"),
        ({"mass": np.array([1.0, np.nan, 1.0])}, NonFiniteError, "the mass is nan"),
    ],
)
def test_wrong_input_is_a_named_error(changes, error, message):
    given = {"rate": lambda u, t: -u, "u": STATES, "times": TIMES} | changes
    with pytest.raises(error, match=message):
        pde.time_steps(**given)
