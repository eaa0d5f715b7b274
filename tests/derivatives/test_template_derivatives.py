"""Symbolic derivatives of templates, row by row of the function table."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.derivatives.template_derivatives import TemplateDerivatives
from sparseopt.elements.evaluate import evaluate_terms
from sparseopt.elements.expressions import ExpressionPool, leaf_bits
from sparseopt.graph.functions import FUNCTIONS

SMOOTH = [row.name for row in FUNCTIONS.values() if row.partials or row.select]
FLAT = [row.name for row in FUNCTIONS.values() if not row.partials and not row.select]
CLOSED = [name for name in SMOOTH if not FUNCTIONS[name].open_arguments]


def points(row, count=20, seed=3):
    rng = np.random.default_rng(seed)
    return [rng.uniform(low, high, count) for low, high in row.domain]


def difference(function, args, k, step=1e-3):
    """Differences of sixth order: exact to about 1e-12 for functions of order one."""
    total = np.zeros_like(args[0])
    for distance, weight in ((1, 45.0), (2, -9.0), (3, 1.0)):
        for sign in (1, -1):
            moved = list(args)
            moved[k] = args[k] + sign * distance * step
            total = total + sign * weight * function(moved)
    return total / (60.0 * step)


def template(name):
    pool = ExpressionPool()
    term = pool.make(name, *(pool.leaf(k) for k in range(FUNCTIONS[name].arity)))
    return pool, term, TemplateDerivatives(pool)


@pytest.mark.parametrize("name", SMOOTH)
def test_first_partials_agree_with_differences_of_the_function(name):
    row = FUNCTIONS[name]
    args = points(row)
    pool, term, derivatives = template(name)
    gradient = derivatives.gradient(term)
    for k in range(row.arity):
        if k in row.open_arguments:
            continue
        expected = difference(lambda a: row.numpy(*a), args, k)
        if k not in gradient:
            np.testing.assert_allclose(expected, 0.0, atol=1e-9)
            continue
        actual = evaluate_terms(pool, [gradient[k]], dict(enumerate(args)))[0]
        np.testing.assert_allclose(actual + 0.0 * args[0], expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", [n for n in CLOSED if FUNCTIONS[n].curvature])
def test_second_partials_agree_with_differences_of_the_first(name):
    row = FUNCTIONS[name]
    args = points(row)
    pool, term, derivatives = template(name)
    gradient = derivatives.gradient(term)
    second = derivatives.hessian([(term, pool.literal(1.0))], range(row.arity))
    for i in gradient:

        def partial(a, i=i):
            return evaluate_terms(pool, [gradient[i]], dict(enumerate(a)))[0] + 0.0 * a[0]

        for j in range(i + 1):
            expected = difference(partial, args, j)
            if (i, j) not in second:
                np.testing.assert_allclose(expected, 0.0, atol=1e-9)
                continue
            actual = evaluate_terms(pool, [second[i, j]], dict(enumerate(args)))[0]
            np.testing.assert_allclose(actual + 0.0 * args[0], expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", CLOSED)
def test_pairs_with_vanishing_second_partials_are_those_of_the_table(name):
    row = FUNCTIONS[name]
    pool, term, derivatives = template(name)
    second = derivatives.hessian([(term, pool.literal(1.0))], range(row.arity))
    declared = {(int(b), int(a)) for a, b in row.curvature.split()}
    assert set(second) == declared


@pytest.mark.parametrize("name", FLAT)
def test_step_functions_have_no_derivatives(name):
    pool, term, derivatives = template(name)
    assert derivatives.gradient(term) == {}
    assert derivatives.hessian([(term, pool.literal(1.0))], range(3)) == {}


@pytest.mark.parametrize("name", CLOSED)
def test_pushforward_is_the_gradient_times_tangents(name):
    row = FUNCTIONS[name]
    args = points(row)
    pool, term, derivatives = template(name)
    first = row.arity
    tangents = {k: pool.leaf(first + k) for k in range(first)}
    pushed = derivatives.pushforward(term, tangents)
    rates = points(row, seed=7)
    leaves = dict(enumerate([*args, *rates]))
    gradient = derivatives.gradient(term)
    parts = [
        evaluate_terms(pool, [t], dict(enumerate(args)))[0] * rates[k] for k, t in gradient.items()
    ]
    actual = evaluate_terms(pool, [pushed], leaves)[0]
    np.testing.assert_allclose(actual, sum(parts), rtol=1e-12, atol=1e-12)


def pairs_of(write, leaves):
    """Return the pairs of a template's Hessian; ``write`` gets expressions with operators."""
    pool = ExpressionPool()
    handles = [pool.wrap(pool.leaf(k)) for k in range(leaves)]
    term = write(pool.functions, *handles).term
    derivatives = TemplateDerivatives(pool)
    return set(derivatives.hessian([(term, pool.literal(1.0))], range(leaves)))


@pytest.mark.parametrize(
    ("write", "leaves", "pairs"),
    [
        (lambda f, x, y, z: x * y + z, 3, {(1, 0)}),
        (lambda f, x, y: x / y, 2, {(1, 0), (1, 1)}),
        (lambda f, x, y, z, w: (x + y) * (z + w), 4, {(2, 0), (2, 1), (3, 0), (3, 1)}),
        (
            lambda f, x, y, z, w: (x * y) * (z * w),
            4,
            {(i, j) for i in range(4) for j in range(i)},
        ),
        (lambda f, x: x * x, 1, {(0, 0)}),
        (lambda f, x, y: f.power(x, y), 2, {(0, 0), (1, 0), (1, 1)}),
        (lambda f, x: f.power(x, 0.0), 1, set()),
        (lambda f, x: f.power(x, 1.0), 1, set()),
        (lambda f, x: f.power(x, 3.0), 1, {(0, 0)}),
        (lambda f, x: x / 3.0, 1, set()),
        (lambda f, x: 3.0 / x, 1, {(0, 0)}),
        (lambda f, x, y: f.absolute(x) + f.maximum(x, y), 2, set()),
        (lambda f, x, y: f.hypot(x, y), 2, {(0, 0), (1, 0), (1, 1)}),
        (lambda f, x, y: f.sign(x) * y, 2, set()),
        (lambda f, x, y: f.floor(x * y) + f.less(x, y), 2, set()),
        (
            lambda f, c, x, y, z, w: f.where(f.greater(c, 0.0), f.power(x, y), z * w),
            5,
            {(1, 1), (2, 1), (2, 2), (4, 3)},
        ),
        # |x y| has curvature sign(x y) in the pair alone, as has copysign(x y, z w)
        (lambda f, x, y, z, w: f.copysign(x * y, z * w), 4, {(1, 0)}),
        (lambda f, x, y: x * f.maximum(x, y), 2, {(0, 0), (1, 0)}),
    ],
)
def test_pairs_of_leaves_in_the_hessian(write, leaves, pairs):
    assert pairs_of(write, leaves) == pairs


def test_weights_join_the_outputs_of_a_template():
    pool = ExpressionPool()
    x, y = pool.leaf(0), pool.leaf(1)
    product, sine = pool.make("multiply", x, y), pool.make("sin", x)
    outputs = [(product, pool.leaf(2)), (sine, pool.leaf(3))]
    second = TemplateDerivatives(pool).hessian(outputs, [0, 1])
    assert set(second) == {(0, 0), (1, 0)}
    leaves = {0: np.array(0.5), 1: np.array(2.0), 2: np.array(3.0), 3: np.array(5.0)}
    diagonal, cross = evaluate_terms(pool, [second[0, 0], second[1, 0]], leaves)
    assert diagonal == pytest.approx(-5.0 * np.sin(0.5))
    assert cross == 3.0


def test_common_parts_of_derivatives_are_written_once():
    pool = ExpressionPool()
    x = pool.leaf(0)
    term = pool.make("exp", pool.make("multiply", x, x))
    gradient = TemplateDerivatives(pool).gradient(term)[0]
    names = [pool.calls[t][0] for t in pool.reachable([term, gradient])]
    assert names.count("exp") == 1


def test_what_outputs_share_is_differentiated_once_for_all_of_them():
    pool = ExpressionPool()
    shared = pool.make("exp", pool.make("sin", pool.leaf(0)))
    outputs = [pool.make("multiply", shared, pool.leaf(k)) for k in (1, 2)]
    weights = [pool.leaf(3), pool.leaf(4)]
    derivatives = TemplateDerivatives(pool)
    gradient = derivatives.weighted_gradient(list(zip(outputs, weights, strict=True)))
    # (w y + v z) exp(sin x) cos x: two products, their sum, twice a product, three functions
    assert pool.num_operations([gradient[0]]) == 8
    values = evaluate_terms(
        pool, [gradient[k] for k in range(3)], {0: 0.5, 1: 2.0, 2: 3.0, 3: 5.0, 4: 7.0}
    )
    e = np.exp(np.sin(0.5))
    assert values == pytest.approx([31.0 * e * np.cos(0.5), 5.0 * e, 7.0 * e])


def test_outputs_that_share_little_are_differentiated_one_by_one():
    pool = ExpressionPool()
    x, y = pool.leaf(0), pool.leaf(1)
    square = pool.make("multiply", x, x)
    outputs = [pool.make("add", square, pool.make("sin", y)), pool.make("cos", y), square]
    weights = [pool.leaf(k) for k in (2, 3, 4)]
    pairs = list(zip(outputs, weights, strict=True))
    derivatives = TemplateDerivatives(pool)
    apart = pool.make("multiply", pool.make("multiply", x, weights[0]), pool.literal(2.0))
    other = pool.make("multiply", pool.make("multiply", x, weights[2]), pool.literal(2.0))
    assert derivatives.weighted_gradient(pairs)[0] == pool.make("add", apart, other)
    together = pool.make("multiply", x, pool.make("add", weights[0], weights[2]))
    assert derivatives.pullback(pairs)[0] == pool.make("multiply", together, pool.literal(2.0))


def test_an_output_inside_another_gets_both_weights():
    pool = ExpressionPool()
    sine = pool.make("sin", pool.leaf(0))
    outputs = [(sine, pool.leaf(1)), (pool.make("exp", sine), pool.leaf(2)), (sine, pool.leaf(3))]
    gradient = TemplateDerivatives(pool).pullback(outputs)
    value = evaluate_terms(pool, [gradient[0]], {0: 0.5, 1: 1.0, 2: 7.0, 3: 2.0})[0]
    assert value == pytest.approx((3.0 + 7.0 * np.exp(np.sin(0.5))) * np.cos(0.5))


def test_derivatives_are_by_the_wanted_leaves_alone():
    pool = ExpressionPool()
    x, y, z = (pool.leaf(k) for k in range(3))
    term = pool.make("multiply", pool.make("sin", x), pool.make("multiply", y, z))
    derivatives = TemplateDerivatives(pool)
    whole = derivatives.gradient(term)
    assert sorted(whole) == [0, 1, 2]
    assert derivatives.gradient(term, leaf_bits([0, 2])) == {0: whole[0], 2: whole[2]}
    assert derivatives.gradient(term, leaf_bits([])) == {}
    assert set(derivatives.hessian([(term, pool.literal(1.0))], [0, 2])) == {(0, 0), (2, 0)}
