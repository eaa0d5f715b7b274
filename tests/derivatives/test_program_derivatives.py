"""Derivatives as Programs: against compiled derivatives, the table of functions, and CasADi."""

from __future__ import annotations

import casadi as ca
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import sparseopt as so
from sparseopt.derivatives.programs.derived import DerivedPrograms
from sparseopt.evaluation import Evaluator
from sparseopt.graph.functions import FUNCTIONS, numpy_functions
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Elementwise, Input
from sparseopt.testing.casadi_translation import is_translatable, translate
from sparseopt.testing.programs import random_programs
from sparseopt.tracing.elementwise import record
from sparseopt.tracing.trace import trace
from tests.references import (
    assert_close,
    dense_hessian,
    dense_jacobian,
    make_program,
    reference_jacobian,
)


def weighted(program):
    """Return the sum of a random program's values with different weights, and a product."""

    def objective(x):
        values = program(x.reshape(program.shape))
        return np.sum(values * np.cos(np.arange(values.size))) + values[0] * values[-1]

    return objective


def compiled(objective, constraints, n):
    return Evaluator(make_program(objective, constraints, n), "numpy")


def run(program, *vectors):
    """Return a program's value by compilation, which drops what vanishes identically."""
    nothing = Constant(np.zeros(1))
    return Evaluator(program.with_outputs((nothing, program.outputs[0])), "numpy").constraints(
        np.concatenate(vectors)
    )


@settings(max_examples=50, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), seed=st.integers(0, 3))
def test_gradients_and_products_equal_the_compiled_ones(program, seed):
    x = program.point(seed).ravel()
    objective = weighted(program)
    recorded, _ = trace(objective, x.shape)
    derived = DerivedPrograms(recorded)
    evaluator = compiled(objective, lambda x: program(x.reshape(program.shape)), x.size)
    direction = np.random.default_rng(seed).standard_normal(x.size)
    assert_close(run(derived.gradient, x), evaluator.gradient(x), 1e-11, "gradient")
    product = evaluator.hessian_vector_product(x, np.zeros(evaluator.num_constraints), direction)
    assert_close(run(derived.hessian_product, x, direction), product, 1e-10, "product")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(program=random_programs(smooth=False), seed=st.integers(0, 3))
def test_jacobian_products_equal_the_compiled_ones(program, seed):
    x = program.point(seed).ravel()
    recorded, _ = trace(lambda x: program(x.reshape(program.shape)), x.shape)
    derived = DerivedPrograms(recorded)
    evaluator = Evaluator(
        recorded.with_outputs((Constant(np.zeros(1)), *recorded.outputs)), "numpy"
    )
    jacobian = dense_jacobian(evaluator, x)
    random = np.random.default_rng(seed)
    v, w = random.standard_normal(x.size), random.standard_normal(len(jacobian))
    assert_close(run(derived.pushforward, x, v), jacobian @ v, 1e-11, "pushforward")
    assert_close(run(derived.pullback, x, w), jacobian.T @ w, 1e-11, "pullback")
    values = run(derived.jacobian(evaluator.jacobian_pattern), x)
    assert_close(values, evaluator.jacobian_values(x), 1e-11, "jacobian")


@settings(max_examples=25, deadline=None, derandomize=True)
@given(program=random_programs(smooth=False, most_steps=6), seed=st.integers(0, 3))
def test_the_jacobian_of_the_gradient_is_the_hessian(program, seed):
    x = program.point(seed).ravel()
    objective = weighted(program)
    recorded, _ = trace(objective, x.shape)
    derived = DerivedPrograms(recorded)
    direct = compiled(objective, lambda x: x[:0], x.size)
    nested = Evaluator(
        derived.gradient.with_outputs((Constant(np.zeros(1)), *derived.gradient.outputs)), "numpy"
    )
    hessian = dense_hessian(direct, x, np.zeros(0))
    assert_close(dense_jacobian(nested, x), hessian, 1e-10, "nested")
    values = run(derived.hessian(direct.hessian_pattern), x)
    assert_close(values, direct.hessian_values(x, np.zeros(0)), 1e-10, "colored")
    pattern = direct.hessian_pattern
    allowed = pattern.to_symmetric(np.ones(pattern.nnz)).toarray() != 0
    assert allowed[nested.jacobian_pattern.rows, nested.jacobian_pattern.cols].all()


@settings(max_examples=10, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True, most_steps=4), seed=st.integers(0, 3))
def test_third_derivatives_agree_with_the_complex_step(program, seed):
    x = program.point(seed).ravel()
    recorded, _ = trace(weighted(program), x.shape)
    pattern = compiled(weighted(program), lambda x: x[:0], x.size).hessian_pattern
    values = DerivedPrograms(recorded).hessian(pattern)
    problem = values.with_outputs((Constant(np.zeros(1)), *values.outputs))
    third = dense_jacobian(Evaluator(problem, "numpy"), x)
    assert_close(third, reference_jacobian(problem, x)[1:], 1e-9, "third")


@settings(max_examples=15, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True, most_steps=4), seed=st.integers(0, 3))
def test_third_derivatives_agree_with_casadi(program, seed):
    x = program.point(seed).ravel()
    objective, v = weighted(program), np.cos(np.arange(x.size))
    recorded, _ = trace(objective, x.shape)
    assume(is_translatable(recorded))
    third, _ = trace(
        lambda x: so.gradient(lambda y: so.hessian_vector_product(objective, y)(y, v) @ v, x)(x),
        x.shape,
    )
    symbols, parameters, (value,) = translate(recorded)
    hessian, _ = ca.hessian(value, symbols)
    curvature = ca.gradient(ca.mtimes([ca.DM(v).T, hessian, ca.DM(v)]), symbols)
    expected = ca.Function("third", [symbols, parameters], [ca.densify(curvature)])
    assert_close(run(third, x), np.array(expected(x, np.zeros(0))).ravel(), 1e-9, "third")


SMOOTH = [row for row in FUNCTIONS.values() if row.partials is not None]


def sample(row, seed=0):
    random = np.random.default_rng(seed)
    return [random.uniform(low, high, 4) for low, high in row.domain]


def of_arguments(row, fixed):
    """Return the function of all arguments in a row, but for those that are fixed."""

    def function(x):
        free = iter(x.reshape(-1, 4))
        args = [fixed[k] if k in fixed else next(free) for k in range(row.arity)]
        return record(row, tuple(args))

    return function


@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
def test_the_partials_of_every_function_are_recorded(row):
    args = sample(row)
    fixed = {k: args[k] for k in row.open_arguments}
    free = [a for k, a in enumerate(args) if k not in fixed]
    x = np.concatenate(free)
    program, _ = trace(of_arguments(row, fixed), x.shape)
    derived = DerivedPrograms(program)
    with np.errstate(all="ignore"):
        partials = row.partials(numpy_functions, row.numpy(*args), *args)
    wanted = [np.broadcast_to(p, 4) for k, p in enumerate(partials) if k not in fixed]
    assert_close(run(derived.pullback, x, np.ones(4)), np.concatenate(wanted), 1e-12)
    directions = [np.cos(np.arange(4.0) + k) for k in range(len(free))]
    expected = sum(p * v for p, v in zip(wanted, directions, strict=True))
    assert_close(run(derived.pushforward, x, *directions), expected, 1e-12)


@pytest.mark.parametrize("name", [n for n, row in FUNCTIONS.items() if row.partials is None])
def test_functions_with_jumps_have_no_slope_and_choices_that_of_the_branch(name):
    row = FUNCTIONS[name]
    args = sample(row)
    x = np.concatenate(args)
    program, _ = trace(of_arguments(row, {}), x.shape)
    slopes = run(DerivedPrograms(program).pullback, x, np.ones(4)).reshape(row.arity, 4)
    if row.select is None:
        assert not slopes.any()
        return
    condition, *_ = row.select(numpy_functions, *args)
    first = np.asarray(condition) != 0
    assert_close(slopes[-2], np.where(first, 1.0, 0.0), 0.0)
    assert_close(slopes[-1], np.where(first, 0.0, 1.0), 0.0)


def test_products_are_counted_by_colors_not_by_columns():
    n = 50
    program, _ = trace(lambda x: np.sin(x[1:] * x[:-1]), (n,))
    evaluator = Evaluator(program.with_outputs((Constant(np.zeros(1)), *program.outputs)), "numpy")
    values = DerivedPrograms(program).jacobian(evaluator.jacobian_pattern)
    # Two colors: for each the cosine of the one product, which is shared, times one factor.
    names = [node.function.name for node in values.nodes() if isinstance(node, Elementwise)]
    assert names.count("cos") == 1
    assert len(names) <= 10


def test_derived_programs_are_made_once():
    derived = DerivedPrograms(trace(lambda x: np.sum(x**2), (3,))[0])
    assert derived.gradient is derived.gradient
    assert derived.hessian_product is derived.hessian_product
    assert derived.taylor(2) is derived.taylor(2)


def test_the_gradient_of_a_sum_is_a_constant():
    program = DerivedPrograms(trace(lambda x: 3.0 * np.sum(x), (4,))[0]).gradient
    np.testing.assert_array_equal(interpret(program, np.zeros(4))[0], [3.0, 3.0, 3.0, 3.0])
    assert not any(isinstance(node, Input) for node in program.nodes())
