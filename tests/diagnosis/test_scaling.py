"""Sizes of derivatives and bounds."""

from __future__ import annotations

import numpy as np
import pytest


def test_a_large_row_is_named_with_the_whole_message(model):
    m = model(
        """
        x = m.variable("x", 3, start=1.0)
        m.minimize(np.sum(x**2))
        m.subject_to(1e9 * x[:2] * x[1:] + x[0] <= np.array([2e9, 3e9]), name="power")
        """
    )
    (finding,) = m.problem().diagnose()
    assert (
        str(finding)
        == """\
warning: 2 constraints with large derivatives at this point: power[0] (1.0e+09), power[1] (1.0e+09)
  where:   model.py:3
  why:     the largest one of each is given; tolerances and steps of solvers are made for sizes \
around 1
  instead: give that size as m.subject_to(..., scale=...), or divide the constraint and \
its bounds by it"""
    )


def test_a_variable_in_a_bad_unit_is_named_once_rows_are_divided(model):
    m = model(
        """
        pressure = m.variable("pressure", start=1e5)
        flow = m.variable("flow", 2, start=1.0)
        m.minimize(np.sum(flow**2))
        m.subject_to(flow[0] * flow[1] - 1e-6 * pressure**0.5 * flow[0] >= 0.2, name="valve")
        """
    )
    (finding,) = m.problem().diagnose()
    assert finding.what == "1 variable with small derivatives at this point: pressure (1.6e-09)"
    assert (finding.severity, finding.where) == ("warning", "model.py:1")
    assert finding.instead.endswith("or write x = size * y")


@pytest.mark.parametrize(
    ("factor", "severity", "advice"),
    [(1e6, "note", "1e-6"), (1e10, "warning", "1e-10"), (1e-6, "note", "1e6")],
)
def test_an_objective_far_from_one_gets_a_factor(model, factor, severity, advice):
    m = model(
        f"""
        x = m.variable("x", 2, start=1.0)
        m.minimize({factor} * np.sum(x**2 + x * 0.1))
        """
    )
    finding = m.problem().diagnose().of("scaling")[0]
    assert finding.names == ("objective",)
    assert finding.severity == severity
    assert finding.instead == f"multiply the objective by {advice}"


def test_a_stationary_point_is_no_bad_scaling(model):
    m = model(
        """
        x = m.variable("x", 2, start=3.0)
        m.minimize(np.sum((x - 1.0) ** 2))
        m.subject_to(np.sum((x - 1.0) ** 2) <= 5.0)
        """
    )
    assert len(m.solve().diagnose()) == 0
    assert len(m.problem().diagnose(np.array([1.0, 1.0]) + 1e-9)) == 0


def test_an_equality_without_slope_at_the_start_is_named(model):
    m = model(
        """
        x = m.variable("x", 3)
        m.minimize(np.sum((x - 1.0) ** 2))
        m.subject_to(x[0] * x[1] == 1.0, name="area")
        m.subject_to(x[1] * x[2] <= 1.0, name="other")
        """
    )
    problem = m.problem()
    (finding,) = problem.diagnose().of("vanishing rows")
    assert finding.what == "1 constraint without slope at this point: area"
    assert finding.severity == "warning"
    assert problem.diagnose(np.ones(3)).of("vanishing rows") == []


def test_far_bounds_and_bounds_that_nearly_meet(model):
    m = model(
        """
        x = m.variable("x", 2, lower=-1e12, upper=[1e20, 5.0], start=1.0)
        y = m.variable("y", 2, lower=1.0, upper=[1.0 + 1e-10, 2.0])
        m.minimize(np.sum(x**2) + np.sum(y**2))
        """
    )
    narrow, far = m.problem().diagnose().of("bounds")
    assert narrow.what == "1 variable with bounds that nearly meet: y[0]"
    assert far.what == "2 variables with bounds of size 1e+08 and more: x[0], x[1]"
    assert far.why.endswith("; x[0] lies in [-1e+12, 1e+20]")
    assert (narrow.severity, far.severity) == ("warning", "note")
