"""Values, derivatives and patterns of hand-made problems against CasADi."""

from __future__ import annotations

import casadi as ca
import numpy as np
import pytest

from sparseopt.evaluation import Evaluator
from sparseopt.testing.casadi_translation import CasadiProblem
from tests.evaluation.hand_made_cases import CASES, start
from tests.references import assert_close, dense_hessian, dense_jacobian, make_program

CANCELED = {"quotients": {(12, 0)}}
"""Jacobian entries that CasADi drops by value, here x[0] / x[0]; a pattern here is structural."""


def entries(pattern):
    return set(zip(pattern.rows.tolist(), pattern.cols.tolist(), strict=True))


@pytest.mark.parametrize("kind", [ca.SX, ca.MX], ids=["SX", "MX"])
@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives_agree_with_casadi(name, kind):
    objective, constraints, n = CASES[name]
    program = make_program(objective, constraints, n)
    evaluator, other = Evaluator(program, "llvm"), CasadiProblem(program, kind)
    x = start(n, 5)
    multipliers = np.random.default_rng(1).standard_normal(evaluator.num_constraints)
    assert_close(evaluator.objective(x), other("objective", x).item(), 1e-12, "objective")
    assert_close(evaluator.constraints(x), other("constraints", x).ravel(), 1e-12, "constraints")
    assert_close(evaluator.gradient(x), other("gradient", x).ravel(), 1e-12, "gradient")
    assert_close(dense_jacobian(evaluator, x), other("jacobian", x), 1e-12, "jacobian")
    hessian = other("hessian", x, None, multipliers, 0.7)
    assert_close(dense_hessian(evaluator, x, multipliers, 0.7), hessian, 1e-11, "hessian")


@pytest.mark.parametrize("name", CASES)
def test_patterns_are_those_of_casadi_scalar_graphs(name):
    objective, constraints, n = CASES[name]
    program = make_program(objective, constraints, n)
    evaluator, other = Evaluator(program, "numpy"), CasadiProblem(program)
    jacobian = other.jacobian_entries | CANCELED.get(name, set())
    assert entries(evaluator.jacobian_pattern) == jacobian
    assert entries(evaluator.hessian_pattern) == other.hessian_entries
