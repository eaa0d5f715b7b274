"""Algebraic simplifications of scalar expressions, as a table of rules with one engine.

The same rules serve the nodes of a Program and the scalars of an element template: a rule sees
expressions only through the small protocol `Terms`.  A rule returns the simpler expression, or
``None`` where it does not apply.  Rules keep IEEE results for finite arguments; ``0 * x`` becomes
0 although NaN and infinity would not.  What cancels by value, ``x - x``, is left alone: a pattern
is structural.

Most applications are of arguments that no rule has anything to say about.  So a rule tells from the
kinds of the arguments whether it may apply; which rules are left for given kinds is found once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from sparseopt.graph.angle_sums import combine_angles
from sparseopt.graph.functions import FUNCTIONS

__all__ = ["COMMUTATIVE", "RULES", "Rule", "Terms", "kind_of_call", "kind_of_literal", "simplify"]

Term = TypeVar("Term")

MAX_UNROLLED_POWER = 16
"""Integer powers up to this one become products; beyond, ``pow`` is as accurate and as fast."""


COMMUTATIVE = frozenset(("add", "multiply", "equal", "not_equal", "hypot", "logaddexp"))
"""Not maximum and minimum: at a tie they differentiate as their first argument."""


class Terms(Protocol, Generic[Term]):
    """What a rule may ask of expressions.

    Attributes
    ----------
    waves : dict
        What `graph.angle_sums` has found out about products: it asks again and again.
    """

    waves: dict[Term, Any]

    def literal(self, value: float) -> Term:
        """Return the constant ``value``."""

    def value_of(self, term: Term) -> float | None:
        """Return the value of a constant, else None."""

    def call_of(self, term: Term) -> tuple[str, tuple[Term, ...]]:
        """Return the function name and arguments of a term (the name is empty for leaves)."""

    def kind_of(self, term: Term) -> str:
        """Return the function's name, or "literal", "unit", "scaled", "".

        "unit" is a literal 0, 1 or -1; "scaled" a literal times something; "" a leaf.
        """

    def has_two_waves(self, term: Term) -> bool:
        """Return False for a product of which not two factors are sines or cosines, if known."""

    def make(self, name: str, *args: Term) -> Term:
        """Return the simplified application of a function."""


Kinds = tuple[str, ...]
"""Of the arguments, as `Terms.kind_of` says; after those of two equal arguments "same"."""


@dataclass(frozen=True)
class Rule:
    """One rewrite: ``apply(terms, *args)`` for applications of ``functions``.

    ``may_apply`` says for which kinds of arguments it is tried; where it is False, the rule would
    not apply.
    """

    name: str
    functions: tuple[str, ...]
    apply: Callable[..., Any]
    example: str
    may_apply: Callable[[Kinds], bool] = lambda kinds: True


def kind_of_literal(value: float) -> str:
    """Return the kind of a literal."""
    return "unit" if value in (0.0, 1.0, -1.0) else "literal"


def kind_of_call(name: str, kinds: Iterable[str]) -> str:
    """Return the kind of the application of a function to arguments of some kinds."""
    return "scaled" if name == "multiply" and "literal" in kinds else name


def _some(*wanted: str) -> Callable[[Kinds], bool]:
    return lambda kinds: any(kind in wanted for kind in kinds)


def _are_literals(kinds: Kinds) -> bool:
    return all(kind in ("literal", "unit", "same") for kind in kinds)


def _may_be_waves(kinds: Kinds) -> bool:
    """Whether the second argument is a product, and the first one a sum of products."""
    products = ("multiply", "scaled")
    return kinds[1] in products and kinds[0] in (*products, "negative", "add", "subtract")


def _fold(name: str) -> Callable[..., Any]:
    def apply(t: Terms[Any], *args: Any) -> Any:
        values = [t.value_of(a) for a in args]
        if any(v is None for v in values):
            return None
        with np.errstate(all="ignore"):
            return t.literal(float(FUNCTIONS[name].numpy(*map(np.float64, values))))

    return apply


def _add(t: Terms[Any], x: Any, y: Any) -> Any:
    if t.value_of(x) == 0.0:
        return y
    if t.value_of(y) == 0.0:
        return x
    name, args = t.call_of(y)
    if name == "negative":
        return t.make("subtract", x, args[0])
    name, args = t.call_of(x)
    if name == "negative":
        return t.make("subtract", y, args[0])
    return None


def _subtract(t: Terms[Any], x: Any, y: Any) -> Any:
    if t.value_of(y) == 0.0:
        return x
    if t.value_of(x) == 0.0:
        return t.make("negative", y)
    name, args = t.call_of(y)
    return t.make("add", x, args[0]) if name == "negative" else None


def _multiply(t: Terms[Any], x: Any, y: Any) -> Any:
    for one, other in ((x, y), (y, x)):
        value = t.value_of(one)
        if value == 0.0:
            return t.literal(0.0)
        if value == 1.0:
            return other
        if value == -1.0:
            return t.make("negative", other)
    return None


def _multiply_signs(t: Terms[Any], x: Any, y: Any) -> Any:
    for one, other in ((x, y), (y, x)):
        name, args = t.call_of(one)
        if name == "negative":
            return t.make("negative", t.make("multiply", args[0], other))
    return None


def _multiply_constants(t: Terms[Any], x: Any, y: Any) -> Any:
    for one, other in ((x, y), (y, x)):
        factor, rest = _coefficient(t, other)
        if factor is None:
            continue
        value = t.value_of(one)
        if value is not None:
            return t.make("multiply", t.literal(value * factor), rest)
        return t.make("multiply", t.literal(factor), t.make("multiply", one, rest))
    return None


def _coefficient(t: Terms[Any], term: Any) -> tuple[float | None, Any]:
    """Return (constant, rest) of a constant times something, else (None, term)."""
    name, args = t.call_of(term)
    if name == "multiply":
        for inner, rest in (args, args[::-1]):
            factor = t.value_of(inner)
            if factor is not None:
                return factor, rest
    return None, term


def _like_terms(t: Terms[Any], x: Any, y: Any, sign: float = 1.0) -> Any:
    first, one = _coefficient(t, x)
    second, other = _coefficient(t, y)
    if one != other or t.value_of(one) is not None:
        return None
    total = (1.0 if first is None else first) + sign * (1.0 if second is None else second)
    # What cancels stays: a pattern does not depend on values.
    return t.make("multiply", t.literal(total), one) if total != 0.0 else None


def _divide(t: Terms[Any], x: Any, y: Any) -> Any:
    if t.value_of(y) == 1.0:
        return x
    if t.value_of(x) == 0.0:
        return t.literal(0.0)
    value = t.value_of(y)
    if value is not None and value != 0.0 and np.frexp(value)[0] in (0.5, -0.5):
        return t.make("multiply", t.literal(1.0 / value), x)
    return None


def _negative(t: Terms[Any], x: Any) -> Any:
    name, args = t.call_of(x)
    if name == "negative":
        return args[0]
    if name == "subtract":
        return t.make("subtract", args[1], args[0])
    return None


def _product_power(t: Terms[Any], x: Any, exponent: int) -> Any:
    if exponent == 1:
        return x
    half = _product_power(t, x, exponent // 2)
    square = t.make("multiply", half, half)
    return t.make("multiply", square, x) if exponent % 2 else square


def _power(t: Terms[Any], x: Any, y: Any) -> Any:
    value = t.value_of(y)
    if value is None:
        return None
    if value == 0.0:
        return t.literal(1.0)
    if value == 0.5:
        return t.make("sqrt", x)
    if value == int(value) and abs(value) <= MAX_UNROLLED_POWER:
        product = _product_power(t, x, abs(int(value)))
        return product if value > 0 else t.make("divide", t.literal(1.0), product)
    return None


def _where(t: Terms[Any], condition: Any, first: Any, second: Any) -> Any:
    value = t.value_of(condition)
    if value is not None:
        return first if value != 0.0 else second
    return first if first == second else None


def _log(t: Terms[Any], x: Any) -> Any:
    name, args = t.call_of(x)
    if name == "exp":
        return args[0]
    if name not in ("multiply", "divide"):
        return None
    # The exponential is positive: the sign of the argument, and so NaN, is that of the rest.
    for one, other, place in ((*args, 0), (*args[::-1], 1)):
        inner, exponent = t.call_of(one)
        if inner == "exp":
            rest = t.make("log", other)
            if name == "multiply":
                return t.make("add", exponent[0], rest)
            return t.make("subtract", *((exponent[0], rest) if place == 0 else (rest, exponent[0])))
    return None


def _sqrt(t: Terms[Any], x: Any) -> Any:
    name, args = t.call_of(x)
    return t.make("absolute", args[0]) if name == "multiply" and args[0] == args[1] else None


def _square_of_hypot(t: Terms[Any], x: Any, y: Any) -> Any:
    # Not only shorter: unlike the length of a complex number, its square has a slope at zero.
    name, args = t.call_of(x)
    if x != y or name != "hypot":
        return None
    return t.make("add", *(t.make("multiply", a, a) for a in args))


def _even(name: str) -> Callable[..., Any]:
    def apply(t: Terms[Any], x: Any) -> Any:
        inner, args = t.call_of(x)
        return t.make(name, args[0]) if inner == "negative" else None

    return apply


RULES: tuple[Rule, ...] = (
    *(
        Rule(f"fold {name}", (name,), _fold(name), f"{name}(constants)", _are_literals)
        for name in FUNCTIONS
    ),
    Rule(
        "add zero, add negative",
        ("add",),
        _add,
        "x + 0 -> x;  x + -y -> x - y",
        _some("unit", "negative"),
    ),
    Rule(
        "subtract zero",
        ("subtract",),
        _subtract,
        "x - 0 -> x;  0 - x -> -x;  x - -y -> x + y",
        _some("unit", "negative"),
    ),
    Rule(
        "multiply by 0, 1, -1",
        ("multiply",),
        _multiply,
        "0 x -> 0;  1 x -> x;  -1 x -> -x",
        _some("unit"),
    ),
    Rule("multiply signs", ("multiply",), _multiply_signs, "(-x) y -> -(x y)", _some("negative")),
    Rule(
        "multiply constants",
        ("multiply",),
        _multiply_constants,
        "2 (3 x) -> 6 x;  x (2 y) -> 2 (x y)",
        _some("scaled"),
    ),
    Rule("like terms, sum", ("add",), _like_terms, "2 x + x -> 3 x", _some("scaled", "same")),
    Rule(
        "like terms, difference",
        ("subtract",),
        lambda t, x, y: _like_terms(t, x, y, -1.0),
        "3 x - x -> 2 x",
        _some("scaled", "same"),
    ),
    Rule(
        "divide",
        ("divide",),
        _divide,
        "x / 1 -> x;  0 / x -> 0;  x / 4 -> 0.25 x (exact)",
        _some("literal", "unit"),
    ),
    Rule(
        "negate",
        ("negative",),
        _negative,
        "-(-x) -> x;  -(x - y) -> y - x",
        _some("negative", "subtract"),
    ),
    Rule(
        "power",
        ("power",),
        _power,
        "x**3 -> x x x;  x**0.5 -> sqrt(x);  x**-1 -> 1 / x",
        _some("literal", "unit"),
    ),
    Rule("square", ("square",), lambda t, x: t.make("multiply", x, x), "square(x) -> x x"),
    Rule(
        "reciprocal",
        ("reciprocal",),
        lambda t, x: t.make("divide", t.literal(1.0), x),
        "reciprocal(x) -> 1 / x",
    ),
    Rule("where", ("where",), _where, "where(1, x, y) -> x;  where(c, x, x) -> x"),
    Rule(
        "addition theorems, sum",
        ("add",),
        combine_angles,
        "sin(a - b) cos(a + b) + cos(a - b) sin(a + b) -> sin(2 a)",
        _may_be_waves,
    ),
    Rule(
        "addition theorems, difference",
        ("subtract",),
        lambda t, x, y: combine_angles(t, x, y, -1),
        "cos(a - b) cos(a + b) - sin(a - b) sin(a + b) -> cos(2 a)",
        _may_be_waves,
    ),
    Rule(
        "log exp",
        ("log",),
        _log,
        "log(exp(x)) -> x;  log(exp(x) / y) -> x - log(y);  log(exp(x) y) -> x + log(y)",
        _some("exp", "multiply", "scaled", "divide"),
    ),
    Rule(
        "square of hypot",
        ("multiply",),
        _square_of_hypot,
        "hypot(x, y)**2 -> x x + y y",
        _some("hypot"),
    ),
    Rule("root of a square", ("sqrt",), _sqrt, "sqrt(x x) -> absolute(x)", _some("multiply")),
    *(
        Rule(f"even {name}", (name,), _even(name), f"{name}(-x) -> {name}(x)", _some("negative"))
        for name in ("cos", "cosh", "absolute")
    ),
)

_BY_FUNCTION: dict[str, list[Rule]] = {
    name: [rule for rule in RULES if name in rule.functions] for name in FUNCTIONS
}


@cache
def _rules(name_and_kinds: tuple[str, ...]) -> tuple[Callable[..., Any], ...]:
    """Return what may simplify a function of arguments of some kinds, in order."""
    name, *kinds = name_and_kinds
    if name in _BY_FUNCTION:
        return tuple(rule.apply for rule in _BY_FUNCTION[name] if rule.may_apply(tuple(kinds)))
    # A function of a table, which was made after this module.
    return (_fold(name),) if _are_literals(tuple(kinds)) else ()


def simplify(terms: Terms[Term], name: str, args: tuple[Term, ...]) -> Term | None:
    """Return the result of the first rule that applies to ``name(*args)``, or None."""
    kinds = (name, *map(terms.kind_of, args))
    if len(args) == 2 and args[0] == args[1]:
        kinds += ("same",)
    for apply in _rules(kinds):
        result: Term | None = apply(terms, *args)
        if result is not None:
            return result
    return None
