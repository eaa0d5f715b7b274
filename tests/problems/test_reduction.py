"""Full against reduced space: for each problem with states, one optimum and right derivatives."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

from problems import registry
from problems.record import Reduction
from sparseopt.reduction.taylor_test import taylor_test
from tests.problems.sizes import RECORDS

REDUCIBLE = [record for record in RECORDS if record.reduction is not None]
SOLVED = [record for record in REDUCIBLE if record.reduction.same != "derivatives"]
TIGHT = {"tol": 1e-12, "bound_relax_factor": 0.0}
SAME = 1e-6


def by_name(records):
    return pytest.mark.parametrize("record", records, ids=[record.name for record in records])


def test_the_documentation_has_every_problem_that_falls_short_with_its_reason():
    words = {"objective": "optimum", "derivatives": "derivatives"}
    short = [record for record in REDUCIBLE if record.reduction.same != "parameters"]
    page = (Path(__file__).parents[2] / "docs" / "implicit.md").read_text(encoding="utf-8")
    rows = [
        f"| {record.name} | {words[record.reduction.same]} | {record.reduction.reason} |"
        for record in short
    ]
    assert page.split("|---|---|---|\n")[-1].splitlines() == rows
    assert all(record.reduction.reason for record in short)


@by_name(SOLVED)
def test_the_optimum_in_the_parameters_alone_is_that_in_all_variables(record):
    model, how = built(record)
    full = model.solve("ipopt", options={**record.options, **TIGHT, **how.full_options})
    reduced = model.reduce(how.states, how.by, state_bounds=how.state_bounds)
    found = reduced.solve(how.method, options=how.options)
    assert full.success
    assert found.success, found.message
    assert found.objective == pytest.approx(full.objective, rel=SAME, abs=1e-12)
    if how.same == "parameters":
        assert largest_difference_by_variable(found, full) <= SAME


def largest_difference_by_variable(found, full):
    """Return the largest difference of two solutions, relative to each named variable's size."""
    return max(
        float(np.abs(found[array.name] - full[array.name]).max())
        / max(float(np.abs(full[array.name]).max()), 1e-9)
        for array in full.problem.variables
    )


@by_name(REDUCIBLE)
def test_taylor_remainders_fall_with_rates_two_and_three(record):
    reduced = functions_of(record.name)
    p, direction = seeded(reduced)
    found = taylor_test(Lagrangian(reduced), p, direction, 0)
    assert found.first_rates[-3:] == pytest.approx([2.0] * 3, abs=0.1)
    if found.second_rates.size:  # else F is quadratic, and nothing is left
        assert found.second_rates.size >= 3
        assert found.second_rates[-3:] == pytest.approx([3.0] * 3, abs=0.1)


class Lagrangian:
    """The objective and seeded multiples of the rows, which depend on the states too."""

    def __init__(self, reduced):
        self.reduced = reduced
        self.multipliers = np.random.default_rng(3).standard_normal(reduced.num_constraints)

    def objective(self, p):
        return self.reduced.objective(p) + self.multipliers @ self.reduced.constraints(p)

    def gradient(self, p):
        return self.reduced.gradient(p) + self.multipliers @ self.reduced.jacobian(p)

    def hessian_vector_product(self, p, multipliers, vector):
        return self.reduced.hessian_vector_product(p, self.multipliers, vector)


@by_name(REDUCIBLE)
def test_a_gradient_costs_one_linear_solve_and_a_product_two(record):
    reduced = functions_of(record.name)
    p, direction = seeded(reduced)
    reduced.objective(p)
    forward = reduced.counts.newton_iterations
    before = reduced.counts.linear_solves
    reduced.gradient(p)
    after_gradient = reduced.counts.linear_solves
    reduced.hessian_vector_product(p, None, direction)
    after_product = reduced.counts.linear_solves
    assert after_gradient - before == 1  # the bar is 2
    assert after_product - after_gradient == 2  # the bar is 4
    assert reduced.counts.newton_iterations == forward


def built(record) -> tuple:
    how: Reduction = record.reduction
    return record.build(**(how.size or record.sizes["small"])), how


@functools.cache
def functions_of(name):
    model, how = built(registry.get(name))
    return model.reduce(how.states, how.by, state_bounds=how.state_bounds)


def seeded(reduced):
    """Return a point off the start, within bounds and with states, and a direction."""
    rng = np.random.default_rng(7)
    lower, upper = reduced.variable_lower, reduced.variable_upper
    start = np.clip(reduced.initial_point, lower, upper)
    sizes = np.where(start == 0.0, 1.0, np.abs(start))
    away, direction = sizes * rng.standard_normal((2, start.size))
    points = [np.clip(start + length * away, lower, upper) for length in (1e-2, 1e-3, 1e-4)]
    p = next(point for point in points if np.isfinite(reduced.objective(point)))
    reduced.objective(start)  # so that the states of p are solved for anew
    reduced.objective(np.clip(start + 1e-5 * away, lower, upper))
    return p, 10.0 * direction
