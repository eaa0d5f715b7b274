"""Explanations name formulas, leaves and the user's lines."""

from __future__ import annotations

import numpy as np

import sparseopt as so


def dense_model():
    m = so.Model("dense")
    x = m.variable("x", shape=40, start=1.0)
    m.minimize(np.sum(x) ** 2 + np.sum(x**3))
    m.subject_to(np.sin(x[1:]) * x[:-1] >= 0.1, name="pairs")
    return m


def test_an_entry_names_its_formula_and_its_variables():
    """The local derivative is shown with the elements it reads in that instance."""
    text = dense_model().problem().explain("pairs[3]", "x[4]")
    assert "test_explanation.py:" in text
    assert "cos(" in text
    assert "x[4]" in text
    assert "x[3]" in text
    assert "instance 3 of 39" in text


def test_a_structural_zero_is_said_to_be_one():
    """An entry outside of the pattern has no formula."""
    assert "structurally zero" in dense_model().problem().explain("pairs[3]", "x[9]")


def test_the_line_that_makes_a_hessian_dense_is_pointed_out():
    """``sum(x)**2`` couples all variables; ``sum(x**3)`` does not."""
    problem = dense_model().problem()
    (line, share), *others = problem.evaluator.dense_lines()
    assert line.endswith("test_explanation.py:13")
    assert share > 0.9
    assert not others
    assert "dense Hessian" in str(problem)


def test_a_sparse_hessian_blames_nobody():
    """Without a nonlinear function of a sum there is nothing to point out."""
    m = so.Model("sparse")
    x = m.variable("x", shape=40, start=1.0)
    m.minimize(np.sum(x**4))
    problem = m.problem()
    assert problem.evaluator.dense_lines() == []
    assert "dense Hessian" not in str(problem)
