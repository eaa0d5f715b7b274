"""NaN and infinity: operation, element, names, line."""

from __future__ import annotations

import numpy as np


def test_a_value_is_traced_to_its_operation_with_the_whole_message(model):
    m = model(
        """
        x = m.variable("x", (2, 2), start=[[1.0, 1.0], [-1.0, 0.0]])
        inside = x - 2.0
        m.minimize(np.sum(x**2))
        m.subject_to(np.log(inside) + x <= 3.0, name="entropy")
        """
    )
    (finding,) = m.problem().diagnose()
    assert (
        str(finding)
        == """\
error: the constraint entropy[0, 0] is not finite at this point (and 3 others by the same operation)
  where:   model.py:4
  why:     log(-1) is nan, from x[0, 0] = 1
  instead: give a start (start=) inside the domain of the formula, or bounds that keep it so"""
    )


def test_every_operation_that_fails_has_a_finding_of_its_own(model):
    m = model(
        """
        x = m.variable("x", 3, start=[-1.0, 1.0, 2.0])
        m.minimize(1.0 / (x[1] - 1.0))
        m.subject_to(np.sqrt(x) <= 3.0, name="root")
        m.subject_to(np.exp(1000.0 * x) <= 3.0, name="growth")
        """
    )
    found = m.problem().diagnose().of("not finite")
    assert [(f.what.partition(" is ")[0], f.where) for f in found] == [
        ("the objective", "model.py:2"),
        ("the constraint root[0]", "model.py:3"),
        ("the constraint growth[1]", "model.py:4"),
    ]
    assert found[1].why == "sqrt(-1) is nan, from x[0] = -1"


def test_a_parameter_that_makes_it_is_named(model):
    m = model(
        """
        x = m.variable("x", start=1.0)
        k = m.parameter("k", [4.0, -4.0])
        m.minimize(x * np.sqrt(k[1]))
        """
    )
    (finding,) = m.problem().diagnose().of("not finite")
    assert finding.why == "sqrt(-4) is nan, from k[1] = -4"


def test_an_infinite_slope_is_traced_to_the_operation_and_not_the_row(model):
    m = model(
        """
        x = m.variable("x", 3, start=0.0)
        length = np.sqrt(x[0] ** 2 + x[1] ** 2)
        m.minimize(np.sum(x))
        m.subject_to(2.0 * length + x[2] <= 1.0, name="reach")
        """
    )
    (finding,) = m.problem().diagnose().of("not finite")
    assert "the derivative of the constraint reach with respect to x[0] is nan" in finding.what
    assert finding.where == "model.py:2"
    assert finding.why.endswith("at x[0] = 0: the slope of sqrt(0) is inf")


def test_a_slope_of_the_objective_is_found_behind_a_sum(model):
    m = model(
        """
        x = m.variable("x", 4, start=[1.0, 2.0, 0.0, 3.0])
        roots = np.sqrt(x)
        m.minimize(np.sum(roots * 3.0))
        """
    )
    (finding,) = m.problem().diagnose().of("not finite")
    assert "with respect to x[2] is inf" in finding.what
    assert (finding.where, finding.why[-29:]) == ("model.py:2", ": the slope of sqrt(0) is inf")


def test_a_second_derivative_is_traced_where_slopes_are_finite(model):
    m = model(
        """
        x = m.variable("x", 2, start=[1.0, 0.0])
        m.minimize(np.sum(x))
        m.subject_to(np.sum(np.abs(x) ** 1.5) <= 1.0, name="ball")
        """
    )
    (finding,) = m.problem().diagnose().of("not finite")
    assert finding.names == ("x[1]", "x[1]")
    assert finding.where == "model.py:3"
    assert "the second derivative of power(0, 1.5) is inf, from x[1] = 0" in finding.why


def test_the_branch_that_is_not_taken_may_be_nan(model):
    m = model(
        """
        x = m.variable("x", 2, start=[-1.0, 1.0])
        m.minimize(np.sum(np.where(x > 0.5, np.sqrt(x), x**2)))
        """
    )
    assert m.problem().diagnose().of("not finite") == []


def test_another_point_may_be_given(model):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.minimize(np.sum(np.log(x)))
        """
    )
    problem = m.problem()
    assert problem.diagnose().ok
    diagnosis = problem.diagnose(np.array([1.0, -2.0]))
    assert diagnosis.at == "the given point"
    assert diagnosis.findings[0].why == "log(-2) is nan, from x[1] = -2"
    assert diagnosis.skipped == ("what needs finite derivatives: scaling, repeated rows, rank",)


def test_of_many_bad_rows_the_rest_is_counted(model):
    m = model(
        """
        x = m.variable("x", 5000, start=-1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(np.log(x) + x >= 0.0, name="c")
        """
    )
    (finding,) = m.problem().diagnose().of("not finite")
    assert "and at least 999 others by the same operation" in finding.what


def test_slopes_that_multiply_beyond_the_largest_number_are_said_to(model):
    m = model(
        """
        x = m.variable("x", start=0.5)
        m.minimize(np.tanh(1e200 * np.sin(1e200 * np.float64(1.0) * (x - 0.5))))
        """
    )
    (finding,) = m.problem().diagnose().of("not finite")
    assert finding.why.endswith("at x = 0.5: the slopes on the way multiply to it")
