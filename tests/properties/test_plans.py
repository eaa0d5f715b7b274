"""Every plan gives the direct plan's values, on random programs, with both executions.

``SPARSEOPT_EXAMPLES=10000 pytest tests/properties/test_plans.py`` runs more of them.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.codegen.native import NativeProgram
from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.derivatives import compressed
from sparseopt.derivatives.plans import HESSIAN_PLANS, JACOBIAN_PLANS
from sparseopt.elements import materialization
from sparseopt.evaluation import Evaluator
from sparseopt.testing.programs import random_programs
from sparseopt.testing.recording import nonlinear_program

EXAMPLES = int(os.environ.get("SPARSEOPT_EXAMPLES", "20"))
TOLERANCE = 1e-9


def dense(plan, execution, x, multipliers):
    """Return the matrix that a plan evaluates."""
    values = np.full(plan.pattern.nnz, np.nan)
    execution(plan.schedule, np.zeros(0)).run(x, values, multipliers, 0.7)
    return plan.pattern.to_matrix(values).toarray()


def assert_plans_agree(program, seed, execution):
    evaluator = Evaluator(nonlinear_program(program), "numpy")
    x = program.point(seed).ravel()
    multipliers = np.random.default_rng(seed).standard_normal(evaluator.num_constraints)
    for candidates, names in (
        (evaluator.jacobian_candidates, JACOBIAN_PLANS),
        (evaluator.hessian_candidates, HESSIAN_PLANS),
    ):
        direct = candidates.plan("direct")
        expected = dense(direct, execution, x, multipliers)
        scale = 1.0 + np.abs(expected).max(initial=0.0)
        for name in names[1:]:
            plan = candidates.plan(name)
            assert plan.pattern == direct.pattern, name
            found = dense(plan, execution, x, multipliers)
            np.testing.assert_allclose(
                found, expected, rtol=TOLERANCE, atol=TOLERANCE * scale, err_msg=name
            )


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_every_plan_gives_the_direct_values(program, seed):
    assert_plans_agree(program, seed, NumpyProgram)


@settings(max_examples=max(10, EXAMPLES // 10), deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_every_compiled_plan_gives_the_direct_values(program, seed):
    assert_plans_agree(program, seed, NativeProgram)


@pytest.mark.parametrize("directions", [1, 3])
@settings(max_examples=EXAMPLES // 2, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_plans_agree_through_many_stages_and_small_chunks(directions, program, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(materialization, "MAX_WIDTH", 1)
        patch.setattr(materialization, "CHEAP", 0)
        patch.setattr(compressed, "MAX_DIRECTIONS", directions)
        assert_plans_agree(program, seed, NumpyProgram)
