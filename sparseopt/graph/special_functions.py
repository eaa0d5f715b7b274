"""Rows of the table of scalar functions for more of `scipy.special`.

Derivatives are those of the DLMF (https://dlmf.nist.gov), without differences that cancel near
zero: that of a Bessel function of order one is written with the order two.  Partials by an order or
a shape parameter have no closed form and are NaN; they are only asked for where it is a variable.
"""

from __future__ import annotations

import math
from typing import Any

from sparseopt.graph.scalar_function import OfScipy, row

__all__ = ["SPECIAL_FUNCTIONS"]

_REAL = (-3.0, 3.0)
_POSITIVE = (0.3, 4.0)
_INNER = (0.1, 0.9)
_ORDER = (0.5, 3.0)
_ROOT_PI = math.sqrt(math.pi)
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


def _x_log_ratio(f: Any, x: Any, y: Any) -> Any:
    """Write x log(x / y) without loss where x is close to y, and without overflow."""
    ratio = x / y
    near = f.greater(ratio, 0.5) * f.less(ratio, 2.0)
    return x * f.where(near, f.log1p((x - y) / y), f.log(x) - f.log(y))


def _rel_entr(f: Any, x: Any, y: Any) -> Any:
    inside = f.greater(x, 0.0) * f.greater(y, 0.0)
    empty = f.equal(x, 0.0) * f.greater_equal(y, 0.0)
    outside = f.where(f.equal(x, x) * f.equal(y, y), f.where(empty, 0.0, math.inf), x + y)
    return f.where(inside, _x_log_ratio(f, x, y), outside)


def _kl_div(f: Any, x: Any, y: Any) -> Any:
    inside = f.greater(x, 0.0) * f.greater(y, 0.0)
    empty = f.equal(x, 0.0) * f.greater_equal(y, 0.0)
    outside = f.where(f.equal(x, x) * f.equal(y, y), f.where(empty, y, math.inf), x + y)
    return f.where(inside, _x_log_ratio(f, x, y) - x + y, outside)


def _huber(f: Any, delta: Any, r: Any) -> Any:
    size = f.absolute(r)
    inside = f.less_equal(size, delta)
    value = f.where(inside, 0.5 * (r * r), delta * (size - 0.5 * delta))
    return f.where(f.less(delta, 0.0), math.inf, value)


def _huber_partials(f: Any, v: Any, delta: Any, r: Any) -> tuple[Any, Any]:
    size = f.absolute(r)
    inside = f.less_equal(size, delta)
    return f.where(inside, 0.0, size - delta), f.where(inside, r, delta * f.sign(r))


def _pseudo_huber_partials(f: Any, v: Any, delta: Any, r: Any) -> tuple[Any, Any]:
    ratio = r / delta
    root = f.sqrt(1.0 + ratio * ratio)
    return 2.0 * (v / delta) - ratio * r / root, r / root


_ERRORS = [
    row(
        "erfinv",
        OfScipy("erfinv"),
        lambda f, v, x: (0.5 * _ROOT_PI * f.exp(v * v),),
        "00",
        ((-0.9, 0.9),),
        "scipy erfinv",
    ),
    row(
        "erfcinv",
        OfScipy("erfcinv"),
        lambda f, v, x: (-0.5 * _ROOT_PI * f.exp(v * v),),
        "00",
        ((0.1, 1.9),),
        "scipy erfcinv",
    ),
    row(
        "erfcx",
        OfScipy("erfcx"),
        lambda f, v, x: (2.0 * x * v - 2.0 / _ROOT_PI,),
        "00",
        (_REAL,),
        "scipy erfcx",
    ),
    row(
        "erfi",
        OfScipy("erfi"),
        lambda f, v, x: ((2.0 / _ROOT_PI) * f.exp(x * x),),
        "00",
        ((-1.5, 1.5),),
        "scipy erfi",
    ),
    row(
        "dawsn",
        OfScipy("dawsn"),
        lambda f, v, x: (1.0 - 2.0 * x * v,),
        "00",
        (_REAL,),
        "scipy dawsn",
    ),
    row(
        "ndtri",
        OfScipy("ndtri"),
        lambda f, v, x: (_ROOT_TWO_PI * f.exp(0.5 * (v * v)),),
        "00",
        (_INNER,),
        "scipy ndtri",
    ),
    row(
        "log_ndtr",
        OfScipy("log_ndtr"),
        lambda f, v, x: (f.exp(-0.5 * (x * x) - v) / _ROOT_TWO_PI,),
        "00",
        (_REAL,),
        "scipy log_ndtr",
    ),
]

_GAMMAS = [
    row(
        "beta",
        OfScipy("beta"),
        lambda f, v, x, y: (
            v * (f.psi(x) - f.psi(x + y)),
            v * (f.psi(y) - f.psi(x + y)),
        ),
        "00 01 11",
        (_POSITIVE, _POSITIVE),
        "scipy beta",
    ),
    row(
        "betaln",
        OfScipy("betaln"),
        lambda f, v, x, y: (f.psi(x) - f.psi(x + y), f.psi(y) - f.psi(x + y)),
        "00 01 11",
        (_POSITIVE, _POSITIVE),
        "scipy betaln",
    ),
    row(
        "gammainc",
        OfScipy("gammainc"),
        lambda f, v, a, x: (math.nan, f.exp((a - 1.0) * f.log(x) - x - f.gammaln(a))),
        "00 01 11",
        (_ORDER, _POSITIVE),
        "scipy gammainc",
        open_arguments=(0,),
    ),
    row(
        "gammaincc",
        OfScipy("gammaincc"),
        lambda f, v, a, x: (math.nan, -f.exp((a - 1.0) * f.log(x) - x - f.gammaln(a))),
        "00 01 11",
        (_ORDER, _POSITIVE),
        "scipy gammaincc",
        open_arguments=(0,),
    ),
    row(
        "betainc",
        OfScipy("betainc"),
        lambda f, v, a, b, x: (
            math.nan,
            math.nan,
            f.exp((a - 1.0) * f.log(x) + (b - 1.0) * f.log1p(-x) - f.betaln(a, b)),
        ),
        "00 01 02 11 12 22",
        (_ORDER, _ORDER, _INNER),
        "scipy betainc",
        open_arguments=(0, 1),
    ),
    row(
        "exp1", OfScipy("exp1"), lambda f, v, x: (-f.exp(-x) / x,), "00", (_POSITIVE,), "scipy exp1"
    ),
    row("expi", OfScipy("expi"), lambda f, v, x: (f.exp(x) / x,), "00", (_POSITIVE,), "scipy expi"),
    row(
        "exp10",
        OfScipy("exp10"),
        lambda f, v, x: (math.log(10.0) * v,),
        "00",
        ((-1.0, 1.0),),
        "scipy exp10",
    ),
    row("cosm1", OfScipy("cosm1"), lambda f, v, x: (-f.sin(x),), "00", (_REAL,), "scipy cosm1"),
]

_BESSEL = [
    row("j0", OfScipy("j0"), lambda f, v, x: (-f.j1(x),), "00", (_REAL,), "scipy j0"),
    row("j1", OfScipy("j1"), lambda f, v, x: (0.5 * (f.j0(x) - f.jv(2.0, x)),), "00", (_REAL,),
        "scipy j1"),
    row("y0", OfScipy("y0"), lambda f, v, x: (-f.y1(x),), "00", (_POSITIVE,), "scipy y0"),
    row("y1", OfScipy("y1"), lambda f, v, x: (0.5 * (f.y0(x) - f.yv(2.0, x)),), "00", (_POSITIVE,),
        "scipy y1"),
    row("i0", OfScipy("i0"), lambda f, v, x: (f.i1(x),), "00", (_REAL,), "scipy i0"),
    row("i1", OfScipy("i1"), lambda f, v, x: (0.5 * (f.i0(x) + f.iv(2.0, x)),), "00", (_REAL,),
        "scipy i1"),
    row("k0", OfScipy("k0"), lambda f, v, x: (-f.k1(x),), "00", (_POSITIVE,), "scipy k0"),
    row("k1", OfScipy("k1"), lambda f, v, x: (-0.5 * (f.k0(x) + f.kv(2.0, x)),), "00", (_POSITIVE,),
        "scipy k1"),
    row("jv", OfScipy("jv"),
        lambda f, v, n, x: (math.nan, 0.5 * (f.jv(n - 1.0, x) - f.jv(n + 1.0, x))), "00 01 11",
        (_ORDER, _POSITIVE), "scipy jv", open_arguments=(0,)),
    row("yv", OfScipy("yv"),
        lambda f, v, n, x: (math.nan, 0.5 * (f.yv(n - 1.0, x) - f.yv(n + 1.0, x))), "00 01 11",
        (_ORDER, _POSITIVE), "scipy yv", open_arguments=(0,)),
    row("iv", OfScipy("iv"),
        lambda f, v, n, x: (math.nan, 0.5 * (f.iv(n - 1.0, x) + f.iv(n + 1.0, x))), "00 01 11",
        (_ORDER, _POSITIVE), "scipy iv", open_arguments=(0,)),
    row("kv", OfScipy("kv"),
        lambda f, v, n, x: (math.nan, -0.5 * (f.kv(n - 1.0, x) + f.kv(n + 1.0, x))), "00 01 11",
        (_ORDER, _POSITIVE), "scipy kv", open_arguments=(0,)),
]  # fmt: skip

_LOSSES = [
    row(
        "rel_entr",
        OfScipy("rel_entr"),
        lambda f, v, x, y: (f.log(x / y) + 1.0, -(x / y)),
        "00 01 11",
        (_POSITIVE, _POSITIVE),
        "expand",
        expand=_rel_entr,
    ),
    row(
        "kl_div",
        OfScipy("kl_div"),
        lambda f, v, x, y: (f.log(x / y), 1.0 - x / y),
        "00 01 11",
        (_POSITIVE, _POSITIVE),
        "expand",
        expand=_kl_div,
    ),
    row(
        "huber",
        OfScipy("huber"),
        _huber_partials,
        "00 01 11",
        ((0.5, 1.0), (-3.0, 3.0)),
        "expand",
        expand=_huber,
    ),
    row(
        "pseudo_huber",
        OfScipy("pseudo_huber"),
        _pseudo_huber_partials,
        "00 01 11",
        ((0.5, 2.0), _REAL),
        "scipy pseudo_huber",
    ),
]

SPECIAL_FUNCTIONS = (*_ERRORS, *_GAMMAS, *_BESSEL, *_LOSSES)
