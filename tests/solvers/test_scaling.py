"""Typical sizes of variables and constraints: what solvers are told, and that answers stay."""

import numpy as np
import pytest

import sparseopt as so
from sparseopt.solvers.ipopt_settings import ipopt_settings, user_scaling


def tank(**scales):
    """Return a model in badly chosen units: pressure in Pa, a length in μm."""
    m = so.Model("tank")
    pressure = m.variable("pressure", lower=0.0, start=1e5, scale=scales.get("pressure"))
    wall = m.variable("wall", shape=2, lower=1e-6, start=1e-3, scale=scales.get("wall"))
    m.minimize(np.sum(wall) * 1e3 + (pressure / 1e6 - 2.0) ** 2)
    m.subject_to(pressure * 1e-9 <= wall[0], name="strength", scale=scales.get("strength"))
    m.subject_to(wall[0] * wall[1] == 4e-6, name="balance", scale=scales.get("balance"))
    return m


SCALES = {"pressure": 1e6, "wall": [1e-3, 2e-3], "strength": 1e-3, "balance": 1e-6}


@pytest.mark.parametrize("solver", ["ipopt", "cyipopt"])
def test_a_scaled_model_has_the_same_answer_and_multipliers(solver):
    plain, scaled = tank().solve(solver=solver), tank(**SCALES).solve(solver=solver)
    assert plain.success
    assert scaled.success
    assert scaled.objective == pytest.approx(plain.objective, rel=1e-6)
    assert scaled["wall"] == pytest.approx(plain["wall"], rel=1e-4)
    assert scaled.dual("balance") == pytest.approx(plain.dual("balance"), rel=1e-4)


def test_factors_are_one_over_sizes_and_reach_the_solver():
    problem = tank(wall=1e-3, balance=1e-6).problem()
    x, rows = user_scaling(problem)
    assert x == pytest.approx([1.0, 1e3, 1e3])
    assert rows == pytest.approx([1.0, 1e6])
    assert ipopt_settings(problem, {})["nlp_scaling_method"] == "user-scaling"
    chosen = ipopt_settings(problem, {"nlp_scaling_method": "none"})
    assert chosen["nlp_scaling_method"] == "none"


def test_scaling_changes_what_ipopt_does():
    scaled = tank(**SCALES).solve()
    odd = tank(pressure=1e-6, wall=1e6, strength=1e6, balance=1e6).solve()
    assert scaled.iterations != odd.iterations


def test_models_without_sizes_are_not_scaled():
    problem = tank().problem()
    assert user_scaling(problem) is None
    assert "nlp_scaling_method" not in ipopt_settings(problem, {})


def test_rows_that_become_bounds_take_their_sizes_with_them():
    m = so.Model()
    x = m.variable("x", shape=2, start=1.0)
    m.minimize(np.sum(x**2))
    m.subject_to(x[0] >= 1.0, scale=10.0)
    m.subject_to(x[0] * x[1] >= 2.0, scale=100.0)
    assert user_scaling(m.problem())[1] == pytest.approx([0.01])
    assert m.solve().success


def test_scipy_methods_say_that_sizes_are_not_used():
    with pytest.warns(RuntimeWarning, match="SLSQP takes no typical sizes"):
        tank(wall=1e-3).solve(solver="SLSQP")


@pytest.mark.parametrize("scale", [0.0, -1.0, np.inf, np.nan, [1.0, 0.0]])
def test_a_size_must_be_positive(scale):
    with pytest.raises(so.ProblemError, match=r"the scale of x\[[01]\] is"):
        so.Model().variable("x", shape=2, scale=scale)
