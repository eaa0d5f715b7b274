"""Values and derivatives at the edges of domains and at kinks: `python -m benchmarks.domains`.

Writes the table of docs/domains.md, from what compiled code returns there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special as special

from benchmarks.domain_points import derivatives_at

__all__ = ["CASES", "NOTES", "PAGE", "Case", "page_with", "table"]

PAGE = Path(__file__).parents[1] / "docs" / "domains.md"

inf, nan = math.inf, math.nan


@dataclass(frozen=True)
class Case:
    """A function of one or two arguments, and points where it is worth a look."""

    name: str
    function: Callable[..., Any]
    points: tuple[tuple[float, ...], ...]


def _norm(x: Any, y: Any) -> Any:
    return np.linalg.norm(np.stack([x, y]), axis=0)


def _unary(name: str, function: Callable[..., Any], *points: float) -> Case:
    return Case(name, function, tuple((point,) for point in points))


CASES = (
    _unary("sqrt(x)", np.sqrt, 0.0, -0.0, -1.0),
    _unary("cbrt(x)", np.cbrt, 0.0, -8.0),
    _unary("abs(x)", np.abs, 0.0, -0.0),
    _unary("sqrt(x**2)", lambda x: np.sqrt(x**2), 0.0),
    Case("norm([x, y])", _norm, ((0.0, 0.0),)),
    Case("hypot(x, y)", np.hypot, ((0.0, 0.0), (0.0, 1.0))),
    _unary("x**0.5", lambda x: x**0.5, 0.0),
    _unary("x**1.5", lambda x: x**1.5, 0.0, -1.0),
    _unary("x**2.5", lambda x: x**2.5, 0.0),
    _unary("x**3", lambda x: x**3, 0.0, -1.0),
    _unary("x**0", lambda x: x**0, 0.0),
    _unary("x**-1", lambda x: x**-1, 0.0, -0.0),
    _unary("2.0**x", lambda x: 2.0**x, 0.0, 2000.0),
    _unary("0.0**x", lambda x: 0.0**x, 0.0, 1.0),
    Case(
        "x**y",
        lambda x, y: x**y,
        (
            (0.0, 0.0),
            (0.0, 0.5),
            (0.0, 1.0),
            (0.0, 2.0),
            (0.0, 3.0),
            (0.0, -1.0),
            (-2.0, 2.0),
            (-2.0, 0.5),
        ),
    ),
    _unary("log(x)", np.log, 0.0, -0.0, -1.0),
    _unary("log1p(x)", np.log1p, 0.0, -1.0, 1e-20),
    _unary("expm1(x)", np.expm1, 0.0, 1e-20),
    _unary("1 / x", lambda x: 1.0 / x, 0.0, -0.0),
    Case("x / y", lambda x, y: x / y, ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))),
    Case("arctan2(y, x)", np.arctan2, ((0.0, 0.0), (0.0, 1.0), (0.0, -1.0), (-0.0, -1.0))),
    _unary("arcsin(x)", np.arcsin, 1.0, -1.0, 2.0),
    _unary("arccos(x)", np.arccos, 1.0, -1.0),
    _unary("arccosh(x)", np.arccosh, 1.0, 0.0, -2.0),
    _unary("arctanh(x)", np.arctanh, 1.0, 2.0),
    Case("maximum(x, y)", np.maximum, ((1.0, 1.0), (0.0, -0.0), (nan, 1.0), (1.0, nan))),
    Case("minimum(x, y)", np.minimum, ((1.0, 1.0), (-0.0, 0.0), (nan, 1.0))),
    Case("fmax(x, y)", np.fmax, ((1.0, 1.0), (nan, 1.0), (1.0, nan))),
    _unary("clip(x, 0, 1)", lambda x: np.clip(x, 0.0, 1.0), 0.0, 1.0, nan),
    _unary("maximum(x, 0)", lambda x: np.maximum(x, 0.0), 0.0, -0.0),
    _unary("maximum(0, x)", lambda x: np.maximum(0.0, x), 0.0, -0.0),
    _unary("where(x > 0, x, 2 x)", lambda x: np.where(x > 0, x, 2.0 * x), 0.0, nan),
    _unary("where(x >= 0, x, 2 x)", lambda x: np.where(x >= 0, x, 2.0 * x), 0.0, -0.0),
    _unary("where(x, x, 2 x)", lambda x: np.where(x, x, 2.0 * x), 0.0, -0.0, nan),
    _unary("sign(x)", np.sign, 0.0, -0.0, nan),
    _unary("x sign(x)", lambda x: x * np.sign(x), 0.0),
    _unary("floor(x)", np.floor, 1.0, -0.0),
    _unary("ceil(x)", np.ceil, 1.0),
    _unary("rint(x)", np.rint, 0.5, 1.5),
    _unary("trunc(x)", np.trunc, -1.0),
    Case("heaviside(x, y)", np.heaviside, ((0.0, 0.5), (1.0, 0.5))),
    Case(
        "remainder(x, y)",
        np.remainder,
        (
            (6.0, 3.0),
            (-1.0, 3.0),
            (1.0, 0.1),
            (0.3, 0.1),
            (1.0, 0.0),
            (1.0, inf),
            (-1.0, inf),
            (5.0, -3.0),
            (-1e-20, 1.0),
        ),
    ),
    Case("fmod(x, y)", np.fmod, ((6.0, 3.0), (-1.0, 3.0), (1.0, 0.1), (1.0, 0.0), (1.0, inf))),
    Case(
        "floor_divide(x, y)",
        np.floor_divide,
        ((6.0, 3.0), (1.0, 0.1), (-1.0, 0.1), (1.0, 0.0), (-1.0, inf), (1.0, inf)),
    ),
    Case("copysign(x, y)", np.copysign, ((0.0, 1.0), (-0.0, 1.0), (1.0, 0.0), (1.0, -0.0))),
    Case("xlogy(x, y)", special.xlogy, ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0))),
    Case("xlog1py(x, y)", special.xlog1py, ((0.0, -1.0), (1.0, -1.0))),
    _unary("entr(x)", special.entr, 0.0, -1.0),
    Case("rel_entr(x, y)", special.rel_entr, ((0.0, 1.0), (1.0, 0.0), (0.0, 0.0))),
    _unary("sinc(x)", np.sinc, 0.0, 1.0, 1e-9, -1e-3, 0.2),
    Case(
        "logaddexp(x, y)",
        np.logaddexp,
        ((-inf, 0.0), (inf, 0.0), (-inf, -inf), (inf, inf), (0.0, 1000.0)),
    ),
    _unary("exp(x)", np.exp, 1000.0, -1000.0, -inf),
    _unary("exp(-1 / x)", lambda x: np.exp(-1.0 / x), 0.0),
    _unary("tanh(x)", np.tanh, 15.0, 20.0, -inf),
    _unary("expit(x)", special.expit, 40.0, -40.0, -1000.0),
    _unary("log_expit(x)", special.log_expit, -1000.0, 1000.0),
    _unary("logit(x)", special.logit, 0.0, 1.0),
    _unary("gammaln(x)", special.gammaln, 0.0, -1.0, -20.5, -0.5),
    _unary("gamma(x)", special.gamma, 0.0, -1.0, -2.5, 172.0),
    _unary("psi(x)", special.psi, 0.0, -1.0, -20.5),
    _unary("erf(x)", special.erf, 30.0, inf),
    _unary("tan(x)", np.tan, math.pi / 2),
    _unary("sin(x)", np.sin, inf, 1e300),
    Case("x * y", lambda x, y: x * y, ((0.0, inf),)),
    _unary("where(x > 0, log(x), 0)", lambda x: np.where(x > 0, np.log(x), 0.0), 0.0, -1.0),
    _unary(
        "where(x == 0, 1, sin(x) / x)",
        lambda x: np.where(x == 0, 1.0, np.sin(x) / x),
        0.0,
    ),
)

NOTES = {
    "sqrt(x)": "one-sided slope; its sign is that of the zero",
    "abs(x)": "sign(0) = 0, the middle of [-1, 1]; JAX has 1 at 0",
    "sqrt(x**2)": "recorded as abs(x); JAX has NaN",
    "norm([x, y])": "0/0, in JAX too; where it is reached, add a small constant under the root",
    "hypot(x, y)": "0/0; JAX has 1/2, 1/2 at the origin",
    "x**y": "by the base 0 at 0**0, where JAX has NaN; by the exponent 0 at base 0, as JAX",
    "0.0**x": "0 by convention, as JAX",
    "arctan2(y, x)": "0/0, in JAX too",
    "log(x)": "outside the domain the slope is the formula's: the value says NaN",
    "maximum(x, y)": "the first at a tie; JAX has 1/2, 1/2",
    "minimum(x, y)": "the first at a tie; JAX has 1/2, 1/2",
    "fmax(x, y)": "the first at a tie, or what is not NaN; JAX has the second at a tie",
    "clip(x, 0, 1)": "1 at both bounds; JAX has 1/2",
    "maximum(x, 0)": "the order of the arguments decides; JAX has 1/2",
    "where(x > 0, x, 2 x)": "the derivative of what is chosen; no comparison with NaN is true",
    "where(x, x, 2 x)": "NaN is not zero, so it is true",
    "sign(x)": "steps have derivative 0, also where they jump",
    "remainder(x, y)": "NumPy's algorithm: 1 mod 0.1 is not 0; by y it is -floor_divide(x, y)",
    "copysign(x, y)": "unlike abs the sign of -0 counts; JAX has 1 at -0",
    "heaviside(x, y)": "a step, by y as well; JAX has 1 by y at 0",
    "xlogy(x, y)": "a weight of 0 adds nothing: by y it is 0 at the origin; JAX has NaN",
    "rel_entr(x, y)": "JAX has 0, 0 at (0, 1) and at the origin",
    "sinc(x)": "a series near 0, without cancellation; JAX has 201 for the second at 1e-09",
    "logaddexp(x, y)": "∞ - ∞ where both are infinite and equal; JAX has 1, 1 at (∞, ∞)",
    "tanh(x)": "1 - v² is 0 beyond 19: the small slope is lost",
    "expit(x)": "v (1 - v) is 0 beyond 37: the small slope is lost",
    "gammaln(x)": "ψ' by reflection; JAX has -0.0476 for the second at -20.5",
    "exp(-1 / x)": "smooth from the right, but 0 · ∞ as it is written: use where",
    "x * y": "0 · ∞",
    "where(x > 0, log(x), 0)": "what is not taken adds nothing; JAX has NaN at 0",
    "where(x == 0, 1, sin(x) / x)": "the branch taken is a constant; np.sinc has the limits",
}
"""Conventions, and what JAX 0.10.2 returns in float64 where it differs."""


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:.4g}" if abs(value) > 1e-15 else "0" if value == 0.0 else f"{value:.0e}"


def _point(value: float) -> str:
    if math.isinf(value) or math.isnan(value):
        return _number(value)
    return "π/2" if value == math.pi / 2 else f"{value:g}"


def table() -> str:
    """Return the rows of the page, from compiled code on vectors."""
    lines = ["| function | at | value | first | second | |", "|---|---|---|---|---|---|"]
    for case in CASES:
        for number, point in enumerate(case.points):
            arity = len(point)
            found = [_number(v) for v in derivatives_at(case.function, point, "compiled, lanes")]
            cells = [", ".join(map(_point, point)), found[0]]
            cells += [", ".join(found[1 : arity + 1]), ", ".join(found[arity + 1 :])]
            name = f"`{case.name}`" if number == 0 else ""
            note = NOTES.get(case.name, "") if number == 0 else ""
            lines.append(f"| {name} | {' | '.join(cells)} | {note} |")
    return "\n".join(lines)


_BEGIN, _END = "<!-- table -->\n", "\n<!-- end of table -->"


def page_with(rows: str) -> str:
    """Return the page with other rows in its table."""
    before, _, rest = PAGE.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END.strip())
    return before + _BEGIN + rows + _END + after


if __name__ == "__main__":
    PAGE.write_text(page_with(table()))
    print(PAGE)
