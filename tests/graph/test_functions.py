"""The function table: each row's partials, curvature and expansion against its NumPy value."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.graph.functions import FUNCTIONS, function_of_ufunc, numpy_functions

ROWS = list(FUNCTIONS.values())
DIFFERENTIABLE = [row for row in ROWS if row.partials is not None]
COMPLEX_STEP = {
    "add", "subtract", "multiply", "divide", "negative", "square", "reciprocal", "power", "sqrt",
    "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos",
    "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "exp2", "erf",
}  # fmt: skip
NUM_POINTS = 12


def points(row, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.uniform(low, high, NUM_POINTS) for low, high in row.domain]


def partials(row, args):
    value = row.numpy(*args)
    return [np.broadcast_to(p, NUM_POINTS) for p in row.partials(numpy_functions, value, *args)]


def moved(args, k, step):
    return [a + step if j == k else a for j, a in enumerate(args)]


def difference(function, args, k, step=2e-3):
    """Return the eighth-order central difference in argument ``k``."""
    weights = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
    terms = (
        w * (function(*moved(args, k, j * step)) - function(*moved(args, k, -j * step)))
        for j, w in enumerate(weights, 1)
    )
    return sum(terms) / step


def slots(row):
    return [k for k in range(row.arity) if k not in row.open_arguments]


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_partials_equal_high_order_differences(row):
    args = points(row)
    for k in slots(row):
        expected = difference(row.numpy, args, k)
        np.testing.assert_allclose(partials(row, args)[k], expected, rtol=2e-8, atol=2e-9)


@pytest.mark.parametrize("name", sorted(COMPLEX_STEP & set(FUNCTIONS)))
def test_partials_equal_the_complex_step(name):
    row = FUNCTIONS[name]
    args = points(row, seed=1)
    for k in slots(row):
        shifted = [a + 1e-30j if j == k else a + 0j for j, a in enumerate(args)]
        expected = row.numpy(*shifted).imag / 1e-30
        np.testing.assert_allclose(partials(row, args)[k], expected, rtol=1e-13, atol=1e-14)


def _second(row, args, j, k):
    def first(*values):
        return np.broadcast_to(
            row.partials(numpy_functions, row.numpy(*values), *values)[j], NUM_POINTS
        )

    return difference(first, args, k)


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_curvature_flags_name_the_pairs_with_second_partials(row):
    args = points(row, seed=2)
    flagged = {tuple(map(int, pair)) for pair in row.curvature.split()}
    for j in slots(row):
        for k in slots(row):
            second = _second(row, args, j, k)
            if (min(j, k), max(j, k)) in flagged:
                assert np.abs(second).max() > 1e-6
            else:
                assert np.abs(second).max() < 1e-8


@pytest.mark.parametrize("row", [row for row in ROWS if row.expand], ids=lambda row: row.name)
def test_expansion_equals_the_function(row):
    args = points(row, seed=3)
    with np.errstate(all="ignore"):
        expanded = row.expand(numpy_functions, *args)
    np.testing.assert_allclose(expanded, row.numpy(*args), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("row", [row for row in ROWS if row.select], ids=lambda row: row.name)
def test_selection_equals_the_function(row):
    args = points(row, seed=4)
    args[-1][:3] = args[0][:3] if row.arity == 2 else args[-1][:3]
    chosen = FUNCTIONS["where"].numpy(*row.select(numpy_functions, *args))
    np.testing.assert_array_equal(chosen, row.numpy(*args))


@pytest.mark.parametrize(
    "row",
    [r for r in ROWS if r.partials is None and r.select is None],
    ids=lambda row: row.name,
)
def test_functions_without_partials_are_constant_between_jumps(row):
    args = points(row, seed=5)
    slopes = [difference(row.numpy, args, k, step=1e-7) for k in range(row.arity)]
    if row.name == "heaviside":
        slopes = slopes[:1]  # its second argument counts at zero only
    assert all(np.median(np.abs(slope)) == 0.0 for slope in slopes)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row_is_complete(row):
    assert len(row.domain) == row.arity
    assert row.llvm
    assert (row.llvm == "expand") == (row.expand is not None)
    assert row.partials is None or row.select is None
    values = row.numpy(*points(row))
    assert values.dtype == np.float64
    assert np.isfinite(values).all()


def test_ufuncs_find_their_row():
    assert function_of_ufunc(np.sin) is FUNCTIONS["sin"]
    assert function_of_ufunc(np.less) is FUNCTIONS["less"]
    assert function_of_ufunc(np.spacing) is None


def test_linear_functions_are_known():
    linear = {row.name for row in ROWS if row.is_linear}
    assert {"add", "subtract", "negative"} <= linear
    assert not linear & {"multiply", "divide", "sin", "sign", "floor"}
