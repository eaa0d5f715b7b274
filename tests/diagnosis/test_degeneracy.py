"""Dependent constraints at a point."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.diagnosis import degeneracy

THREE_AT_THE_ORIGIN = """
x = m.variable("x", 2, start=[0.3, 0.4])
m.minimize(x[0])
m.subject_to(x[1] - x[0] >= 0.0, name="one")
m.subject_to(x[1] - 2 * x[0] <= 0.0, name="two")
m.subject_to(3 * x[1] + x[0] ** 2 >= 0.0, name="three")
"""


def test_active_constraints_that_are_dependent_are_named_with_the_whole_message(model):
    (finding,) = model(THREE_AT_THE_ORIGIN).solve().diagnose()
    assert (
        str(finding)
        == """\
warning: the gradient of two is a combination of those of one, three
  where:   model.py:4
  why:     dependent rows of the Jacobian make it singular: multipliers are not unique, and steps \
may fail
  instead: remove one if it follows from the others"""
    )


def test_inactive_constraints_and_variables_at_bounds_do_not_count(model):
    m = model(
        """
        x = m.variable("x", 2, lower=0.0, start=0.5)
        m.minimize((x[0] - 1) ** 2 + x[1])
        m.subject_to(x[0] + x[1] <= 5.0, name="far")
        m.subject_to(x[0] ** 2 + 2 * x[1] <= 7.0, name="away")
        """
    )
    diagnosis = m.solve().diagnose()
    assert len(diagnosis) == 0
    assert not any(text.startswith("rank") for text in diagnosis.checked)


def test_equalities_are_looked_at_before_a_solve(model):
    m = model(
        """
        x = m.variable("x", 3, start=1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(x[0] + x[1] == 2.0, name="one")
        m.subject_to(x[1] + x[2] == 2.0, name="two")
        m.subject_to(x[0] ** 2 / 2 - x[2] == -0.5, name="three")
        """
    )
    diagnosis = m.problem().diagnose()
    (finding,) = diagnosis
    assert (finding.kind, finding.severity) == ("dependent constraints", "note")
    assert set(finding.names) == {"one", "two", "three"}
    assert "rank 2 of 3 equalities (rows scaled to 1)" in diagnosis.checked
    assert m.problem().diagnose(np.array([2.0, 1.0, 3.0])).of("dependent constraints") == []


def test_nearly_dependent_rows_are_noted_with_their_condition(model):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(x[0] + x[1] == 2.0, name="one")
        m.subject_to(x[0] + (1.0 + 1e-8) * x[1] == 2.0, name="two")
        """
    )
    (finding,) = m.problem().diagnose()
    assert finding.what == "the gradients of one, two are nearly dependent"
    assert "condition number of the rows is about" in finding.why


def test_a_large_matrix_is_searched_for_parallel_pairs_and_says_so(model, monkeypatch):
    monkeypatch.setattr(degeneracy, "_MOST_ENTRIES", 3)
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(x[0] * x[1] == 1.0, name="area")
        m.subject_to(x[0] ** 2 + x[1] ** 2 == 2.0, name="circle")
        """
    )
    diagnosis = m.problem().diagnose()
    (finding,) = diagnosis
    assert finding.what == "constraints with parallel gradients: area and circle"
    assert diagnosis.skipped == ("rank of 2 rows: too large; parallel pairs were looked for",)


@pytest.mark.parametrize("seed", range(3))
def test_dependent_rows_are_the_combination_that_is_named(seed):
    random = np.random.default_rng(seed)
    matrix = random.standard_normal((5, 8))
    matrix[3] = 2.0 * matrix[0] - matrix[4]
    rank, _, ((row, others, weights),) = degeneracy._rank(matrix)
    assert rank == 4
    assert {row, *others.tolist()} == {0, 3, 4}
    assert np.allclose(weights @ matrix[others], matrix[row])
