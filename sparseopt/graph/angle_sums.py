"""Addition theorems: ``sin a cos b + cos a sin b`` is one function, ``sin(a + b)``.

Products of sines and cosines are what differentiating products of them leaves behind.  The angle is
collected as a linear combination: where part of it cancels, as in ``(b - c) + (b + c) = 2 b``, one
call of a simpler angle replaces four.  Elsewhere the sines and cosines of the angles are usually
needed anyway (a rotation matrix), and a call of their sum would come on top: nothing is combined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

__all__ = ["WAVES", "combine_angles", "num_waves"]

WAVES = frozenset(("sin", "cos"))

MAX_FACTORS = 8
MAX_TERMS = 8


def num_waves(name: str, of_args: Iterable[int]) -> int:
    """Return how many factors of an application of a function are sines and cosines."""
    if name in WAVES:
        return 1
    return sum(of_args) if name in ("multiply", "negative") else 0


_Waves = tuple[int, str, Any, Any, list[Any]]


def _angles(t: Any, term: Any) -> _Waves | None:
    """Return (sign, which two functions, the angle of each, the other factors)."""
    if not t.has_two_waves(term):
        return None
    if term not in t.waves:
        t.waves[term] = _found_angles(t, term)
    found: _Waves | None = t.waves[term]
    return found


def _found_angles(t: Any, term: Any) -> _Waves | None:
    call_of, sign, products = t.call_of, 1, 0
    waves: list[tuple[str, Any]] = []
    rest: list[Any] = []
    stack = [term]
    while stack:
        item = stack.pop()
        name, args = call_of(item)
        if name == "multiply":
            products += 1
            if products == MAX_FACTORS:
                return None
            stack += args
        elif name == "negative":
            sign = -sign
            stack.append(args[0])
        elif name in WAVES:
            waves.append((name, args[0]))
        else:
            rest.append(item)
    if len(waves) != 2:
        return None
    (name, first), (other, second) = waves
    if (name, other) == ("cos", "sin"):  # the sine's angle first
        name, first, other, second = other, second, name, first
    return sign, name + other, first, second, rest


def _linear(t: Any, term: Any, scale: float, total: dict[Any, float]) -> None:
    """Add ``scale * term`` to a linear combination of what is not a sum."""
    name, args = t.call_of(term)
    if name in ("add", "subtract"):
        _linear(t, args[0], scale, total)
        _linear(t, args[1], scale if name == "add" else -scale, total)
    elif name == "negative":
        _linear(t, args[0], -scale, total)
    elif name == "multiply" and t.value_of(args[0]) is not None:
        _linear(t, args[1], scale * t.value_of(args[0]), total)
    elif name == "multiply" and t.value_of(args[1]) is not None:
        _linear(t, args[0], scale * t.value_of(args[1]), total)
    else:
        total[term] = total.get(term, 0.0) + scale


def _angle(t: Any, first: Any, second: Any, sign: float) -> Any:
    """Return ``first + sign second`` if part of it cancels, else None."""
    total: dict[Any, float] = {}
    _linear(t, first, 1.0, total)
    _linear(t, second, sign, total)
    if all(total.values()):
        return None
    result = t.literal(0.0)
    for term, scale in total.items():
        result = t.make("add", result, t.make("multiply", t.literal(scale), term))
    return result


def _pair(t: Any, x: Any, y: Any) -> Any:
    """Return ``x + y`` as one function of a combined angle, or None."""
    one, other = _angles(t, x), _angles(t, y)
    if one is None or other is None or len(one[4]) != len(other[4]):
        return None
    (s, kind, a, b, rest), (r, other_kind, c, d, factors) = one, other
    if kind == other_kind == "sincos":
        if (a, b) != (d, c) or a == b or Counter(rest) != Counter(factors):
            return None
        # s sin A cos B + r sin B cos A = s sin(A + s r B)
        angle = _angle(t, a, b, float(s * r))
        return None if angle is None else _scaled(t, s, t.make("sin", angle), rest)
    if {kind, other_kind} == {"coscos", "sinsin"}:
        if {a, b} != {c, d} or a == b or Counter(rest) != Counter(factors):
            return None
        # p cos A cos B + q sin A sin B = p cos(A - p q B)
        p = s if kind == "coscos" else r
        angle = _angle(t, a, b, -float(s * r))
        return None if angle is None else _scaled(t, p, t.make("cos", angle), rest)
    return None


def _scaled(t: Any, sign: int, value: Any, rest: list[Any]) -> Any:
    result = value
    for factor in Counter(rest).elements():
        result = t.make("multiply", factor, result)
    return t.make("negative", result) if sign < 0 else result


def _terms(t: Any, term: Any) -> list[tuple[int, Any]]:
    """Return the first terms of a sum, outermost last."""
    found: list[tuple[int, Any]] = []
    stack = [(1, term)]
    while stack:
        sign, item = stack.pop()
        name, args = t.call_of(item)
        if name in ("add", "subtract") and len(found) + len(stack) < MAX_TERMS:
            stack += [(sign if name == "add" else -sign, args[1]), (sign, args[0])]
        else:
            found.append((sign, item))
    return found


def combine_angles(t: Any, x: Any, y: Any, sign: int = 1) -> Any:
    """Return ``x + sign y`` with one pair of products combined by an addition theorem, or None."""
    if _angles(t, y) is None:
        return None
    terms = _terms(t, x)
    for k, (own, term) in enumerate(terms):
        found = _pair(t, term, y if own == sign else t.make("negative", y))
        if found is None:
            continue
        result = found if own > 0 else t.make("negative", found)
        for other_sign, other in terms[:k] + terms[k + 1 :]:
            result = t.make("add" if other_sign > 0 else "subtract", result, other)
        return result
    return None
