"""Counts of nonzeros without the pattern, against the patterns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

import problems.registry as registry
import sparseopt as so
from sparseopt.graph.nodes import Linear, RowSum
from sparseopt.lifting import count_nonzeros
from sparseopt.lifting.variable_sets import SketchedSets, variable_sets
from sparseopt.modeling.assembly import Declarations, assemble
from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of
from sparseopt.testing.programs import random_programs
from sparseopt.tracing.trace import trace

EXACT = [
    "ac_opf",
    "hs099",
    "hs118",
    "luksan_vlcek_4",
    "luksan_vlcek_12",
    "lane_emden",
    "rosenbrock",
]


@pytest.mark.parametrize("name", EXACT)
def test_sparse_problems_are_counted_exactly(name):
    record = registry.get(name)
    problem = record.build(**record.sizes["small"]).problem()
    counted = count_nonzeros(problem.program)
    assert counted.jacobian == problem.jacobian_pattern.nnz
    assert counted.hessian == problem.hessian_pattern.nnz
    assert counted.is_exact


@settings(max_examples=40, deadline=None, derandomize=True)
@given(program=random_programs())
def test_random_programs_are_counted_as_index_sets_are(program):
    traced = trace(program, program.shape)[0]
    rows = traced.outputs[0]
    whole = traced.with_outputs((_total(rows), rows))
    counted = count_nonzeros(whole)
    # Index sets know more: which partials are zero because a constant is.
    assert counted.jacobian >= jacobian_pattern_of(traced).nnz
    assert counted.hessian >= hessian_pattern_of(traced).nnz


@pytest.mark.parametrize("seed", range(6))
def test_rows_of_consecutive_columns_are_counted_with_empty_and_long_ones(seed):
    random = np.random.default_rng(seed)
    firsts, lasts = np.sort(random.integers(0, 60, (2, 40)), axis=0)
    lasts[random.random(40) < 0.2] = 0  # empty rows, at the ends too where the seed says so
    lasts[seed % 2 * 39] = 0
    columns = np.arange(60)
    matrix = ((columns >= firsts[:, None]) & (columns < lasts[:, None])).astype(float)
    m = so.Model()
    x = m.variable("x", 60)
    m.minimize(np.sum((matrix @ x) ** 2))
    m.subject_to(matrix @ x**2 <= 1.0)
    counted = count_nonzeros(m.problem().program)
    assert counted.jacobian == matrix.sum()
    # Every variable is squared, whether a row reads it or not.
    assert counted.hessian == np.count_nonzero(np.tril(matrix.T @ matrix + np.eye(60)))


def _total(node):
    return Linear(RowSum(1, node.size), node)


def test_dense_derivatives_of_a_million_variables_are_estimated():
    m = so.Model()
    x = m.variable("x", 1_000_000)
    m.minimize(np.sum(x**2) ** 2)
    declared = Declarations("m", list(m._variables.values()), [], [], m._objective[0], None, False)
    counted = count_nonzeros(assemble(declared, True)[0])
    assert counted.hessian == pytest.approx(5e11, rel=0.3)
    assert not counted.is_exact


@pytest.mark.parametrize("size", [1, 30, 5000])
def test_estimates_of_sizes_are_right_on_average(size):
    sets = SketchedSets(5000, 400)
    rows = sets.singletons(0, 400)
    union = sets.union.reduce(rows[:size], axis=0)[None]
    assert sets.sizes(sets.measure(union))[0] == pytest.approx(size, rel=0.15)


def test_the_empty_set_has_no_members():
    for count in (10, 5000):
        sets = variable_sets(count)
        assert sets.sizes(sets.measure(np.full((1, sets.num_columns), sets.empty)))[0] == 0


def test_numbers_of_fewer_variables_are_the_first_of_those_of_more():
    drawn = {}
    more = SketchedSets(3000, drawn=drawn).singletons(2, 5)
    kept = dict(drawn)
    fewer = SketchedSets(2000, drawn=drawn).singletons(2, 5)
    np.testing.assert_array_equal(fewer, SketchedSets(2000).singletons(2, 5))
    np.testing.assert_array_equal(fewer, more[:2000])
    assert drawn == kept  # nothing was drawn again
