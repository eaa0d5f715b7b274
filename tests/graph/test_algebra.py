"""The simplification rules keep the value and shorten the expression."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.elements.evaluate import evaluate_terms
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.graph.algebra import RULES

V0, V1, V2 = 0.3, -1.7, 0.9


def build(write):
    """Return the pool and the simplified term of ``write(f, v0, v1, v2)``."""
    pool = ExpressionPool()
    leaves = [pool.wrap(pool.leaf(k)) for k in range(3)]
    return pool, write(pool.functions, *leaves).term


def value(pool, term):
    leaves = {k: np.array([v]) for k, v in enumerate((V0, V1, V2))}
    return float(np.ravel(evaluate_terms(pool, [term], leaves)[0])[0])


SIMPLER = {
    "sin sum": (
        lambda f, a, b, c: f.sin(a - b) * f.cos(a + b) + f.sin(a + b) * f.cos(a - b),
        "sin(multiply(v0, 2))",
        np.sin(2 * V0),
    ),
    "sin difference": (
        lambda f, a, b, c: f.sin(a + b) * f.cos(a - b) - f.sin(a - b) * f.cos(a + b),
        "sin(multiply(v1, 2))",
        np.sin(2 * V1),
    ),
    "cos sum": (
        lambda f, a, b, c: f.cos(a - b) * f.cos(a + b) - f.sin(a - b) * f.sin(a + b),
        "cos(multiply(v0, 2))",
        np.cos(2 * V0),
    ),
    "cos difference": (
        lambda f, a, b, c: f.cos(a + b) * f.cos(a - b) + f.sin(a + b) * f.sin(a - b),
        "cos(multiply(v1, 2))",
        np.cos(2 * V1),
    ),
    "common factor": (
        lambda f, a, b, c: (c * f.sin(a - b)) * f.cos(a + b) + f.sin(a + b) * (f.cos(a - b) * c),
        "multiply(v2, sin(multiply(v0, 2)))",
        V2 * np.sin(2 * V0),
    ),
    "square of a length": (
        lambda f, a, b, c: f.hypot(a, b) * f.hypot(b, a),
        "add(multiply(v0, v0), multiply(v1, v1))",
        V0 * V0 + V1 * V1,
    ),
    "like terms": (
        lambda f, a, b, c: 2.0 * (a * b) + a * b,
        "multiply(multiply(v0, v1), 3)",
        3 * V0 * V1,
    ),
}


def spelled(text):
    """Return a formula's text without the order of factors and the sign of an even angle."""
    for old, new in (("multiply(2, v", "multiply(v"), ("-2", "2")):
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("name", SIMPLER)
def test_sums_combine(name):
    """Sums of products whose angles partly cancel, and like terms, become one term."""
    write, expected, plain = SIMPLER[name]
    pool, term = build(write)
    assert spelled(pool.format(term)) == expected
    assert value(pool, term) == pytest.approx(plain, rel=1e-14)


def test_an_angle_pair_is_found_inside_a_longer_sum():
    """The partner of a product may be several terms away, with either sign."""
    pool, term = build(
        lambda f, a, b, c: f.sin(a - b) * f.cos(a + b) + c * c - a + f.sin(a + b) * f.cos(a - b)
    )
    assert "cos" not in pool.format(term)
    assert value(pool, term) == pytest.approx(np.sin(2 * V0) + V2**2 - V0, rel=1e-14)
    pool, term = build(
        lambda f, a, b, c: c - f.sin(a - b) * f.sin(a + b) + f.cos(a + b) * f.cos(a - b)
    )
    assert "sin" not in pool.format(term)
    assert value(pool, term) == pytest.approx(V2 + np.cos(2 * V0), rel=1e-14)


@pytest.mark.parametrize(
    "write",
    [
        lambda f, a, b, c: f.sin(a) * f.cos(b) + f.sin(b) * f.cos(a),
        lambda f, a, b, c: f.sin(a) * f.cos(b) + f.sin(b) * f.cos(c),
        lambda f, a, b, c: f.sin(a) * f.cos(a) + f.sin(a) * f.cos(a),
        lambda f, a, b, c: f.sin(a) * f.sin(b) + f.sin(a) * f.cos(b),
        lambda f, a, b, c: c * f.sin(a) * f.cos(b) + a * f.sin(b) * f.cos(a),
        lambda f, a, b, c: f.cos(a) * f.cos(b) - f.sin(a) * f.sin(c),
    ],
)
def test_what_is_no_pair_keeps_its_value(write):
    """Products that only look alike are left alone."""
    pool, term = build(write)

    class Plain:
        sin, cos = staticmethod(np.sin), staticmethod(np.cos)

    assert value(pool, term) == pytest.approx(write(Plain, V0, V1, V2), rel=1e-13)


def test_what_cancels_stays():
    """``x - x`` is structurally there: a pattern does not depend on values."""
    pool, term = build(lambda f, a, b, c: a - a)
    assert pool.format(term) == "subtract(v0, v0)"


def test_every_rule_has_an_example():
    """The table says what each rule does."""
    assert all(rule.example and rule.functions for rule in RULES)
