"""Random programs: patterns by index sets against element forms and against derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from sparseopt.evaluation import Evaluator
from sparseopt.patterns import interactions, propagation
from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of
from sparseopt.testing.programs import random_programs
from tests.evaluation.hand_made_cases import CASES
from tests.properties.masked_programs import SIZE, masked_program
from tests.properties.test_derivatives import problem_of
from tests.references import Reference, dense_hessian, dense_jacobian, make_program


def both_ways(recorded):
    """Return [(by index sets, by element form)] for Jacobian and Hessian, and the evaluator."""
    evaluator = Evaluator(recorded, "numpy")
    return [
        (jacobian_pattern_of(recorded, 1), evaluator.jacobian_pattern),
        (hessian_pattern_of(recorded), evaluator.hessian_pattern),
    ], evaluator


def assert_only_cancels(patterns, evaluator, n):
    """Assert that no element form has fewer entries, but for what cancels, and none is missing."""
    random = np.random.default_rng(0)
    for _ in range(3):
        x = random.uniform(-1.0, 1.0, n)
        weights = random.standard_normal(evaluator.num_constraints)
        values = [dense_jacobian(evaluator, x), dense_hessian(evaluator, x, weights, 0.7)]
        for (found, form), matrix in zip(patterns, values, strict=True):
            sharper = form - found
            assert not matrix[sharper.rows, sharper.cols].any()


@pytest.mark.parametrize("name", CASES)
def test_cases_written_by_hand_have_the_same_patterns_both_ways(name):
    patterns, _ = both_ways(make_program(*CASES[name]))
    for found, form in patterns:
        assert found == form


@settings(max_examples=100, deadline=None, derandomize=True)
@given(program=random_programs())
def test_both_ways_find_the_same_entries_but_for_those_that_are_always_zero(program):
    recorded, n = problem_of(program)
    patterns, evaluator = both_ways(recorded)
    if all(found == form for found, form in patterns):
        return
    assert_only_cancels(patterns, evaluator, n)


def test_differences_of_the_two_ways_are_rare_and_cancel():
    counted = {"programs": 0, "extra": 0, "fewer": 0}

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(program=random_programs())
    def count(program):
        patterns, _ = both_ways(problem_of(program)[0])
        counted["programs"] += 1
        counted["extra"] += any((found - form).nnz for found, form in patterns)
        counted["fewer"] += any((form - found).nnz for found, form in patterns)

    count()
    # x - 0.5 x - 0.5 x: the element form adds coefficients up, index sets know no values.
    assert counted["extra"] <= counted["programs"] // 10
    assert counted["fewer"] <= counted["programs"] // 100


@settings(max_examples=40, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True))
def test_no_derivative_is_outside_the_pattern(program):
    recorded, n = problem_of(program)
    jacobian = jacobian_pattern_of(recorded, 1).to_scipy().toarray()
    pattern = hessian_pattern_of(recorded)
    hessian = pattern.to_csr(np.ones(pattern.nnz)).toarray() != 0.0
    for seed in range(2):
        reference = Reference(recorded, program.point(seed).ravel(), seed=seed)
        assert not (reference.jacobian[~jacobian] != 0.0).any()
        if n <= 10:
            found = np.zeros((n, n))
            found[np.tril_indices(n)] = reference.curvatures
            assert (np.abs(found[~hessian]) < 1e-7).all()


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_programs_with_zeros_have_no_more_entries_than_their_element_form(first):
    for seed in range(first, first + 30):
        function = masked_program(seed)
        recorded = make_program(lambda x: np.sum(function(x) * np.arange(SIZE)), function, SIZE)  # noqa: B023
        patterns, evaluator = both_ways(recorded)
        assert all(found <= form for found, form in patterns), seed
        assert_only_cancels(patterns, evaluator, SIZE)


# Thresholds decide what is stored how, never what is found.
LOWERED = {
    "every union is written out": [(propagation, "MAX_PARTS", 1)],
    "everything is wide": [(propagation, "MAX_PARTS", 2), (propagation, "WIDE", 0)],
    "products come one by one": [(interactions, "CHUNK", 1), (propagation, "MAX_PARTS", 1)],
}


@pytest.mark.parametrize("name", LOWERED)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(program=random_programs())
def test_patterns_are_the_same_whatever_the_thresholds(name, program):
    recorded, _ = problem_of(program)
    expected = jacobian_pattern_of(recorded, 1), hessian_pattern_of(recorded)
    with pytest.MonkeyPatch.context() as patch:
        for module, constant, value in LOWERED[name]:
            patch.setattr(module, constant, value)
        assert (jacobian_pattern_of(recorded, 1), hessian_pattern_of(recorded)) == expected
