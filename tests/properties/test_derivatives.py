"""Random programs: every evaluation by both backends, against the complex step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.evaluation import Evaluator
from sparseopt.testing.programs import random_programs
from sparseopt.testing.recording import nonlinear_program
from sparseopt.testing.thresholds import LOWERED, lowered
from tests.references import Reference, check_everything, reference_jacobian


def problem_of(program):
    """Return the nonlinear program with a random program as constraints and in the objective."""
    return nonlinear_program(program), int(np.prod(program.shape))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_smooth_programs_have_exact_derivatives(program, seed):
    recorded, _ = problem_of(program)
    check_everything(recorded, program.point(seed).ravel())


@settings(max_examples=20, deadline=None, derandomize=True)
@given(program=random_programs(smooth=False), seed=st.integers(0, 3))
def test_programs_with_kinks_have_exact_first_derivatives(program, seed):
    recorded, _ = problem_of(program)
    check_everything(recorded, program.point(seed).ravel(), second=False)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True))
def test_patterns_contain_every_entry_that_is_ever_nonzero(program):
    recorded, n = problem_of(program)
    evaluator = Evaluator(recorded, "numpy")
    rows, cols = evaluator.jacobian_pattern.rows, evaluator.jacobian_pattern.cols
    allowed = np.zeros((evaluator.num_constraints, n), bool)
    allowed[rows, cols] = True
    hessian = np.zeros((n, n), bool)
    hessian[evaluator.hessian_pattern.rows, evaluator.hessian_pattern.cols] = True
    for seed in range(2):
        reference = Reference(recorded, program.point(seed).ravel(), seed=seed)
        assert not (reference.jacobian[~allowed] != 0.0).any()
        if n <= 10:
            lower = np.tril_indices(n)
            found = np.zeros((n, n))
            found[lower] = reference.curvatures
            assert (np.abs(found[~hessian]) < 1e-7).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(program=random_programs())
def test_rows_called_linear_have_constant_derivatives(program):
    recorded, _ = problem_of(program)
    linear = Evaluator(recorded, "numpy").is_linear_row
    one, other = (reference_jacobian(recorded, program.point(s).ravel())[1:] for s in (0, 1))
    np.testing.assert_allclose(one[linear], other[linear], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", LOWERED)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_derivatives_are_exact_whatever_the_thresholds(name, program, seed):
    recorded, _ = problem_of(program)
    with lowered(name):
        check_everything(recorded, program.point(seed).ravel(), backends=("numpy",))
