"""Every plan gives the direct plan's values on every problem of the collection."""

import numpy as np
import pytest

from problems import registry
from sparseopt.codegen.native import NativeProgram
from sparseopt.derivatives.plans import HESSIAN_PLANS, JACOBIAN_PLANS
from tests.problems.sizes import SAMPLE


def values(evaluator, plan, x, multipliers):
    out = np.full(plan.pattern.nnz, np.nan)
    NativeProgram(plan.schedule, evaluator.parameters).run(x, out, multipliers, 0.7)
    return plan.pattern.to_csr(out)


@pytest.mark.parametrize("name", SAMPLE)
def test_plans_agree(name):
    record = registry.get(name)
    problem = record.build(**record.sizes["small"]).problem()
    evaluator = problem.evaluator
    random = np.random.default_rng(0)
    x = problem.initial_point + random.uniform(0.0, 1e-2, problem.num_variables)
    multipliers = random.standard_normal(evaluator.num_constraints)
    for candidates, names in (
        (evaluator.jacobian_candidates, JACOBIAN_PLANS),
        (evaluator.hessian_candidates, HESSIAN_PLANS),
    ):
        direct = candidates.plan("direct")
        expected = values(evaluator, direct, x, multipliers)
        scale = 1.0 + np.abs(expected.data).max(initial=0.0)
        for plan in map(candidates.plan, names[1:]):
            assert plan.pattern == direct.pattern
            difference = values(evaluator, plan, x, multipliers) - expected
            # Substitution adds up rounding along its trees.
            tolerance = 1e-9 if plan.name == "acyclic" else 1e-12
            assert np.abs(difference.data).max(initial=0.0) <= tolerance * scale, plan.name
