"""Random programs: every evaluation by both backends, against the complex step and CasADi."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.elements import build, materialization, merging, rolling, sum_chains, templates
from sparseopt.evaluation import Evaluator
from tests.casadi_translation import CasadiProblem
from tests.properties.random_programs import random_programs
from tests.references import (
    Reference,
    assert_close,
    check_everything,
    dense_hessian,
    dense_jacobian,
    make_program,
    reference_jacobian,
)


def problem_of(program):
    """Return the nonlinear program with a random program as constraints and in the objective."""
    n = int(np.prod(program.shape))

    def constraints(x):
        return program(x.reshape(program.shape))

    def objective(x):
        values = constraints(x)
        return np.sum(values * np.cos(np.arange(values.size))) + values[0] * values[-1]

    return make_program(objective, constraints, n), n


@settings(max_examples=120, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_smooth_programs_have_exact_derivatives(program, seed):
    recorded, _ = problem_of(program)
    check_everything(recorded, program.point(seed).ravel())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(program=random_programs(smooth=False), seed=st.integers(0, 3))
def test_programs_with_kinks_have_exact_first_derivatives(program, seed):
    recorded, _ = problem_of(program)
    check_everything(recorded, program.point(seed).ravel(), second=False)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_derivatives_and_patterns_agree_with_casadi(program, seed):
    recorded, _ = problem_of(program)
    x = program.point(seed).ravel()
    evaluator, other = Evaluator(recorded, "numpy"), CasadiProblem(recorded)
    multipliers = np.random.default_rng(seed).standard_normal(evaluator.num_constraints)
    assert_close(dense_jacobian(evaluator, x), other("jacobian", x), 1e-11, "jacobian")
    expected = other("hessian", x, None, multipliers, 0.7)
    assert_close(dense_hessian(evaluator, x, multipliers, 0.7), expected, 1e-10, "hessian")


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


# Thresholds decide what pays, never what is right: random programs are too small to pass them, so
# these tests lower them one after another.
LOWERED = {
    "every sum is a stage": [(materialization, "MAX_WIDTH", 1), (materialization, "CHEAP", 0)],
    "every loop is rolled": [(rolling, "MIN_SMALL_NODES", 0)],
    "every chain is a sum": [(sum_chains, "MIN_TERMS", 2), (rolling, "MIN_SMALL_NODES", 0)],
    "templates are small": [(templates, "MAX_OPERATIONS", 6), (templates, "MAX_DEPTH", 4)],
    "nothing merges": [(merging, "SMALL", 0), (merging, "MAX_OUTPUTS", 1)],
    "everything merges": [(merging, "SMALL", 10**9), (merging, "MANY", 0)],
}


@pytest.mark.parametrize("name", LOWERED)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_derivatives_are_exact_whatever_the_thresholds(name, program, seed):
    recorded, _ = problem_of(program)
    with pytest.MonkeyPatch.context() as patch:
        for module, constant, value in LOWERED[name]:
            patch.setattr(module, constant, value)
            if module is not build and hasattr(build, constant):
                patch.setattr(build, constant, value)
        check_everything(recorded, program.point(seed).ravel(), backends=("numpy",))
