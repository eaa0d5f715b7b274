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
