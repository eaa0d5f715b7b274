"""Formulas as code has them: functions without a spelling, powers and quotients as products.

A general power takes as long as twenty multiplications, and a division as long as ten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sparseopt.elements.expressions import ATOMS, Expression, ExpressionPool
from sparseopt.graph.functions import FUNCTIONS

__all__ = ["lowered_terms"]

_MOST_FACTORS = 8
_ROUNDED = ("add", "subtract", "multiply", "negative")
"""What has no steps: it passes a rounding on, and makes one of its own."""
_LARGEST_DIVISOR = 2.0**1000
_ROUNDING = 2.0**-51
"""How far a number of thirds is from the double that stands for it, at most."""


def lowered_terms(
    pool: ExpressionPool, terms: tuple[int, ...], has_cube_root: Callable[[], bool] = lambda: False
) -> tuple[int, ...]:
    """Return the terms with functions that have no spelling written out in others.

    Powers with half-integer exponents are written with square roots, and those with thirds with
    cube roots, if there is one that takes no longer than a power.  Of two powers of one base whose
    exponents differ by one, the higher is a product of the lower.  Quotients by a constant that
    sums and products go on with are products with its reciprocal.
    """
    lowered: dict[int, int] = {}
    reachable = pool.reachable(terms)
    powers = {pool.calls[t][1] for t in reachable if pool.calls[t][0] == "power"}
    quotients = _quotients(pool, terms, reachable)

    def lower(outputs: list[int]) -> list[int]:
        for term in pool.reachable(outputs):
            if term in lowered:
                continue
            name, payload = pool.calls[term]
            if name in ATOMS:
                lowered[term] = term
                continue
            written = _written(pool, name, payload, powers, has_cube_root)
            if written is not None:
                lowered[term] = lower([written])[0]
                continue
            args = tuple([lowered[a] for a in payload])
            if term in quotients:
                lowered[term] = pool.make("multiply", args[0], quotients[term])
                continue
            expand = FUNCTIONS[name].expand
            if expand is None:
                lowered[term] = term if args == payload else pool.make(name, *args)
            else:
                expanded = expand(pool.functions, *(Expression(pool, a) for a in args))
                lowered[term] = lower([expanded.term])[0]
        return [lowered[o] for o in outputs]

    return tuple(lower(list(terms)))


def _quotients(
    pool: ExpressionPool, terms: tuple[int, ...], reachable: Sequence[int]
) -> dict[int, int]:
    """Return the reciprocals of constant divisors, where the last bit of the quotient is not seen.

    What is an output, compared or rounded to an integer stays as exact as NumPy's: 49 / 49 is 1,
    and 49 times the double next to 1 / 49 is less.
    """
    calls = pool.calls
    divisions = [t for t in reachable if calls[t][0] == "divide"]
    divisors = {t: pool.value_of(calls[t][1][1]) for t in divisions}
    usual = {
        t: d for t, d in divisors.items() if d and 1 / _LARGEST_DIVISOR < abs(d) < _LARGEST_DIVISOR
    }
    seen = {*terms}
    if usual:
        for term in reachable:
            name, payload = calls[term]
            if name not in ATOMS and name not in _ROUNDED:
                seen.update(payload)
    return {t: pool.literal(1.0 / d) for t, d in usual.items() if t not in seen}


def _written(
    pool: ExpressionPool,
    name: str,
    payload: tuple[int, ...],
    powers: set[tuple[int, ...]],
    has_cube_root: Callable[[], bool],
) -> int | None:
    """Return a power as a product, or None where it has to be a power."""
    if name != "power" or (exponent := pool.value_of(payload[1])) is None:
        return None
    base = payload[0]
    if (2 * exponent) % 2 == 1 and abs(exponent) < _MOST_FACTORS:
        return _by_square_root(pool, base, exponent)
    if _is_thirds(exponent) and has_cube_root():
        return _by_cube_root(pool, base, exponent)
    if exponent > 1 and (base, lower := pool.literal(exponent - 1)) in powers:
        factor = base if exponent.is_integer() else _size(pool, base)
        return pool.make("multiply", factor, pool.make("power", base, lower))
    return None


def _by_square_root(pool: ExpressionPool, base: int, exponent: float) -> int:
    whole = abs(exponent) - 0.5
    factors = pool.make("power", base, pool.literal(whole))
    product = pool.make("multiply", factors, pool.make("sqrt", base))
    if whole % 2 == 0:  # the root of -0.0 is -0.0, a power of it is not
        product = _size(pool, product)
    return _with_limit(pool, base, _reciprocal_if_negative(pool, product, exponent), exponent)


def _is_thirds(exponent: float) -> bool:
    thirds = round(3 * exponent) if abs(exponent) < _MOST_FACTORS else 0
    return thirds % 3 > 0 and abs(exponent - thirds / 3) <= _ROUNDING


def _by_cube_root(pool: ExpressionPool, base: int, exponent: float) -> int:
    size = _size(pool, base)
    whole, thirds = divmod(round(3 * abs(exponent)), 3)
    factors = pool.make("power", size, pool.literal(float(whole)))
    root = pool.make("cbrt", size)
    power = pool.make("multiply", root, root) if thirds == 2 else root
    product = _reciprocal_if_negative(pool, pool.make("multiply", factors, power), exponent)
    if size == base:
        return product
    # Of a negative number, the power is NaN.
    negative = pool.make("less", base, pool.literal(0.0))
    power = pool.make("where", negative, pool.literal(math.nan), product)
    return _with_limit(pool, base, power, exponent)


def _size(pool: ExpressionPool, base: int) -> int:
    return base if pool.calls[base][0] == "absolute" else pool.make("absolute", base)


def _reciprocal_if_negative(pool: ExpressionPool, power: int, exponent: float) -> int:
    return power if exponent > 0 else pool.make("divide", pool.literal(1.0), power)


def _with_limit(pool: ExpressionPool, base: int, power: int, exponent: float) -> int:
    """Return a power that at minus infinity is what C and NumPy have there, and not NaN."""
    if pool.calls[base][0] == "absolute":
        return power
    is_infinite = pool.make("equal", base, pool.literal(-math.inf))
    return pool.make("where", is_infinite, pool.literal(math.inf if exponent > 0 else 0.0), power)
