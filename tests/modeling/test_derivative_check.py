"""The derivative check passes right derivatives and names a wrong row and column."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so


@pytest.fixture
def model():
    model = so.Model("test")
    x = model.variable("x", shape=(5, 2), lower=0.1, start=1.0)
    model.minimize(np.sum(np.exp(x[1:] - x[:-1]) * x[1:]))
    model.subject_to(np.sin(x[:-1, 0]) * x[1:, 1] == 0.5, name="link")
    model.subject_to(np.sum(x**2, axis=1) <= 9.0, name="ball")
    return model


def smooth_and_kinked(kinked):
    model = so.Model("test")
    x = model.variable("x", shape=6, start=[0.3, -0.4, 0.5, 1.6, -1.7, 0.8])
    inner = np.abs(x[1:]) + np.maximum(x[:-1], 0.1) if kinked else x[1:] ** 3
    model.minimize(np.sum(inner * np.arctan2(x[1:], 2.0) if kinked else inner))
    model.subject_to(np.hypot(x[:-1], x[1:]) >= 0.1 if kinked else x[0] * x[1] == 1.0)
    return model.problem()


def test_right_derivatives_agree_to_rounding(model):
    report = model.problem().check()
    assert report.ok
    assert report.method == "complex step"
    assert report.errors["gradient"] < 1e-12
    assert report.errors["Jacobian"] < 1e-12
    assert report.errors["Hessian"] < 1e-6
    assert "derivatives agree" in str(report)


def test_formulas_with_kinks_are_checked_by_the_complex_step_too():
    for kinked in (False, True):
        report = smooth_and_kinked(kinked).check()
        assert report.ok, str(report)
        assert report.method == "complex step"


def saturation(scale=None, start=(500.0, 1e-4)):
    model = so.Model("saturation")
    data = np.linspace(77.6, 760.0, 14)
    b = model.variable("b", shape=2, start=np.array(start), scale=scale)
    model.minimize(np.sum((b[0] * b[1] * data / (1 + b[1] * data) - data / 10) ** 2))
    model.subject_to(b[0] * b[1] <= 1.0, name="product")
    return model.problem()


@pytest.mark.parametrize(
    ("scale", "start"),
    [(None, (500.0, 1e-4)), (np.array([1e3, 1e-4]), (0.0, 0.0)), (None, (5e9, 1e-11))],
)
def test_variables_may_differ_by_orders_of_magnitude(scale, start):
    report = saturation(scale, start).check()
    assert report.ok, str(report)


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("kind", ["gradient", "jacobian_values", "hessian_values"])
def test_a_wrong_entry_is_found_beside_one_a_million_times_as_large(monkeypatch, kind, column):
    problem = saturation()
    right = getattr(problem.evaluator, kind)

    def spoiled(*args, out=None):
        values = right(*args, out=out)
        values[column] *= 1.001
        return values

    monkeypatch.setattr(problem.evaluator, kind, spoiled)
    wrong = {(w.kind, w.column) for w in problem.check().wrong}
    expected = {"gradient": "gradient", "jacobian_values": "Jacobian", "hessian_values": "Hessian"}
    assert (expected[kind], f"b[{column}]") in wrong


@pytest.mark.parametrize(("size", "weight", "seed"), [(8, 1e-2, 1), (8, 1e-3, 0), (10, 1e-4, 3)])
def test_terms_that_cancel_in_the_gradient_are_no_wrong_hessian(size, weight, seed):
    model = so.Model("poisson")
    u = model.variable("u", shape=(size, size))
    around = np.pad(u, 1)
    neighbors = around[2:, 1:-1] + around[:-2, 1:-1] + around[1:-1, 2:] + around[1:-1, :-2]
    model.subject_to(4.0 * u - neighbors + weight * u**3 == 1.0, name="equation")
    model.minimize(np.sum(u))
    report = model.problem().check(seed=seed)
    assert report.ok, str(report)


def test_the_check_stays_within_bounds(monkeypatch):
    model = so.Model("bounded")
    start, upper = np.array([1e-3, 0.0, 2.0]), np.array([1.0, 1e-6, 2.0])
    x = model.variable("x", shape=3, lower=0.0, upper=upper, start=start)
    model.minimize(np.sum(x * np.sqrt(x)))
    problem, seen = model.problem(), []
    right = problem.evaluator.gradient
    monkeypatch.setattr(problem.evaluator, "gradient", lambda x: seen.append(x) or right(x))
    assert problem.check().ok
    assert problem.check(np.array([0.5, 1e-6, 1.0])).ok
    assert all((x >= 0.0).all() and (x <= upper).all() for x in seen)


def test_points_beyond_the_domain_raise_no_warning():
    model = so.Model("edge")
    x = model.variable("x", shape=2, start=[1e-3, 690.0])
    model.minimize(x[0] * np.exp(x[1]) + x[0] ** 3)
    assert model.problem().check().ok


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_entry_of_the_jacobian_is_named(model, monkeypatch, seed):
    problem = model.problem()
    pattern = problem.jacobian_pattern
    wrong = pattern.find(problem.constraint_index("link[2]"), problem.variables.position("x[3, 1]"))
    right = problem.evaluator.jacobian_values

    def spoiled(x, out=None):
        values = right(x, out=out)
        values[wrong] *= 1.001
        return values

    monkeypatch.setattr(problem.evaluator, "jacobian_values", spoiled)
    report = problem.check(seed=seed)
    assert not report.ok
    assert {(w.kind, w.row, w.column) for w in report.wrong} == {("Jacobian", "link[2]", "x[3, 1]")}
    assert "test_derivative_check.py" in report.wrong[0].where
    assert "derivatives are WRONG" in str(report)
    assert "link[2] with respect to x[3, 1]: computed" in str(report)


def test_a_wrong_entry_of_the_gradient_is_named(model, monkeypatch):
    problem = model.problem()
    right, column = problem.evaluator.gradient, problem.variables.position("x[4, 0]")

    def spoiled(x, out=None):
        values = right(x, out=out)
        values[column] += 1e-4
        return values

    monkeypatch.setattr(problem.evaluator, "gradient", spoiled)
    wrong = problem.check().wrong
    assert ("gradient", "objective", "x[4, 0]") in {(w.kind, w.row, w.column) for w in wrong}


def test_a_wrong_entry_of_the_hessian_is_named(model, monkeypatch):
    problem = model.problem()
    right = problem.evaluator.hessian_values
    row, column = (problem.variables.position(name) for name in ("x[3, 1]", "x[2, 0]"))
    place = problem.hessian_pattern.find(row, column)
    assert place >= 0

    def spoiled(x, multipliers, objective_weight=1.0, out=None):
        values = right(x, multipliers, objective_weight, out=out)
        values[place] += 0.01
        return values

    monkeypatch.setattr(problem.evaluator, "hessian_values", spoiled)
    wrong = problem.check().wrong
    assert {(w.kind, w.row, w.column) for w in wrong} == {
        ("Hessian", "x[3, 1]", "x[2, 0]"),
        ("Hessian", "x[2, 0]", "x[3, 1]"),
    }


def test_a_missing_entry_is_found_where_the_pattern_has_none(model, monkeypatch):
    problem = model.problem()
    place = problem.jacobian_pattern.find(problem.constraint_index("ball[1]"), 2)
    right = problem.evaluator.jacobian_values

    def spoiled(x, out=None):
        values = right(x, out=out)
        values[place] = 0.0
        return values

    monkeypatch.setattr(problem.evaluator, "jacobian_values", spoiled)
    (entry,) = problem.check().wrong
    assert (entry.row, entry.column, entry.computed) == ("ball[1]", "x[1, 0]", 0.0)


def test_the_point_may_be_chosen(model):
    problem = model.problem()
    assert problem.check(np.full(10, 0.7)).ok
    with pytest.raises(so.ShapeError):
        problem.check(np.zeros(3))


def test_a_point_where_nothing_can_be_compared_is_refused():
    model = so.Model("test")
    x = model.variable("x", shape=2, start=-1.0)
    model.minimize(np.sum(np.log(x)))
    with pytest.raises(so.NonFiniteError, match=r"log\(-1\) is nan"):
        model.problem().check()


def test_a_report_says_where_only_rounding_was_left():
    model = so.Model("report")
    x = model.variable("x", 3, start=1.0)
    model.minimize(np.sum(np.abs(x - 0.5)))
    report = model.problem().check()
    assert report.errors["Hessian"] == 0.0
    assert "  Hessian   relative error within rounding" in str(report).splitlines()
