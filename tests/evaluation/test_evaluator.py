"""Every evaluation of hand-made problems against the interpreter's complex step."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.errors import ShapeError
from sparseopt.evaluation import Evaluator
from tests.evaluation.hand_made_cases import CASES, start
from tests.references import (
    BACKENDS,
    check_everything,
    make_evaluator,
    make_program,
    nothing,
    reference_jacobian,
)


@pytest.mark.parametrize("name", CASES)
def test_all_evaluations_agree_with_the_complex_step(name):
    objective, constraints, n = CASES[name]
    check_everything(make_program(objective, constraints, n), start(n))


@pytest.mark.parametrize("backend", BACKENDS)
def test_evaluations_at_another_point_use_nothing_of_the_last_one(backend):
    objective, constraints, n = CASES["stages_of_stages"]
    evaluator = make_evaluator(objective, constraints, n, backend)
    multipliers = np.linspace(-1, 1, evaluator.num_constraints)
    fresh = make_evaluator(objective, constraints, n, backend)
    evaluator.hessian_values(start(n, 1), multipliers)
    evaluator.jacobian_values(start(n, 2))
    again = evaluator.hessian_values(start(n, 3), multipliers)
    np.testing.assert_array_equal(again, fresh.hessian_values(start(n, 3), multipliers))


def test_parameters_change_without_a_new_trace():
    program = make_program(
        lambda x, p: np.sum(p[0] * x**2) + np.exp(p[1] * x[0]), lambda x, p: p * np.sin(x[:2]), 4, 2
    )
    for p in (np.array([2.0, 0.3]), np.array([0.0, 0.0]), np.array([-1.5, 4.0])):
        check_everything(program, start(4), p)


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_go_into_the_array_that_was_given(backend):
    objective, constraints, n = CASES["luksan_vlcek"]
    evaluator = make_evaluator(objective, constraints, n, backend)
    x, m = start(n), evaluator.num_constraints
    v, w = np.ones(n), np.ones(m)
    calls = {
        "gradient": (n, lambda out: evaluator.gradient(x, out=out)),
        "constraints": (m, lambda out: evaluator.constraints(x, out=out)),
        "jacobian": (
            evaluator.jacobian_pattern.nnz,
            lambda out: evaluator.jacobian_values(x, out=out),
        ),
        "hessian": (
            evaluator.hessian_pattern.nnz,
            lambda out: evaluator.hessian_values(x, w, 0.5, out=out),
        ),
        "pushforward": (m, lambda out: evaluator.pushforward(x, v, out=out)),
        "pullback": (n, lambda out: evaluator.pullback(x, w, out=out)),
        "product": (n, lambda out: evaluator.hessian_vector_product(x, w, v, 0.5, out=out)),
    }
    for name, (size, call) in calls.items():
        out = np.full(size, np.nan)  # every place must be overwritten
        assert call(out) is out, name
        assert np.isfinite(out).all(), name


@pytest.mark.parametrize("backend", BACKENDS)
def test_evaluations_are_equal_bit_for_bit_between_calls(backend):
    objective, constraints, n = CASES["stages_of_stages"]
    evaluator = make_evaluator(objective, constraints, n, backend)
    x, w = start(n), np.linspace(-1, 1, evaluator.num_constraints)
    once = evaluator.hessian_values(x, w), evaluator.jacobian_values(x), evaluator.gradient(x)
    again = evaluator.hessian_values(x, w), evaluator.jacobian_values(x), evaluator.gradient(x)
    for one, other in zip(once, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weight_and_multipliers_of_zero_leave_the_structure_alone():
    objective, constraints, n = CASES["luksan_vlcek"]
    evaluator = make_evaluator(objective, constraints, n)
    m = evaluator.num_constraints
    assert (evaluator.hessian_values(start(n), np.zeros(m), 0.0) == 0.0).all()
    only_objective = evaluator.hessian_values(start(n), np.zeros(m), 1.0)
    assert only_objective.size == evaluator.hessian_pattern.nnz


@pytest.mark.parametrize("backend", BACKENDS)
def test_nan_and_infinity_of_the_formula_reach_the_output(backend):
    evaluator = make_evaluator(
        lambda x: np.sum(np.log(x)), lambda x: np.sqrt(x) + 1.0 / x[::-1], 3, backend
    )
    x = np.array([-1.0, 0.0, 4.0])
    assert np.isnan(evaluator.objective(x))
    constraints = evaluator.constraints(x)
    assert np.isnan(constraints[0])
    assert np.isneginf(evaluator.constraints(np.array([1.0, 1.0, -0.0]))[0])
    assert np.isposinf(evaluator.constraints(np.array([1.0, 0.0, 1.0]))[1])
    assert np.isposinf(dict_of(evaluator, x)[1, 1])


def dict_of(evaluator, x):
    pattern = evaluator.jacobian_pattern
    entries = zip(pattern.rows, pattern.cols, evaluator.jacobian_values(x), strict=True)
    total = {(int(i), int(j)): v for i, j, v in entries}
    # 1/x at 0 and sqrt at 0 meet in entry (1, 1): inf - inf would be NaN, so read the sqrt alone
    only = make_evaluator(lambda x: x[0], np.sqrt, 3, evaluator.backend)
    alone = zip(
        only.jacobian_pattern.rows, only.jacobian_pattern.cols, only.jacobian_values(x), strict=True
    )
    total.update({(int(i), int(j)): v for i, j, v in alone})
    return total


@pytest.mark.parametrize("backend", BACKENDS)
def test_nan_in_one_variable_touches_only_what_reads_it(backend):
    evaluator = make_evaluator(
        lambda x: np.sum(x**2), lambda x: x[1:] * x[:-1] + np.sin(x[1:]), 40, backend
    )
    x = start(40)
    x[17] = np.nan
    assert np.flatnonzero(np.isnan(evaluator.constraints(x))).tolist() == [16, 17]
    values = evaluator.jacobian_values(x)
    rows = evaluator.jacobian_pattern.rows[np.isnan(values)]
    assert set(rows.tolist()) <= {16, 17}


def test_gradient_of_a_problem_without_curvature_is_constant():
    evaluator = make_evaluator(lambda x: np.sum(3.0 * x) - x[0], nothing, 5)
    np.testing.assert_array_equal(evaluator.gradient(np.full(5, np.nan)), [2, 3, 3, 3, 3])


def test_backend_numpy_has_no_native_functions_and_says_so():
    evaluator = make_evaluator(np.sum, nothing, 3)
    assert evaluator.native is None
    assert "NumPy" in evaluator.source("objective")


def test_source_of_a_compiled_evaluation_is_llvm_code():
    evaluator = make_evaluator(lambda x: np.sum(np.exp(x)), nothing, 30, "llvm")
    assert "define void @kernel0" in evaluator.source("gradient")


def test_summary_counts_blocks_and_instances():
    objective, constraints, n = CASES["luksan_vlcek"]
    summary = make_evaluator(objective, constraints, n).summary()
    assert summary["blocks"] == 2
    assert summary["instances"] == (n - 1) + (n - 2)
    assert summary["intermediates"] == 0


def test_several_variables_follow_each_other_in_x():
    program = make_program(lambda x: x[0] * x[2], lambda x: x[1:] ** 2, 3)
    gradient = Evaluator(program, "numpy").gradient(np.array([2.0, 3.0, 5.0]))
    np.testing.assert_array_equal(gradient, [5.0, 0.0, 2.0])
    np.testing.assert_allclose(
        reference_jacobian(program, np.array([2.0, 3.0, 5.0]))[0], [5.0, 0.0, 2.0]
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_vectors_of_any_layout_and_type_are_read_right(backend):
    evaluator = make_evaluator(lambda x: np.sum(x**2), lambda x: x[1:] * x[:-1], 6, backend)
    whole = np.arange(12.0)
    strided, flat = whole[::2], whole[::2].copy()
    assert evaluator.objective(strided) == np.sum(flat**2)
    assert evaluator.objective(np.arange(6)) == 55.0
    assert evaluator.objective([1, 1, 1, 1, 1, 1]) == 6.0
    np.testing.assert_array_equal(evaluator.gradient(strided), 2 * flat)
    w = np.ones((5, 3))[:, 1]
    np.testing.assert_array_equal(
        evaluator.hessian_vector_product(strided, w, strided, 1.0),
        evaluator.hessian_vector_product(flat, np.ones(5), flat, 1.0),
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_arrays_of_wrong_size_raise_instead_of_reaching_compiled_code(backend):
    evaluator = make_evaluator(lambda x: np.sum(x**2), lambda x: x[1:] * x[:-1], 6, backend)
    x = np.ones(6)
    with pytest.raises(ShapeError, match="x has 5 elements instead of 6"):
        evaluator.objective(np.ones(5))
    with pytest.raises(ShapeError, match="weights of the constraints"):
        evaluator.hessian_values(x, np.ones(6))
    with pytest.raises(ShapeError, match="direction"):
        evaluator.pushforward(x, np.ones(7))
    with pytest.raises(ShapeError, match="out has 3 elements"):
        evaluator.gradient(x, out=np.empty(3))
    with pytest.raises(ShapeError, match="not a contiguous"):
        evaluator.gradient(x, out=np.empty(12)[::2])
    with pytest.raises(ShapeError, match="not a contiguous"):
        evaluator.gradient(x, out=np.empty(6, np.float32))


LARGE = {
    "luksan_vlcek": CASES["luksan_vlcek"][:2],
    "stages": (
        lambda x: np.log(np.mean(np.exp(x))),
        lambda x: np.tanh(np.mean(x * x)) * x + np.sin(np.mean(x) * x[::-1]),
    ),
    "strided": (
        lambda x: np.sum(x[::3] * x[::-3] * x[1::3]),
        lambda x: np.exp(x[::-2]) * x[1::2] + x[0] * x[: x.size // 2],
    ),
    "scattered": (
        lambda x: np.sum(x[SCATTERED] * np.sin(x[SCATTERED[::-1]])),
        lambda x: x[SCATTERED] ** 2 * x + np.cos(x[SCATTERED] - x) * 0.5,
    ),
    "stencil": (
        lambda x: np.sum(np.diff(x.reshape(-1, 75), axis=0) ** 4),
        lambda x: _laplacian(np.pad(x.reshape(-1, 75), 1)).ravel() * np.exp(x),
    ),
}
SCATTERED = np.random.default_rng(7).integers(0, 6000, 6000)


def _laplacian(p):
    return p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2] - 4 * p[1:-1, 1:-1]


@pytest.mark.parametrize("name", LARGE)
def test_backends_agree_on_problems_of_many_chunks(name):
    objective, constraints = LARGE[name]
    program = make_program(objective, constraints, 6000)
    compiled, plain = Evaluator(program, "llvm"), Evaluator(program, "numpy")
    x = start(6000)
    w, v = np.cos(np.arange(compiled.num_constraints)), np.sin(np.arange(6000.0))
    for call in (
        lambda e: e.objective(x),
        lambda e: e.constraints(x),
        lambda e: e.gradient(x),
        lambda e: e.jacobian_values(x) if name != "stages" else e.pushforward(x, v),
        lambda e: e.hessian_values(x, w, 0.3) if name != "stages" else e.pullback(x, w),
        lambda e: e.hessian_vector_product(x, w, v, 0.3),
    ):
        expected = call(plain)
        scale = max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(call(compiled) / scale, expected / scale, rtol=0, atol=1e-12)
