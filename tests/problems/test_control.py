"""Optimal control problems meet their continuous optima, and simulations confirm them."""

import pytest

from problems import registry
from problems.control import double_integrator
from problems.control.continuous import control_records

EACH = pytest.mark.parametrize(
    "record", [pytest.param(record, id=name) for name, record in control_records().items()]
)


def test_continuous_problems_are_in_the_registry_too():
    assert {"brachistochrone"} <= set(control_records()) <= set(registry.names())


@EACH
def test_refinement_meets_the_optimum_and_simulation_confirms_it(record):
    solution = record.solve()
    assert solution.success, solution.message
    assert solution.error <= record.tolerance, solution.stop
    scale = abs(record.optimum) or 1.0
    assert abs(solution.objective - record.optimum) <= record.relative_tolerance * scale
    assert solution.simulate(restart=record.restart).deviation < record.tolerance


@EACH
def test_the_record_says_where_the_optimum_comes_from(record):
    assert record.source
    assert 0 < record.relative_tolerance <= 2e-3


def test_least_effort_of_the_double_integrator_is_six():
    solution = double_integrator.problem("effort").solve(intervals=4, tolerance=1e-8)
    assert solution.objective == pytest.approx(6.0, rel=1e-8)
    assert solution["slew"].control("u")([0.0, 0.25]) == pytest.approx([6.0, 3.0], abs=1e-6)
