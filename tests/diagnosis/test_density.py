"""Lines that make a Hessian dense."""

from __future__ import annotations

import pytest

import sparseopt as so


def test_the_line_of_the_sum_is_named_and_lifting_is_shown(model):
    m = model(
        """
        x = m.variable("x", 60, start=0.1)
        total = np.sum(x)
        m.minimize(np.sum(x**2) + np.exp(total))
        """
    )
    (finding,) = m.problem().diagnose()
    assert (
        str(finding)
        == """\
warning: a function of one sum fills a Hessian of 1,830 nonzeros for 60 variables
  where:   model.py:2
  why:     it couples all of the sum's terms with each other, and factorizations cost the cube of \
their number
  instead: m.solve(lift="auto"), or s = m.variable("s"); m.subject_to(s == <the sum>); then use s \
in its place"""
    )


def test_what_is_advised_helps(model):
    m = model(
        """
        x = m.variable("x", 60, start=0.1)
        s = m.variable("s", start=6.0)
        m.subject_to(s == np.sum(x))
        m.minimize(np.sum(x**2) + np.exp(s))
        """
    )
    assert len(m.problem().diagnose()) == 0


def test_running_sums_that_make_the_jacobian_dense_are_named(model):
    m = model(
        """
        u = m.variable("u", 500, start=0.1)
        m.minimize(np.sum(u**2))
        level = 1.0 + np.cumsum(u)
        m.subject_to(level <= 5.0)
        """
    )
    (finding,) = m.problem().diagnose()
    assert (finding.kind, finding.severity) == ("dense Jacobian", "warning")
    assert finding.what == (
        "many constraints read the same long sums: a Jacobian of 125,249 nonzeros for 500 variables"
    )
    assert finding.where == "model.py:3"
    assert finding.instead.startswith('m.solve(lift="auto"), or variables of the sums: s[0] == u')
    assert len(m.problem(lift="auto").diagnose()) == 0


def test_the_recursion_that_is_advised_is_the_same_problem_and_sparse(model):
    text = """
        u = m.variable("u", 500, start=0.1)
        m.minimize(np.sum((u - 1.0) ** 2))
        {rows}
        m.subject_to(level <= 5.0)
        """
    recursion = """s = m.variable("s", 500)
        m.subject_to(s[0] == u[0])
        m.subject_to(s[1:] - s[:-1] == u[1:])
        level = 1.0 + s"""
    direct = model(text.format(rows="level = 1.0 + np.cumsum(u)"))
    advised = model(text.format(rows=recursion))
    assert len(advised.problem().diagnose()) == 0
    objective = advised.solve().objective
    assert direct.solve(lift="auto").objective == pytest.approx(objective, rel=1e-6)


def test_a_jacobian_that_no_memory_holds_is_not_formed(model):
    text = """
        u = m.variable("u", 70_000, start=1e-6)
        m.minimize(np.sum(u**2))
        m.subject_to(1.0 + np.cumsum(u) <= 5.0)
        """
    problem = model(text).problem()
    diagnosis = problem.diagnose()
    (finding,) = diagnosis
    assert (finding.kind, finding.severity, finding.where) == (
        "dense Jacobian",
        "error",
        "model.py:3",
    )
    assert diagnosis.skipped == ("everything else: there are too many first derivatives",)
    assert "jacobian_plan" not in vars(problem.evaluator)


HUGE = """
x = m.variable("x", 70_000, start=1e-6)
total = np.sum(x)
m.minimize(np.sum(x**2) + {use})
"""


def test_a_hessian_that_no_memory_holds_is_not_formed(model):
    diagnosis = model(HUGE.format(use="np.exp(total)")).problem().diagnose()
    (finding,) = diagnosis
    assert finding.what == (
        "a function of one sum makes a Hessian of 2,450,035,000 nonzeros and more for "
        "70,000 variables"
    )
    assert (finding.severity, finding.where) == ("error", "model.py:2")
    assert diagnosis.skipped == ("second derivatives: there are too many",)


def test_a_solve_refuses_such_a_hessian_with_its_line(model):
    with pytest.raises(so.PatternError, match=r"at least 2,450,035,000") as caught:
        model(HUGE.format(use="np.exp(total)")).solve()
    assert caught.value.where == "model.py:2"


def test_a_long_sum_without_curvature_is_no_finding(model):
    assert len(model(HUGE.format(use="np.maximum(total, 1.0)")).problem().diagnose()) == 0
