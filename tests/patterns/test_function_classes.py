"""Every function of the table: which partials vanish, compared with numbers at random arguments."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.patterns.activity import curved_pairs, flowing_arguments
from sparseopt.patterns.dual_numbers import first_partials, second_partials
from sparseopt.patterns.known_values import UNKNOWN, Known, KnownFunctions

STEP = 1e-5

OTHER_DOMAINS = {  # in which every argument matters somewhere
    "remainder": ((2.0, 9.0), (1.0, 2.0)),
    "fmod": ((2.0, 9.0), (1.0, 2.0)),
}


def sample(function, seed=0, size=20):
    generator = np.random.default_rng(seed)
    domain = OTHER_DOMAINS.get(function.name, function.domain)
    args = [generator.uniform(low, high, size) for low, high in domain]
    if function.name == "where":
        args[0][::2] = 0.0
    return args


def difference(function, args, argument):
    above, below = ([*args], [*args])
    above[argument], below[argument] = args[argument] + STEP, args[argument] - STEP
    return (function(*above) - function(*below)) / (2 * STEP)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_flowing_arguments_are_those_that_change_the_value(name):
    function, args = FUNCTIONS[name], sample(FUNCTIONS[name])
    for argument, flows in enumerate(flowing_arguments(function)):
        if name == "where" and argument == 0:
            assert not flows  # a condition is zero or not: every step is a jump
            continue
        slopes = difference(function.numpy, args, argument)
        smooth = np.abs(slopes) < 1e3  # no jump within the step
        assert flows == bool((np.abs(slopes[smooth]) > 1e-7).any())


@pytest.mark.parametrize(
    "name", [n for n, f in FUNCTIONS.items() if f.curvature and not f.open_arguments]
)
def test_second_partials_by_dual_numbers_agree_with_differences(name):
    function, args = FUNCTIONS[name], tuple(sample(FUNCTIONS[name]))

    def partial(i):
        return lambda *a: np.broadcast_to(first_partials(function, function.numpy(*a), a)[i], 20)

    found = second_partials(function, function.numpy(*args), args)
    assert set(found) == set(curved_pairs(function))
    for (i, j), values in found.items():
        expected = difference(partial(i), args, j)
        np.testing.assert_allclose(
            np.broadcast_to(values, 20), expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max()
        )


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if f.partials and f.arity == 2])
def test_pairs_that_are_not_curved_have_no_second_partials(name):
    function, args = FUNCTIONS[name], sample(FUNCTIONS[name])
    for i in range(2):
        for j in range(i, 2):
            if (i, j) in curved_pairs(function) or not flowing_arguments(function)[i]:
                continue
            slopes = difference(
                lambda *a: np.broadcast_to(
                    first_partials(function, function.numpy(*a), a)[i],  # noqa: B023
                    20,
                ),
                args,
                j,
            )
            np.testing.assert_allclose(slopes, 0.0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "argument", "value", "first_zero", "second_zero"),
    [
        ("multiply", 0, 0.0, True, False),
        ("divide", 0, 0.0, True, True),
        ("power", 1, 0.0, True, True),
        ("power", 1, 1.0, False, True),
        ("power", 1, 2.0, False, False),
        ("power", 0, 1.0, True, True),
        ("arctan2", 0, 0.0, True, True),
        ("hypot", 0, 0.0, False, False),
        ("xlogy", 0, 0.0, True, True),
        ("add", 0, 0.0, False, False),
    ],
)
def test_what_a_constant_argument_makes_vanish(name, argument, value, first_zero, second_zero):
    function, other = FUNCTIONS[name], 1 - argument
    args = [UNKNOWN, UNKNOWN]
    args[argument] = Known(True, np.array([value]))
    functions = KnownFunctions()
    result = getattr(functions, name)(*args)
    partial = first_partials(function, result, tuple(args), functions)[other]
    assert first_zero == (isinstance(partial, Known) and bool(partial.equal(0.0).all()))
    if (other, other) in curved_pairs(function):
        second = second_partials(function, result, tuple(args), functions)[other, other]
        assert second_zero == bool(second.equal(0.0).all())


def test_two_partly_known_vectors():
    first = Known(np.array([True, True, False]), np.array([0.0, 2.0, 9.0]))
    second = Known(np.array([False, True, True]), np.array([9.0, 3.0, 0.0]))
    product = first * second
    assert product.mask is True
    assert product.values.tolist() == [0.0, 6.0, 0.0]
    assert np.asarray((first + second).mask).tolist() == [False, True, False]
    assert (UNKNOWN + 1.0) is UNKNOWN
    assert (-first).equal(-2.0).tolist() == [False, True, False]
    assert (1.0 - (first - 1.0) / 2.0).equal(1.5).tolist() == [True, False, False]
