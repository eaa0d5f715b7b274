"""Patterns of every problem, found by index sets, are those of its element form."""

import pytest

from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of
from tests.problems.sizes import SIZED, SIZED_IDS


@pytest.mark.parametrize(("record", "size"), SIZED, ids=SIZED_IDS)
def test_index_sets_and_element_form_agree(record, size):
    problem = record.build(**size).problem()
    evaluator = problem.evaluator
    assert jacobian_pattern_of(problem.program, 1) == evaluator.jacobian_pattern
    assert hessian_pattern_of(problem.program) == evaluator.hessian_pattern
