"""Models with external functions in every solver; exceptions and interrupts in them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sparseopt as so
from tests.external_functions.formulas import Counted

SOLVERS = ["ipopt", "cyipopt", "trust-constr", "SLSQP"]


def drag(v, density):
    speed = math.hypot(v[0], v[1])
    return np.array([speed * v[0], speed * v[1]]) * float(density)


def drag_jacobian(v, density):
    speed = math.hypot(v[0], v[1])
    by_v = float(density) * (speed * np.eye(2) + np.outer(v, v) / speed)
    return np.hstack([by_v, (speed * v)[:, None]])


def model(function=drag, **given):
    """Return a model whose solution is x[0] = x[1] = sqrt(1.5 / sqrt 2), x[2] = 0."""
    F = so.external(function, 2, name="drag", **given)
    m = so.Model("wind")
    x = m.variable("x", 3, start=np.array([1.0, 2.0, 0.5]), lower=-5.0, upper=5.0)
    density = m.parameter("density", 2.0)
    m.minimize(np.sum((F(x[:2], density) - 3.0) ** 2) + x[2] ** 2)
    m.subject_to(F(x[1:], density)[0] + x[2], lower=1.0, name="gust")
    return m


EXPECTED = math.sqrt(1.5 / math.sqrt(2.0))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("given", [{"jacobian": drag_jacobian}, {}])
def test_every_solver_finds_the_optimum(solver, given):
    solution = model(**given).solve(solver=solver)
    assert solution.status is so.Status.OPTIMAL
    np.testing.assert_allclose(solution["x"][:2], EXPECTED, atol=1e-3)


def test_parameters_change_without_a_new_trace():
    m = model(jacobian=drag_jacobian)
    m.solve()
    m.set(density=8.0)
    np.testing.assert_allclose(m.solve()["x"][:2], EXPECTED / 2.0, atol=1e-5)


def test_the_report_says_how_derivatives_were_found():
    report = str(model().problem()) + model(jacobian=drag_jacobian).solve().report()
    lines = [line.split(None, 1)[1] for line in report.splitlines() if "external" in line]
    assert lines == [
        "drag: Jacobian by complex steps if the function takes them, else central differences, "
        "2 column colors, error about 4e-10 relative; Hessian by second differences, "
        "2 symmetric colors, error about 1e-07 relative",
        "drag: Jacobian by jacobian=; Hessian by differences of jacobian=, "
        "2 symmetric colors, error about 4e-10 relative",
    ]


class UserError(Exception):
    pass


def failing(error, call):
    """Return the function, raising at one of its calls."""

    def fail(v, density):
        counted.calls += 1
        if counted.calls == call:
            raise error
        return drag(v, density)

    counted = Counted(fail)
    counted.__name__ = "drag"
    fail.counted = counted
    return fail


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("call", [1, 12])
@pytest.mark.parametrize("kind", [UserError, ZeroDivisionError, SystemExit])
def test_an_exception_comes_back_as_it_was_raised(solver, call, kind):
    error = kind("mine")
    function = failing(error, call)
    with pytest.raises(kind) as caught:
        model(function, jacobian=drag_jacobian, check=False).solve(solver=solver)
    assert caught.value is error
    assert any(entry.name == "fail" for entry in caught.traceback)
    assert function.counted.calls == call  # nothing is called again after it raised


@pytest.mark.parametrize("solver", SOLVERS)
def test_ctrl_c_during_a_solve_returns_the_best_point(solver):
    function = failing(KeyboardInterrupt(), 15)
    solution = model(function, jacobian=drag_jacobian, check=False).solve(solver=solver)
    assert solution.status is so.Status.STOPPED
    assert np.isfinite(solution["x"]).all()


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_wrong_shape_in_the_middle_of_a_solve_is_named(solver):
    function = failing(UserError(), -1)

    def changing(v, density):
        return drag(v, density) if function.counted.calls < 10 else np.ones(3)

    def counting(v, density):
        function.counted.calls += 1
        return changing(v, density)

    with pytest.raises(so.ShapeError, match=r"drag returns an array of shape \(3,\)"):
        model(counting, jacobian=drag_jacobian, check=False).solve(solver=solver)


def test_a_start_outside_the_domain_names_the_function():
    m = so.Model()
    x = m.variable("x", 2, start=np.array([-1.0, 1.0]))
    root = so.external(lambda x: np.array([math.nan if x[0] < 0 else math.sqrt(x[0])]), 1, name="r")
    m.minimize(np.sum(root(x)))
    with pytest.raises(so.NonFiniteError, match="the external function r returns nan"):
        m.solve()


def test_a_wrong_jacobian_stops_before_the_solve():
    def wrong(v, density):
        return 1.1 * drag_jacobian(v, density)

    with pytest.raises(so.DerivativeError, match="the jacobian of drag is wrong"):
        model(jacobian=wrong).solve()


def test_derivatives_of_the_model_can_be_checked():
    report = model(jacobian=drag_jacobian).problem().check()
    assert report.ok, str(report)
    assert report.method == "differences"


def van_der_pol_step(state, control):
    """Return one step of Runge and Kutta's method, in code that can be traced or be called."""

    def rate(s):
        return np.stack([s[1], (1.0 - s[0] ** 2) * s[1] - s[0] + control])

    h = 0.2
    k1 = rate(state)
    k2 = rate(state + 0.5 * h * k1)
    k3 = rate(state + 0.5 * h * k2)
    k4 = rate(state + h * k3)
    return state + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def test_a_simulation_step_in_a_loop_gives_the_optimum_of_the_traced_one():
    def optimum(step):
        m = so.Model()
        x = m.variable("x", (13, 2), start=0.1)
        u = m.variable("u", 12, lower=-1.0, upper=1.0, start=0.0)
        m.subject_to(x[0] == np.array([0.0, 1.0]))
        for k in range(12):
            m.subject_to(x[k + 1] == step(x[k], u[k]))
        m.minimize(np.sum(x**2) + np.sum(u**2))
        solution = m.solve()
        assert solution.status is so.Status.OPTIMAL
        return solution["x"]

    traced, external = optimum(van_der_pol_step), optimum(so.external(van_der_pol_step, 2))
    np.testing.assert_allclose(external, traced, atol=1e-6)
