"""Functions of a table: NumPy's own values, in compiled code too, and never a place outside."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.elements.expressions import ExpressionPool
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.tables import lookup_in, search_in
from tests.codegen.schedules import elementwise, run_both

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 5e-324]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 100])
def test_compiled_search_counts_as_numpy_does(side, size):
    rng = np.random.default_rng(size)
    knots = np.sort(rng.integers(-20, 20, size) / 4.0)  # with equal ones
    row = search_in(knots, side)
    x = np.concatenate([SPECIAL, knots, rng.uniform(-6.0, 6.0, 30)])
    for points in (x, x[:1], x[4:5]):
        compiled, plain = run_both(elementwise(row.name, 1, points.size), points)
        np.testing.assert_array_equal(compiled, np.searchsorted(knots, points, side))
        np.testing.assert_array_equal(plain, compiled)


def test_search_knows_an_infinite_knot():
    row = search_in(np.array([-np.inf, 0.0, np.inf]))
    x = np.array([-np.inf, -1.0, 0.0, np.inf, np.nan])
    compiled, plain = run_both(elementwise(row.name, 1, 5), x)
    np.testing.assert_array_equal(compiled, [1.0, 1.0, 2.0, 3.0, 3.0])
    np.testing.assert_array_equal(plain, compiled)


@pytest.mark.parametrize("size", [1, 2, 50])
def test_compiled_lookup_stays_inside_the_table(size):
    values = np.random.default_rng(size).normal(size=size)
    row = lookup_in(values)
    x = np.concatenate([SPECIAL, np.arange(-2.0, size + 3.0), [0.999, size - 0.5]])
    for points in (x, x[2:3]):
        compiled, plain = run_both(elementwise(row.name, 1, points.size), points)
        np.testing.assert_array_equal(compiled, plain)
        assert np.isin(compiled, values).all()
    inner = np.arange(float(size))
    np.testing.assert_array_equal(run_both(elementwise(row.name, 1, size), inner)[0], values)


def test_equal_tables_share_a_row_and_later_changes_do_not_reach_it():
    values = np.array([1.0, 2.0])
    row = lookup_in(values)
    values[:] = 9.0
    assert lookup_in(np.array([1.0, 2.0])) is row is FUNCTIONS[row.name]
    assert row.numpy(np.array([1.0])) == 2.0
    assert lookup_in(values) != row
    assert len({row, lookup_in(values), lookup_in(np.array([1.0, 2.0]))}) == 2


def test_an_element_of_a_table_at_a_constant_place_is_a_constant():
    pool = ExpressionPool()
    row = lookup_in(np.array([1.0, 2.5]))
    assert pool.value_of(pool.make(row.name, pool.literal(1.0))) == 2.5
    assert pool.call_of(pool.make(row.name, pool.leaf(0)))[0] == row.name
