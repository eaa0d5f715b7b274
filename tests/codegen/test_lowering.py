"""Tests of formulas as code has them: powers become products where they are the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.codegen.lowering import lowered_terms
from sparseopt.elements.expressions import ExpressionPool


def functions_of(pool: ExpressionPool, terms: tuple[int, ...]) -> list[str]:
    return [name for name, _ in (pool.call_of(t) for t in pool.reachable(terms)) if name]


def lowered_powers(*exponents: float, cube_roots: bool = False) -> list[str]:
    """Return the functions that code computes for powers of one leaf."""
    pool = ExpressionPool()
    base = pool.leaf(0)
    terms = tuple(pool.make("power", base, pool.literal(q)) for q in exponents)
    return functions_of(pool, lowered_terms(pool, terms, lambda: cube_roots))


def values_at(pool: ExpressionPool, term: int, x: np.ndarray) -> np.ndarray:
    """Return the values of a term of one leaf, by NumPy."""
    values: dict[int, np.ndarray] = {}
    for number in pool.reachable([term]):
        name, payload = pool.calls[number]
        if name == "leaf":
            values[number] = x
        elif name == "literal":
            values[number] = np.full(x.shape, payload)
        elif name == "where":
            condition, yes, no = (values[a] for a in payload)
            values[number] = np.where(condition != 0, yes, no)
        else:
            values[number] = getattr(np, name)(*(values[a] for a in payload))
    return values[term]


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (0.5, ["sqrt"]),
        (1.5, ["multiply", "sqrt"]),
        (2.5, ["multiply", "multiply", "sqrt"]),
        (-0.5, ["divide", "sqrt"]),
        (-1.5, ["divide", "multiply", "sqrt"]),
        (0.3, ["power"]),
        (20.5, ["power"]),
    ],
)
def test_half_integer_powers_are_products_with_a_root(exponent: float, expected: list[str]) -> None:
    assert sorted(lowered_powers(exponent)) == expected


def test_a_power_and_its_derivatives_are_one_power_and_products() -> None:
    exponents = (7 / 3, 7 / 3 - 1, 7 / 3 - 2)
    assert sorted(lowered_powers(*exponents)) == ["multiply", "multiply", "power"]


def test_a_power_that_is_infinite_at_zero_is_no_factor() -> None:
    assert sorted(lowered_powers(2 / 3, 2 / 3 - 1)) == ["power", "power"]


def test_exponents_that_differ_by_nearly_one_stay_apart() -> None:
    assert sorted(lowered_powers(4 / 3, 1 / 3)) == ["power", "power"]


@pytest.mark.parametrize("exponent", [1.5, 2.5, 7.5, -0.5, -1.5, -7.5])
def test_products_with_a_root_are_the_power(exponent: float) -> None:
    pool = ExpressionPool()
    power = pool.make("power", pool.leaf(0), pool.literal(exponent))
    (term,) = lowered_terms(pool, (power,))
    x = np.array([0.0, 1e-40, 0.3, 1.0, 7.0, 1e40, np.inf, -1.0, np.nan])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(values_at(pool, term, x), x**exponent, rtol=2e-15)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (1 / 3, ["absolute", "cbrt", "less", "where"]),
        (2 / 3, ["absolute", "cbrt", "less", "multiply", "where"]),
        (4 / 3, ["absolute", "cbrt", "less", "multiply", "where"]),
        (-1 / 3, ["absolute", "cbrt", "divide", "less", "where"]),
        (0.333333, ["power"]),
        (0.3, ["power"]),
        (31 / 3, ["power"]),
    ],
)
def test_thirds_are_products_with_a_cube_root(exponent: float, expected: list[str]) -> None:
    assert sorted(lowered_powers(exponent, cube_roots=True)) == expected


def test_a_power_in_thirds_and_its_derivatives_share_one_cube_root() -> None:
    pool = ExpressionPool()
    base = pool.make("absolute", pool.leaf(0))
    exponents = (7 / 3, 7 / 3 - 1, 7 / 3 - 2)
    terms = tuple(pool.make("power", base, pool.literal(q)) for q in exponents)
    functions = functions_of(pool, lowered_terms(pool, terms, lambda: True))
    assert sorted(functions) == ["absolute", "cbrt", "multiply", "multiply", "multiply"]


@pytest.mark.parametrize("thirds", [1, 2, 4, 5, 7, 10, 23, -1, -2, -4, -7])
def test_products_with_a_cube_root_are_the_power(thirds: int) -> None:
    pool = ExpressionPool()
    power = pool.make("power", pool.leaf(0), pool.literal(thirds / 3))
    (term,) = lowered_terms(pool, (power,), lambda: True)
    x = np.array([0.0, -0.0, 1e-10, 0.3, 1.0, 7.0, 1e10, np.inf, -1.0, np.nan])
    with np.errstate(all="ignore"):
        expected = x ** (thirds / 3)
        # A third is no double, which large numbers show: their logarithm times its rounding.
        np.testing.assert_allclose(values_at(pool, term, x), expected, rtol=1e-14)
