"""The function table outside the test domains: other branches, negative arguments, kinks, ties."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sparseopt.evaluation import Evaluator
from sparseopt.graph.functions import FUNCTIONS, numpy_functions
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input
from sparseopt.graph.program import Program
from tests.codegen.schedules import elementwise, run_both
from tests.graph.test_functions import difference, points, slots

# Where functions have other branches than in the domains of the table.
ELSEWHERE = {
    "absolute": [((-4.0, -0.1),)],
    "cbrt": [((-4.0, -0.1),)],
    "copysign": [((-4.0, -0.1), (0.1, 4.0)), ((0.1, 4.0), (-4.0, -0.1)), ((-4.0, -0.1),) * 2],
    "hypot": [((-4.0, -0.1), (-4.0, -0.1))],
    "arctan2": [((-4.0, -0.1), (-4.0, -0.1)), ((-4.0, -0.1), (0.1, 4.0))],
    "remainder": [((2.12, 2.38), (0.61, 0.69)), ((-2.38, -2.12), (0.61, 0.69))],
    "fmod": [((2.12, 2.38), (0.61, 0.69)), ((-2.38, -2.12), (0.61, 0.69))],
    "divide": [((-3.0, 3.0), (-4.0, -0.1))],
    "power": [((0.1, 4.0), (-6.0, -3.0))],
    "floor_divide": [((2.1, 2.4), (-1.0, -0.9))],
    "huber": [((0.1, 0.2), (0.5, 3.0)), ((0.1, 0.2), (-3.0, -0.5)), ((3.1, 4.0), (-3.0, 3.0))],
}
NUM_POINTS = 12
SPECIAL = (0.0, -0.0, 0.5, 1.0, -1.0, 2.5, -2.5, np.inf, -np.inf, np.nan)
ELSEWHERE_ROWS = [FUNCTIONS[name] for name in ELSEWHERE if FUNCTIONS[name].partials]


def _points(domain):
    random = np.random.default_rng(8)
    return [random.uniform(low, high, NUM_POINTS) for low, high in domain]


@pytest.mark.parametrize("row", ELSEWHERE_ROWS, ids=lambda row: row.name)
def test_partials_hold_in_other_parts_of_the_domain(row):
    for domain in ELSEWHERE[row.name]:
        args = _points(domain)
        partials = row.partials(numpy_functions, row.numpy(*args), *args)
        for k in slots(row):
            expected = difference(row.numpy, args, k)
            found = np.broadcast_to(partials[k], NUM_POINTS)
            np.testing.assert_allclose(found, expected, rtol=2e-7, atol=2e-8)


@pytest.mark.parametrize(
    "row",
    [FUNCTIONS[name] for name in ELSEWHERE if FUNCTIONS[name].expand],
    ids=lambda row: row.name,
)
def test_expansions_hold_in_other_parts_of_the_domain(row):
    for domain in ELSEWHERE.get(row.name, ()):
        args = _points(domain)
        found = row.expand(numpy_functions, *args)
        np.testing.assert_allclose(found, row.numpy(*args), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    "row", [row for row in FUNCTIONS.values() if row.open_arguments], ids=lambda row: row.name
)
def test_curvature_flags_name_arguments_without_a_partial_of_their_own(row):
    args = points(row, seed=2)
    for j in slots(row):
        for k in set(range(row.arity)) - set(slots(row)):

            def first(*values, j=j):
                return row.partials(numpy_functions, row.numpy(*values), *values)[j]

            second = np.broadcast_to(difference(first, args, k), NUM_POINTS)
            flagged = f"{min(j, k)}{max(j, k)}" in row.curvature.split()
            assert flagged == (np.abs(second).max() > 1e-6)


# Partials at single points: kinks by the table's conventions, zeros, infinite slopes.
EXACT = {
    "absolute": [((0.0,), (0.0,)), ((-2.0,), (-1.0,))],
    "power": [((0.0, 2.0), (0.0, 0.0)), ((0.0, 1.0), (1.0, 0.0)), ((0.0, 3.0), (0.0, 0.0))],
    "xlogy": [((0.0, 2.0), (np.log(2.0), 0.0)), ((1.0, 0.0), (-np.inf, np.inf))],
    "xlog1py": [((0.0, -1.0), (-np.inf, 0.0)), ((1.0, -1.0), (-np.inf, np.inf))],
    "sqrt": [((4.0,), (0.25,))],
}


@pytest.mark.parametrize("row", [FUNCTIONS[name] for name in EXACT], ids=lambda row: row.name)
def test_exact_partials_at_special_values(row):
    for args, expected in EXACT.get(row.name, ()):
        arrays = [np.array([a]) for a in args]
        with np.errstate(all="ignore"):
            found = row.partials(numpy_functions, row.numpy(*arrays), *arrays)
        np.testing.assert_allclose(np.ravel(found), expected, rtol=1e-15)


# Where NumPy keeps signs or conventions that an expansion need not.
CONVENTIONS = {"remainder", "fmod", "floor_divide", "zeta", "power"}


@pytest.mark.parametrize(
    "row",
    [r for r in FUNCTIONS.values() if r.expand and r.name not in CONVENTIONS],
    ids=lambda row: row.name,
)
def test_expansion_equals_the_function_at_special_values(row):
    if row.name in CONVENTIONS:
        return
    args = [np.array(a) for a in zip(*itertools.product(SPECIAL, repeat=row.arity), strict=True)]
    with np.errstate(all="ignore"):
        found, expected = row.expand(numpy_functions, *args), row.numpy(*args)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


MEETING = {"heaviside": [0.0, 0.7]}  # where it takes a value of its own


@pytest.mark.parametrize("name", [r.name for r in FUNCTIONS.values() if r.select])
def test_selections_differentiate(name):
    row = FUNCTIONS[name]
    x = Input("x", row.arity)
    args = tuple(_element(x, k) for k in range(row.arity))
    output = Elementwise(row, args, 1)
    program = Program((x,), (), (output, Constant(np.zeros(0))))
    point = np.array(MEETING.get(name, [1.0, -0.5, 2.0][: row.arity]))
    value = row.numpy(*point)
    gradient = Evaluator(program, "numpy").gradient(point)
    np.testing.assert_array_equal(gradient[point != value], 0.0)
    assert gradient[point == value].tolist() == [1.0]


def _element(x, k):

    return Gather([x], StridedIndex.of(k, (1,), (1,)))


# (condition, first, second) at single points, by the conventions of the table.
BRANCHES = {
    "maximum": [((1.0, 1.0), True), ((2.0, 1.0), True), ((1.0, 2.0), False)],
    "minimum": [((1.0, 1.0), True), ((2.0, 1.0), False), ((1.0, 2.0), True)],
    "fmax": [((1.0, 1.0), True), ((1.0, np.nan), True), ((np.nan, 1.0), False)],
    "fmin": [((1.0, 1.0), True), ((1.0, np.nan), True), ((np.nan, 1.0), False)],
    "where": [((1.0, 5.0, 6.0), True), ((0.0, 5.0, 6.0), False), ((-2.0, 5.0, 6.0), True)],
}


@pytest.mark.parametrize("row", [FUNCTIONS[name] for name in BRANCHES], ids=lambda row: row.name)
def test_selection_takes_the_documented_branch(row):
    for args, takes_first in BRANCHES.get(row.name, ()):
        arrays = [np.array([a]) for a in args]
        condition, first, second = row.select(numpy_functions, *arrays)
        assert bool(np.asarray(condition) != 0.0) == takes_first, args
        assert first is arrays[-2]
        assert second is arrays[-1]


@pytest.mark.parametrize("row", [FUNCTIONS[n] for n in ELSEWHERE], ids=lambda row: row.name)
def test_compiled_function_in_other_parts_of_the_domain(row):
    for domain in ELSEWHERE.get(row.name, ()):
        x = np.concatenate(_points(domain))
        compiled, expected = run_both(elementwise(row.name, row.arity, NUM_POINTS), x)
        np.testing.assert_allclose(compiled, expected, rtol=1e-13, atol=1e-14)
