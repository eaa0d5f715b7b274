"""Nonzeros are those of the formulas, blocks do not depend on the mesh, traces are counted."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import control
from tests.control import example_phases as examples


def rocket():
    p = control.Phase("rocket")
    p.time(initial=0.0, final=(0.01, 1.0), guess=(0.0, 0.2))
    p.state("h", lower=1.0, initial=1.0, guess=1.0)
    p.state("v", lower=0.0, initial=0.0, guess=0.1)
    p.state("m", lower=0.6, upper=1.0, initial=1.0, final=0.6)
    p.control("thrust", lower=0.0, upper=3.5, guess=1.75)
    p.dynamics(
        lambda s, u, q, t: {
            "h": s.v,
            "v": (u.thrust - 310 * s.v**2 * np.exp(-500 * (s.h - 1))) / s.m - 1 / s.h**2,
            "m": -2 * u.thrust,
        }
    )
    p.maximize(lambda first, last, q, integral: last.h)
    return p


def nonlinear_program(phase, name, intervals, degree=None):
    return control.Problem("structure", [phase]).prepare(name, intervals, degree).problem()


def test_nonzeros_of_the_trapezoidal_rocket_equal_those_counted_by_hand():
    n = 50
    found = nonlinear_program(rocket(), "trapezoidal", n)
    # Rows: h has h, v at two points; v all of h, v, m, T; m has m, T; each has the final time.
    assert found.jacobian_pattern.nnz == n * (4 + 8 + 4 + 3)
    # A point: (h, v, m) full and T with m, the lower triangle; the final time with h, v, m, T.
    assert found.hessian_pattern.nnz == (n + 1) * (6 + 1 + 4)


def test_nonzeros_of_radau_collocation_equal_those_counted_by_hand():
    n, d = 20, 3
    found = nonlinear_program(rocket(), "radau", n, d)
    # Each defect has d + 1 values of its own state, the other arguments of its rate, and the time.
    others = 1 + 3 + 1  # h: v;  v: h, m, T;  m: T
    assert found.jacobian_pattern.nnz == n * d * (3 * (d + 1) + others + 3)
    assert found.hessian_pattern.nnz == n * d * (6 + 1 + 4)


def test_nonzeros_of_separated_hermite_simpson_equal_those_counted_by_hand():
    n = 20
    found = nonlinear_program(examples.least_effort(), "hermite_simpson", n)
    # x: Hermite has x at three points and v at both ends, Simpson x at both ends and v at three;
    # v: the same with u; the cost is separable, the equations are linear.
    assert found.jacobian_pattern.nnz == n * 2 * (5 + 5)
    assert found.hessian_pattern.nnz == 2 * n + 1
    assert found.is_linear_row.all()


# Single shooting is one long chain: what it consists of depends on its length.
MESHED = [name for name in control.transcription_names() if name != "single_shooting"]


@pytest.mark.parametrize("name", MESHED)
def test_the_number_of_blocks_does_not_depend_on_the_mesh(name):
    forms = [nonlinear_program(rocket(), name, n).evaluator.form for n in (6, 60)]
    assert forms[0].num_blocks() == forms[1].num_blocks() <= 10


def test_user_functions_run_once_for_a_trace_and_never_for_a_solve():
    calls = []
    p = examples.brachistochrone()
    rates = p.rates[0]

    def counted(s, u, q, t):
        calls.append(s.v.shape)
        return rates(s, u, q, t)

    p.dynamics(counted)
    prepared = control.Problem("count", [p]).prepare("hermite_simpson", 10)
    assert calls == [(21,)]
    first = prepared.solve()
    again = prepared.solve(g=9.7, guess=first)
    last = first.problem.solve(parameters={"g": 9.8})
    assert calls == [(21,)]
    assert again.objective == pytest.approx(examples.BRACHISTOCHRONE * np.sqrt(9.8 / 9.7), rel=1e-5)
    assert last.objective == pytest.approx(first.objective, rel=1e-9)
    assert (again["slide"].parameter("g"), first["slide"].parameter("g")) == (9.7, 9.8)


def test_initial_states_that_are_given_parameters_change_without_a_trace():
    p = control.Phase("track")
    p.time(initial=0.0, final=1.0)
    p.state("x", shape=2)
    p.control("u", shape=2)
    p.parameter("start", [1.0, 0.0])
    p.dynamics(lambda s, u, q, t: {"x": u.u})
    p.boundary(lambda first, last, q: {"start": first.x - q.start}, lower=0.0, upper=0.0)
    p.integral("cost", lambda s, u, q, t: np.sum(s.x**2 + u.u**2, axis=1))
    p.minimize(lambda first, last, q, integral: integral.cost)
    prepared = control.Problem("mpc", [p]).prepare("hermite_simpson", 20)
    found = prepared.solve()
    for start in ([0.0, 2.0], [3.0, 0.0]):
        found = prepared.solve(start=start, guess=found)
        assert found.objective == pytest.approx(np.tanh(1.0) * np.sum(np.square(start)), rel=1e-6)
        assert found["track"].state("x")(0.0) == pytest.approx(start)
