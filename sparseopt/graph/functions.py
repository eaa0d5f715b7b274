"""The table of scalar functions: one row each, read by every layer.

A row gives the NumPy function, its first partials written in the table's own functions, which
second partials do not vanish, a domain for tests, and its spelling in LLVM IR.  Detection,
differentiation, code generation, the interpreter, the tests and the coverage page read this table;
adding a function is adding one row.

Partials are written once and used twice: with symbolic scalars (building derivative templates) and
with NumPy arrays (testing).  They take ``(f, v, x, y, ...)``: ``f`` spells functions by their name
in this table, ``v`` is the value of the function, and the others are its arguments.

Conventions at kinks: ``absolute`` has derivative ``sign(x)`` (0 at 0); ``maximum`` and ``minimum``
differentiate as ``where`` and take the first argument at a tie; step functions have derivative 0.
docs/domains.md has a table of them, and of what is infinite or NaN at the edges of domains.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from sparseopt.graph.scalar_function import OfScipy, ScalarFunction
from sparseopt.graph.scalar_function import row as _row
from sparseopt.graph.special_functions import SPECIAL_FUNCTIONS
from sparseopt.scipy_on_demand import is_loaded, special

__all__ = ["FUNCTIONS", "ScalarFunction", "function_of_ufunc", "numpy_functions"]

_REAL = (-3.0, 3.0)
_POSITIVE = (0.1, 4.0)
_UNIT = (-0.95, 0.95)


def _where(condition: Any, first: Any, second: Any) -> Any:
    return np.where(np.asarray(condition) != 0.0, first, second)


def _as_float(ufunc: Callable[..., Any]) -> Callable[..., Any]:
    def compare(*arguments: Any) -> Any:
        return ufunc(*arguments).astype(np.float64)

    return compare


def _logical_and(x: Any, y: Any) -> Any:
    return np.logical_and(x, y).astype(np.float64)


def _is_behind(f: Any, rest: Any, y: Any) -> Any:
    """Whether the exact rest of a division is on the other side of zero than the divisor."""
    return f.not_equal(rest, 0.0) * f.not_equal(f.less(rest, 0.0), f.less(y, 0.0))


def _remainder(f: Any, x: Any, y: Any) -> Any:
    """Write the remainder as NumPy computes it: x - floor(x / y) y may be on the wrong side."""
    rest = f.fmod(x, y)
    return f.where(_is_behind(f, rest, y), rest + y, rest)


def _floor_divide(f: Any, x: Any, y: Any) -> Any:
    rest = f.fmod(x, y)
    quotient = f.rint((x - rest) / y) - _is_behind(f, rest, y)
    return f.where(f.equal(y, 0.0), x / y, quotient)


_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def _hurwitz_zeta(f: Any, s: Any, q: Any) -> Any:
    """Write the Hurwitz zeta function by the Euler-Maclaurin formula (q > 0, s > 1).

    Johansson (2015), doi:10.1007/s11075-014-9893-1, equation 5, with ten direct terms.  Elsewhere
    it is infinite at the poles, and NaN between them.
    """
    total = f.power(q, -s)
    for k in range(1, 10):
        total = total + f.power(q + float(k), -s)
    a = q + 10.0
    total = total + f.power(a, 1.0 - s) / (s - 1.0) + 0.5 * f.power(a, -s)
    factor, power = s, f.power(a, -s - 1.0)
    for j, bernoulli in enumerate(_BERNOULLI, start=1):
        total = total + (bernoulli / math.factorial(2 * j)) * (factor * power)
        factor = factor * (s + (2.0 * j - 1.0)) * (s + 2.0 * j)
        power = power / (a * a)
    elsewhere = f.where(f.equal(q, f.floor(q)), math.inf, math.nan)
    return f.where(f.greater(q, 0.0), total, elsewhere)


def _trigamma(f: Any, x: Any) -> Any:
    """Write ψ', by ψ'(x) + ψ'(1 - x) = (π / sin πx)² (DLMF 5.15.6) where x is not positive."""
    is_positive = f.greater(x, 0.0)
    value = f.zeta(2.0, f.where(is_positive, x, 1.0 - x))
    root = math.pi / f.sin(math.pi * (x - f.rint(x)))
    return f.where(is_positive, value, root * root - value)


_LN2 = math.log(2.0)
_LN10 = math.log(10.0)
_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)

_ARITHMETIC = [
    _row("add", np.add, lambda f, v, x, y: (1.0, 1.0), "", (_REAL, _REAL), "fadd"),
    _row("subtract", np.subtract, lambda f, v, x, y: (1.0, -1.0), "", (_REAL, _REAL), "fsub"),
    _row("multiply", np.multiply, lambda f, v, x, y: (y, x), "01", (_REAL, _REAL), "fmul"),
    _row(
        "divide",
        np.divide,
        lambda f, v, x, y: (1.0 / y, -(v / y)),
        "01 11",
        (_REAL, _POSITIVE),
        "fdiv",
    ),
    _row("negative", np.negative, lambda f, v, x: (-1.0,), "", (_REAL,), "fneg"),
    _row(
        "square",
        np.square,
        lambda f, v, x: (2.0 * x,),
        "00",
        (_REAL,),
        "expand",
        expand=lambda f, x: x * x,
    ),
    _row(
        "reciprocal",
        np.reciprocal,
        lambda f, v, x: (-(v * v),),
        "00",
        (_POSITIVE,),
        "expand",
        expand=lambda f, x: 1.0 / x,
    ),
    _row(
        "power",
        np.power,
        lambda f, v, x, y: (
            f.where(f.equal(x, 0.0) * f.equal(y, 0.0), 0.0, y * f.power(x, y - 1.0)),
            f.where(f.equal(x, 0.0), 0.0, v * f.log(x)),
        ),
        "00 01 11",
        (_POSITIVE, _REAL),
        "call pow",
    ),
    _row("sqrt", np.sqrt, lambda f, v, x: (0.5 / v,), "00", (_POSITIVE,), "intrinsic sqrt"),
    _row("cbrt", np.cbrt, lambda f, v, x: (1.0 / (3.0 * v * v),), "00", (_POSITIVE,), "call cbrt"),
    _row("absolute", np.absolute, lambda f, v, x: (f.sign(x),), "", (_POSITIVE,), "intrinsic fabs"),
    _row(
        "hypot",
        np.hypot,
        lambda f, v, x, y: (x / v, y / v),
        "00 01 11",
        (_POSITIVE, _POSITIVE),
        "call hypot",
    ),
    _row(
        "copysign",
        np.copysign,
        lambda f, v, x, y: (f.copysign(1.0, x) * f.copysign(1.0, y), 0.0),
        "",
        (_POSITIVE, _POSITIVE),
        "intrinsic copysign",
    ),
    _row(
        "remainder",
        np.remainder,
        lambda f, v, x, y: (1.0, -f.floor_divide(x, y)),
        "",
        ((0.1, 0.9), (1.0, 2.0)),
        "expand",
        expand=_remainder,
    ),
    _row(
        "fmod",
        np.fmod,
        lambda f, v, x, y: (1.0, -f.rint((x - v) / y)),
        "",
        ((0.1, 0.9), (1.0, 2.0)),
        "call fmod",
    ),
]

_EXPONENTIAL = [
    _row("exp", np.exp, lambda f, v, x: (v,), "00", (_REAL,), "call exp"),
    _row("exp2", np.exp2, lambda f, v, x: (_LN2 * v,), "00", (_REAL,), "call exp2"),
    _row("expm1", np.expm1, lambda f, v, x: (f.exp(x),), "00", (_REAL,), "call expm1"),
    _row("log", np.log, lambda f, v, x: (1.0 / x,), "00", (_POSITIVE,), "call log"),
    _row("log2", np.log2, lambda f, v, x: (1.0 / (_LN2 * x),), "00", (_POSITIVE,), "call log2"),
    _row("log10", np.log10, lambda f, v, x: (1.0 / (_LN10 * x),), "00", (_POSITIVE,), "call log10"),
    _row("log1p", np.log1p, lambda f, v, x: (1.0 / (1.0 + x),), "00", (_POSITIVE,), "call log1p"),
    _row(
        "logaddexp",
        np.logaddexp,
        lambda f, v, x, y: (f.expit(x - y), f.expit(y - x)),
        "00 01 11",
        (_REAL, _REAL),
        "expand",
        expand=lambda f, x, y: f.where(  # also where both are the same infinity
            f.equal(x, y), x + _LN2, f.maximum(x, y) + f.log1p(f.exp(-f.absolute(x - y)))
        ),
    ),
    _row(
        "logaddexp2",
        np.logaddexp2,
        lambda f, v, x, y: (f.expit(_LN2 * (x - y)), f.expit(_LN2 * (y - x))),
        "00 01 11",
        (_REAL, _REAL),
        "expand",
        expand=lambda f, x, y: f.where(
            f.equal(x, y),
            x + 1.0,
            f.maximum(x, y) + f.log1p(f.exp2(-f.absolute(x - y))) * (1.0 / _LN2),
        ),
    ),
]

_TRIGONOMETRIC = [
    _row("sin", np.sin, lambda f, v, x: (f.cos(x),), "00", (_REAL,), "call sin"),
    _row("cos", np.cos, lambda f, v, x: (-f.sin(x),), "00", (_REAL,), "call cos"),
    _row("tan", np.tan, lambda f, v, x: (1.0 + v * v,), "00", ((-1.2, 1.2),), "call tan"),
    _row(
        "arcsin",
        np.arcsin,
        lambda f, v, x: (1.0 / f.sqrt(1.0 - x * x),),
        "00",
        (_UNIT,),
        "call asin",
    ),
    _row(
        "arccos",
        np.arccos,
        lambda f, v, x: (-1.0 / f.sqrt(1.0 - x * x),),
        "00",
        (_UNIT,),
        "call acos",
    ),
    _row("arctan", np.arctan, lambda f, v, x: (1.0 / (1.0 + x * x),), "00", (_REAL,), "call atan"),
    _row(
        "arctan2",
        np.arctan2,
        lambda f, v, y, x: (x / (x * x + y * y), -(y / (x * x + y * y))),
        "00 01 11",
        (_POSITIVE, _POSITIVE),
        "call atan2",
    ),
    _row("sinh", np.sinh, lambda f, v, x: (f.cosh(x),), "00", (_REAL,), "call sinh"),
    _row("cosh", np.cosh, lambda f, v, x: (f.sinh(x),), "00", (_REAL,), "call cosh"),
    _row("tanh", np.tanh, lambda f, v, x: (1.0 - v * v,), "00", (_REAL,), "call tanh"),
    _row(
        "arcsinh",
        np.arcsinh,
        lambda f, v, x: (1.0 / f.sqrt(x * x + 1.0),),
        "00",
        (_REAL,),
        "call asinh",
    ),
    _row(
        "arccosh",
        np.arccosh,
        lambda f, v, x: ((1.0 / f.sqrt(x - 1.0)) * (1.0 / f.sqrt(x + 1.0)),),
        "00",
        ((1.2, 4.0),),
        "call acosh",
    ),
    _row(
        "arctanh", np.arctanh, lambda f, v, x: (1.0 / (1.0 - x * x),), "00", (_UNIT,), "call atanh"
    ),
]

_PIECEWISE = [
    _row(
        "maximum",
        np.maximum,
        None,
        "",
        (_REAL, _REAL),
        "intrinsic maximum",
        select=lambda f, x, y: (f.greater_equal(x, y), x, y),
    ),
    _row(
        "minimum",
        np.minimum,
        None,
        "",
        (_REAL, _REAL),
        "intrinsic minimum",
        select=lambda f, x, y: (f.less_equal(x, y), x, y),
    ),
    _row(
        "fmax",
        np.fmax,
        None,
        "",
        (_REAL, _REAL),
        "intrinsic maxnum",
        select=lambda f, x, y: (f.maximum(f.greater_equal(x, y), f.not_equal(y, y)), x, y),
    ),
    _row(
        "fmin",
        np.fmin,
        None,
        "",
        (_REAL, _REAL),
        "intrinsic minnum",
        select=lambda f, x, y: (f.maximum(f.less_equal(x, y), f.not_equal(y, y)), x, y),
    ),
    _row(
        "where",
        _where,
        None,
        "",
        ((-1.0, 1.0), _REAL, _REAL),
        "select",
        select=lambda f, c, x, y: (c, x, y),
    ),
    _row(
        "sign",
        np.sign,
        None,
        "",
        (_REAL,),
        "expand",
        expand=lambda f, x: f.where(f.equal(x, x), f.greater(x, 0.0) - f.less(x, 0.0), x),
    ),
    _row(
        "heaviside",
        np.heaviside,
        None,
        "",
        (_REAL, _REAL),
        "expand",
        expand=lambda f, x, y: f.where(
            f.equal(x, 0.0), y, f.where(f.equal(x, x), f.greater(x, 0.0), x)
        ),
    ),
    _row("floor", np.floor, None, "", (_REAL,), "intrinsic floor"),
    _row("ceil", np.ceil, None, "", (_REAL,), "intrinsic ceil"),
    _row("rint", np.rint, None, "", (_REAL,), "intrinsic rint"),
    _row("trunc", np.trunc, None, "", (_REAL,), "intrinsic trunc"),
    _row(
        "floor_divide",
        np.floor_divide,
        None,
        "",
        (_REAL, _POSITIVE),
        "expand",
        expand=_floor_divide,
    ),
]

_COMPARISONS = [
    _row("less", _as_float(np.less), None, "", (_REAL, _REAL), "compare olt"),
    _row("less_equal", _as_float(np.less_equal), None, "", (_REAL, _REAL), "compare ole"),
    _row("greater", _as_float(np.greater), None, "", (_REAL, _REAL), "compare ogt"),
    _row("greater_equal", _as_float(np.greater_equal), None, "", (_REAL, _REAL), "compare oge"),
    _row("equal", _as_float(np.equal), None, "", (_REAL, _REAL), "compare oeq"),
    _row("not_equal", _as_float(np.not_equal), None, "", (_REAL, _REAL), "compare une"),
    _row(
        "logical_and",
        _logical_and,
        None,
        "",
        (_REAL, _REAL),
        "expand",
        expand=lambda f, x, y: f.not_equal(x, 0.0) * f.not_equal(y, 0.0),
    ),
    _row(
        "logical_or",
        _as_float(np.logical_or),
        None,
        "",
        (_REAL, _REAL),
        "expand",
        expand=lambda f, x, y: f.maximum(f.not_equal(x, 0.0), f.not_equal(y, 0.0)),
    ),
    _row(
        "logical_xor",
        _as_float(np.logical_xor),
        None,
        "",
        (_REAL, _REAL),
        "expand",
        expand=lambda f, x, y: f.not_equal(f.not_equal(x, 0.0), f.not_equal(y, 0.0)),
    ),
    _row(
        "logical_not",
        _as_float(np.logical_not),
        None,
        "",
        (_REAL,),
        "expand",
        expand=lambda f, x: f.equal(x, 0.0),
    ),
    _row(
        "isnan",
        _as_float(np.isnan),
        None,
        "",
        (_REAL,),
        "expand",
        expand=lambda f, x: f.not_equal(x, x),
    ),
    _row(
        "isfinite",
        _as_float(np.isfinite),
        None,
        "",
        (_REAL,),
        "expand",
        expand=lambda f, x: f.less(f.absolute(x), math.inf),
    ),
    _row(
        "isinf",
        _as_float(np.isinf),
        None,
        "",
        (_REAL,),
        "expand",
        expand=lambda f, x: f.equal(f.absolute(x), math.inf),
    ),
]

_SPECIAL = [
    _row(
        "erf",
        OfScipy("erf"),
        lambda f, v, x: (_TWO_OVER_SQRT_PI * f.exp(-(x * x)),),
        "00",
        (_REAL,),
        "call erf",
    ),
    _row(
        "erfc",
        OfScipy("erfc"),
        lambda f, v, x: (-_TWO_OVER_SQRT_PI * f.exp(-(x * x)),),
        "00",
        (_REAL,),
        "call erfc",
    ),
    _row(
        "gammaln",
        OfScipy("gammaln"),
        lambda f, v, x: (f.psi(x),),
        "00",
        (_POSITIVE,),
        "call lgamma",
    ),
    _row(
        "gamma",
        OfScipy("gamma"),
        lambda f, v, x: (v * f.psi(x),),
        "00",
        (_POSITIVE,),
        "call tgamma",
    ),
    _row(
        "psi", OfScipy("psi"), lambda f, v, x: (_trigamma(f, x),), "00", (_POSITIVE,), "scipy psi"
    ),
    _row(
        "zeta",
        OfScipy("zeta"),
        lambda f, v, s, q: (math.nan, -s * f.zeta(s + 1.0, q)),
        "00 01 11",
        ((1.5, 4.0), _POSITIVE),
        "expand",
        expand=_hurwitz_zeta,
        open_arguments=(0,),
    ),
    _row(
        "expit",
        OfScipy("expit"),
        lambda f, v, x: (v * (1.0 - v),),
        "00",
        (_REAL,),
        "expand",
        expand=lambda f, x: 1.0 / (1.0 + f.exp(-x)),
    ),
    _row(
        "log_expit",
        OfScipy("log_expit"),
        lambda f, v, x: (f.expit(-x),),
        "00",
        (_REAL,),
        "expand",
        expand=lambda f, x: f.minimum(x, 0.0) - f.log1p(f.exp(-f.absolute(x))),
    ),
    _row(
        "logit",
        OfScipy("logit"),
        lambda f, v, x: (1.0 / x + 1.0 / (1.0 - x),),
        "00",
        ((0.05, 0.95),),
        "expand",
        expand=lambda f, x: f.log(x / (1.0 - x)),
    ),
    _row(
        "xlogy",
        OfScipy("xlogy"),
        lambda f, v, x, y: (f.log(y), f.where(f.equal(x, 0.0) * f.equal(y, 0.0), 0.0, x / y)),
        "01 11",
        (_POSITIVE, _POSITIVE),
        "expand",
        expand=lambda f, x, y: f.where(f.equal(x, 0.0) * f.equal(y, y), 0.0, x * f.log(y)),
    ),
    _row(
        "xlog1py",
        OfScipy("xlog1py"),
        lambda f, v, x, y: (
            f.log1p(y),
            f.where(f.equal(x, 0.0) * f.equal(y, -1.0), 0.0, x / (1.0 + y)),
        ),
        "01 11",
        (_POSITIVE, _POSITIVE),
        "expand",
        expand=lambda f, x, y: f.where(f.equal(x, 0.0) * f.equal(y, y), 0.0, x * f.log1p(y)),
    ),
    _row(
        "entr",
        OfScipy("entr"),
        lambda f, v, x: (-(f.log(x)) - 1.0,),
        "00",
        (_POSITIVE,),
        "expand",
        expand=lambda f, x: f.where(
            f.greater(x, 0.0),
            -(x * f.log(x)),
            f.where(f.less(x, 0.0), -math.inf, x),
        ),
    ),
    _row(
        "ndtr",
        OfScipy("ndtr"),
        lambda f, v, x: (0.5 * _TWO_OVER_SQRT_PI * math.sqrt(0.5) * f.exp(-0.5 * (x * x)),),
        "00",
        (_REAL,),
        "expand",
        expand=lambda f, x: 0.5 * f.erfc(x * -math.sqrt(0.5)),
    ),
]

FUNCTIONS: dict[str, ScalarFunction] = {
    row.name: row
    for row in (
        *_ARITHMETIC,
        *_EXPONENTIAL,
        *_TRIGONOMETRIC,
        *_PIECEWISE,
        *_COMPARISONS,
        *_SPECIAL,
        *SPECIAL_FUNCTIONS,
    )
}


class _NumpyFunctions:
    """The table's functions by name, evaluated with NumPy: ``f`` in the partials, for tests."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in FUNCTIONS:
            raise AttributeError(f"the table has no function {name!r}")
        return FUNCTIONS[name].numpy


numpy_functions = _NumpyFunctions()

_BY_UFUNC: dict[Any, ScalarFunction] = {row.numpy: row for row in FUNCTIONS.values()}
_BY_UFUNC.update(
    {
        getattr(np, name): FUNCTIONS[name]
        for name in [
            "less",
            "less_equal",
            "greater",
            "greater_equal",
            "equal",
            "not_equal",
            "logical_and",
            "logical_or",
            "logical_xor",
            "logical_not",
            "isnan",
            "isfinite",
            "isinf",
        ]
    }
)
_SCIPYS_OWN = {  # of functions that NumPy has, or by another name
    "cbrt": "cbrt",
    "exp2": "exp2",
    "expm1": "expm1",
    "log1p": "log1p",
    "loggamma": "gammaln",
    "round": "rint",
}


@cache
def _by_scipys_ufunc() -> dict[Any, ScalarFunction]:
    rows = {row.numpy.ufunc: row for row in FUNCTIONS.values() if isinstance(row.numpy, OfScipy)}
    rows |= {getattr(special, name): FUNCTIONS[own] for name, own in _SCIPYS_OWN.items()}
    if hasattr(special, "_ufuncs") and hasattr(special._ufuncs, "_zeta"):
        rows[special._ufuncs._zeta] = FUNCTIONS["zeta"]  # what the function `zeta` calls
    return rows


def function_of_ufunc(ufunc: Any) -> ScalarFunction | None:
    """Return the row of a NumPy or SciPy ufunc, or ``None`` if the table has none."""
    if ufunc in _BY_UFUNC:
        return _BY_UFUNC[ufunc]
    return _by_scipys_ufunc().get(ufunc) if is_loaded(special) else None
