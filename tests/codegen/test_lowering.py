"""Tests of formulas as code has them: powers and quotients as products, where that is not seen."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
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


POINTS = [
    *(-np.inf, -2.0, -1e-310, -5e-324, -0.0, 0.0, 5e-324, 1e-310, 1e-40, 1e-10),
    *(0.3, 1.0, 7.0, 1e10, 1e40, np.inf, np.nan),
]


def assert_is_the_power(pool: ExpressionPool, term: int, exponent: float, rtol: float) -> None:
    x = np.array(POINTS)
    with np.errstate(all="ignore"):
        values, expected = values_at(pool, term, x), np.power(x, exponent)
    np.testing.assert_allclose(values, expected, rtol=rtol)
    assert_signs_are(values, expected)


def assert_signs_are(values: np.ndarray, expected: np.ndarray) -> None:
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(values[known]), np.signbit(expected[known]))


def power_and_derivatives(exponent: float, backend: str) -> list[np.ndarray]:
    """Return x^q, its first and its second derivative at `POINTS`."""
    m = so.Model("powers", backend=backend)
    x = m.variable("x", len(POINTS), start=1.0)
    m.minimize(np.sum(x))
    m.subject_to(x**exponent <= 1.0)
    problem, at = m.problem(), np.array(POINTS)
    with np.errstate(all="ignore"):
        return [
            np.array(problem.constraints(at)),
            np.array(problem.jacobian_values(at)),
            np.array(problem.hessian_values(at, np.ones(at.size), 0.0)),
        ]


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (0.5, ["sqrt"]),
        (1.5, ["equal", "multiply", "sqrt", "where"]),
        (2.5, ["absolute", "equal", "multiply", "multiply", "sqrt", "where"]),
        (-0.5, ["absolute", "divide", "equal", "sqrt", "where"]),
        (-1.5, ["divide", "equal", "multiply", "sqrt", "where"]),
        (0.3, ["power"]),
        (20.5, ["power"]),
    ],
)
def test_half_integer_powers_are_products_with_a_root(exponent: float, expected: list[str]) -> None:
    assert sorted(lowered_powers(exponent)) == expected


def test_a_power_and_its_derivatives_are_one_power_and_products() -> None:
    exponents = (7 / 3, 7 / 3 - 1, 7 / 3 - 2)
    assert sorted(lowered_powers(*exponents)) == ["absolute", "multiply", "multiply", "power"]
    assert sorted(lowered_powers(21.0, 20.0)) == ["multiply", "power"]


@pytest.mark.parametrize("exponent", [7 / 3, 2.3, 21.0])
def test_a_power_times_its_base_is_the_higher_power_wherever_they_are(exponent: float) -> None:
    pool = ExpressionPool()
    powers = [pool.make("power", pool.leaf(0), pool.literal(exponent - k)) for k in (0.0, 1.0)]
    term, _ = lowered_terms(pool, tuple(powers))
    assert_is_the_power(pool, term, exponent, 1e-14)


def test_a_power_that_is_infinite_at_zero_is_no_factor() -> None:
    assert sorted(lowered_powers(2 / 3, 2 / 3 - 1)) == ["power", "power"]


def test_exponents_that_differ_by_nearly_one_stay_apart() -> None:
    assert sorted(lowered_powers(4 / 3, 1 / 3)) == ["power", "power"]


@pytest.mark.parametrize("exponent", [1.5, 2.5, 7.5, -0.5, -1.5, -7.5])
def test_products_with_a_root_are_the_power(exponent: float) -> None:
    pool = ExpressionPool()
    power = pool.make("power", pool.leaf(0), pool.literal(exponent))
    (term,) = lowered_terms(pool, (power,))
    assert_is_the_power(pool, term, exponent, 2e-15)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (1 / 3, ["absolute", "cbrt", "equal", "less", "where", "where"]),
        (2 / 3, ["absolute", "cbrt", "equal", "less", "multiply", "where", "where"]),
        (4 / 3, ["absolute", "cbrt", "equal", "less", "multiply", "where", "where"]),
        (-1 / 3, ["absolute", "cbrt", "divide", "equal", "less", "where", "where"]),
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
    # A third is no double, which large numbers show: their logarithm times its rounding.
    assert_is_the_power(pool, term, thirds / 3, 1e-13)


@pytest.mark.parametrize("exponent", [1.5, 2.5, -0.5, -1.5, 1 / 3, 2 / 3, 5 / 3, -1 / 3, 0.3])
def test_compiled_powers_and_their_derivatives_are_numpys_at_every_kind_of_number(exponent):
    x = np.array(POINTS)
    compiled, plain = (power_and_derivatives(exponent, backend) for backend in ("llvm", "numpy"))
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)
        assert_signs_are(one, other)
    q = exponent
    with np.errstate(all="ignore"):
        for k, factor in enumerate((1.0, q, q * (q - 1.0))):
            if q - k != 0.5:  # then the formula has a root: np.sqrt of -0.0 is -0.0, of -inf NaN
                np.testing.assert_allclose(compiled[k], factor * np.power(x, q - k), rtol=1e-12)
            else:
                break  # and so have the derivatives


def test_compiled_powers_of_a_number_of_nothing_and_of_many():
    for q in (1.5, -0.5, 1 / 3, 2 / 3):
        function = so.gradient(lambda x, q=q: x**q, np.array(2.0))
        np.testing.assert_allclose(function(np.array(3.0)), q * 3.0 ** (q - 1.0), rtol=1e-14)
        sums = so.gradient(lambda x, q=q: np.sum(x[:0] ** q) + np.sum(x), np.ones(2))
        np.testing.assert_array_equal(sums(np.array([-1.0, 0.0])), [1.0, 1.0])
        many = np.linspace(0.0, 9.0, 100_003)[1:].reshape(-1, 2)
        found = so.gradient(lambda x, q=q: np.sum(x**q), many)(many)
        np.testing.assert_allclose(found, q * many ** (q - 1.0), rtol=1e-13)


def written(make, *outputs: str) -> str:
    """Return the functions that code computes for terms of x, y and the quotient q = x / 49."""
    pool = ExpressionPool()
    x, y = pool.leaf(0), pool.leaf(1)
    q = pool.make("divide", x, pool.literal(49.0))
    terms = make(lambda name, *arguments: pool.make(name, *arguments), q, y)
    return " ".join(functions_of(pool, lowered_terms(pool, terms)))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda call, q, y: (call("add", q, y),), "multiply add"),
        (lambda call, q, y: (call("multiply", q, q),), "multiply multiply"),
        (lambda call, q, y: (call("negative", call("subtract", y, q)),), "multiply subtract"),
        (lambda call, q, y: (q,), "divide"),
        (lambda call, q, y: (call("floor", q),), "divide floor"),
        (lambda call, q, y: (call("less", q, y), call("add", q, y)), "divide add less"),
        (lambda call, q, y: (call("divide", y, q),), "divide divide"),
    ],
)
def test_a_quotient_by_a_constant_is_a_product_where_sums_and_products_go_on_with_it(
    make, expected
):
    assert sorted(written(make).split()) == sorted(expected.split())


@pytest.mark.parametrize("divisor", [0.0, np.inf, np.nan, 1e-310, 1e305])
def test_divisors_without_a_usual_reciprocal_stay(divisor):
    pool = ExpressionPool()
    quotient = pool.make("divide", pool.leaf(0), pool.literal(divisor))
    terms = lowered_terms(pool, (pool.make("add", quotient, pool.leaf(1)),))
    assert "divide" in functions_of(pool, terms)


def test_steps_of_quotients_are_where_numpy_has_them():
    """49 times the double next to 1 / 49 is less than 1."""
    n = np.arange(1.0, 400.0)
    m = so.Model("steps")
    x = m.variable("x", n.size)
    m.minimize(np.sum(x))
    m.subject_to(np.floor(x / 49.0) + (x / 49.0 >= 1) <= 10.0)
    values = m.problem().constraints(n)
    np.testing.assert_array_equal(values, np.floor(n / 49.0) + (n / 49.0 >= 1))
