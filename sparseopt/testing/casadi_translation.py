"""Programs as CasADi expressions: a second opinion on values, derivatives and patterns.

CasADi is imported when a Program is translated (Andersson et al. 2019,
doi:10.1007/s12532-018-0139-4).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import SparseOptError
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program

__all__ = ["CasadiProblem", "casadi_functions", "is_translatable", "translate"]

_Table = dict[str, Callable[..., Any]]
_LN2 = math.log(2.0)
_SHIFT = 12
"""Steps of the recurrences by which arguments of the gamma functions are made large."""
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)


def _casadi() -> ModuleType:
    try:
        import casadi
    except ImportError as error:
        raise SparseOptError(
            "a Program is compared with CasADi, which is not installed",
            instead="pip install casadi",
        ) from error
    module: ModuleType = casadi
    return module


# ---- the gamma functions for positive arguments, by Stirling's series (DLMF 5.11, 25.11.43)
def _gammaln(ca: ModuleType, x: Any) -> Any:
    q = x + _SHIFT
    total = (q - 0.5) * ca.log(q) - q + 0.5 * math.log(2.0 * math.pi)
    for k, b in enumerate(_BERNOULLI, start=1):
        total = total + b / (2 * k * (2 * k - 1)) * q ** (1 - 2 * k)
    for k in range(_SHIFT):
        total = total - ca.log(x + k)
    return total


def _psi(ca: ModuleType, x: Any) -> Any:
    q = x + _SHIFT
    total = ca.log(q) - 0.5 / q
    for k, b in enumerate(_BERNOULLI, start=1):
        total = total - b / (2 * k) * q ** (-2 * k)
    for k in range(_SHIFT):
        total = total - 1.0 / (x + k)
    return total


def _zeta(ca: ModuleType, s: Any, x: Any) -> Any:
    q = x + _SHIFT
    total = q ** (1.0 - s) / (s - 1.0) + 0.5 * q ** (-s)
    rising = s
    for k, b in enumerate(_BERNOULLI, start=1):
        total = total + b / math.factorial(2 * k) * rising * q ** (1.0 - 2 * k - s)
        rising = rising * (s + 2.0 * k - 1.0) * (s + 2.0 * k)
    for k in range(_SHIFT):
        total = total + (x + k) ** (-s)
    return total


def _betaln(ca: ModuleType, x: Any, y: Any) -> Any:
    return _gammaln(ca, x) + _gammaln(ca, y) - _gammaln(ca, x + y)


def _trunc(ca: ModuleType, x: Any) -> Any:
    return ca.sign(x) * ca.floor(ca.fabs(x))


def _copysign(ca: ModuleType, x: Any, y: Any) -> Any:
    return ca.fabs(x) * ca.if_else(y >= 0, 1.0, -1.0)


def _arithmetic(ca: ModuleType) -> _Table:
    return {
        "add": lambda x, y: x + y,
        "subtract": lambda x, y: x - y,
        "multiply": lambda x, y: x * y,
        "divide": lambda x, y: x / y,
        "negative": lambda x: -x,
        "square": lambda x: x * x,
        "reciprocal": lambda x: 1 / x,
        "power": lambda x, y: x**y,
        "sqrt": ca.sqrt,
        "cbrt": lambda x: ca.sign(x) * ca.fabs(x) ** (1 / 3),
        "absolute": ca.fabs,
        "hypot": lambda x, y: ca.sqrt(x * x + y * y),
        "copysign": lambda x, y: _copysign(ca, x, y),
        "remainder": lambda x, y: x - ca.floor(x / y) * y,
        "fmod": lambda x, y: x - _trunc(ca, x / y) * y,
    }


def _transcendental(ca: ModuleType) -> _Table:
    return {
        "exp": ca.exp,
        "exp2": lambda x: ca.exp(_LN2 * x),
        "expm1": ca.expm1,
        "log": ca.log,
        "log2": lambda x: ca.log(x) / _LN2,
        "log10": ca.log10,
        "log1p": ca.log1p,
        "logaddexp": lambda x, y: ca.log(ca.exp(x) + ca.exp(y)),
        "logaddexp2": lambda x, y: ca.log(ca.exp(_LN2 * x) + ca.exp(_LN2 * y)) / _LN2,
        "sin": ca.sin,
        "cos": ca.cos,
        "tan": ca.tan,
        "arcsin": ca.asin,
        "arccos": ca.acos,
        "arctan": ca.atan,
        "arctan2": ca.atan2,
        "sinh": ca.sinh,
        "cosh": ca.cosh,
        "tanh": ca.tanh,
        "arcsinh": ca.asinh,
        "arccosh": ca.acosh,
        "arctanh": ca.atanh,
    }


def _piecewise(ca: ModuleType) -> _Table:
    return {
        "maximum": ca.fmax,
        "minimum": ca.fmin,
        "fmax": ca.fmax,
        "fmin": ca.fmin,
        "where": lambda c, x, y: ca.if_else(c != 0, x, y),
        "sign": ca.sign,
        "heaviside": lambda x, y: ca.if_else(x == 0, y, x > 0),
        "floor": ca.floor,
        "ceil": ca.ceil,
        "rint": lambda x: ca.floor(x + 0.5),  # differs at halves
        "trunc": lambda x: _trunc(ca, x),
        "floor_divide": lambda x, y: ca.floor(x / y),
        "less": lambda x, y: x < y,
        "less_equal": lambda x, y: x <= y,
        "greater": lambda x, y: x > y,
        "greater_equal": lambda x, y: x >= y,
        "equal": lambda x, y: x == y,
        "not_equal": lambda x, y: x != y,
        "logical_and": ca.logic_and,
        "logical_or": ca.logic_or,
        "logical_xor": lambda x, y: (x != 0) != (y != 0),
        "logical_not": ca.logic_not,
        "isnan": lambda x: x != x,
        "isfinite": lambda x: ca.fabs(x) < math.inf,
        "isinf": lambda x: ca.fabs(x) == math.inf,
    }


def _special(ca: ModuleType) -> _Table:
    return {
        "erf": ca.erf,
        "erfc": lambda x: 1 - ca.erf(x),
        "gammaln": lambda x: _gammaln(ca, x),
        "gamma": lambda x: ca.exp(_gammaln(ca, x)),
        "psi": lambda x: _psi(ca, x),
        "zeta": lambda s, x: _zeta(ca, s, x),
        "expit": lambda x: 1 / (1 + ca.exp(-x)),
        "log_expit": lambda x: -ca.log1p(ca.exp(-x)),
        "logit": lambda x: ca.log(x / (1 - x)),
        "xlogy": lambda x, y: x * ca.log(y),
        "xlog1py": lambda x, y: x * ca.log1p(y),
        "entr": lambda x: -x * ca.log(x),
        "ndtr": lambda x: 0.5 + 0.5 * ca.erf(x * math.sqrt(0.5)),
        "log_ndtr": lambda x: ca.log(0.5 + 0.5 * ca.erf(x * math.sqrt(0.5))),
        "erfcx": lambda x: ca.exp(x * x) * (1 - ca.erf(x)),
        "cosm1": lambda x: -2.0 * ca.sin(0.5 * x) ** 2,
        "exp10": lambda x: ca.exp(math.log(10.0) * x),
        "beta": lambda x, y: ca.exp(_betaln(ca, x, y)),
        "betaln": lambda x, y: _betaln(ca, x, y),
        "rel_entr": lambda x, y: x * ca.log(x / y),
        "kl_div": lambda x, y: x * ca.log(x / y) - x + y,
        "huber": lambda d, r: ca.if_else(ca.fabs(r) <= d, 0.5 * r * r, d * (ca.fabs(r) - 0.5 * d)),
        "pseudo_huber": lambda d, r: d * d * (ca.sqrt(1 + (r / d) ** 2) - 1),
    }


@cache
def casadi_functions() -> _Table:
    """Return CasADi's spelling of functions of the table, by name.

    All but Bessel functions and their kind, of which CasADi knows none.
    """
    ca = _casadi()
    return _arithmetic(ca) | _transcendental(ca) | _piecewise(ca) | _special(ca)


def _function(name: str) -> Callable[..., Any]:
    function = casadi_functions().get(name)
    if function is None:
        raise SparseOptError(
            f"{name} is translated to CasADi",
            why="CasADi has no such function",
            instead="compare with complex steps alone",
        )
    return function


def _matrix(ca: ModuleType, matrix: Any) -> Any:
    csc = sp.csc_matrix(matrix)
    csc.sort_indices()
    pattern = ca.Sparsity(*csc.shape, csc.indptr.tolist(), csc.indices.tolist())
    return ca.DM(pattern, csc.data.tolist())


def _node(ca: ModuleType, node: Node, args: list[Any], symbols: dict[int, Any]) -> Any:
    if isinstance(node, Input):
        return symbols[id(node)]
    if isinstance(node, Constant):
        return ca.DM(node.values)
    if isinstance(node, Elementwise):
        value = _function(node.function.name)(*args)
        return value if value.numel() == node.size else ca.repmat(value, node.size, 1)
    if isinstance(node, Gather):
        if not node.size:
            return ca.DM(0, 1)
        picked = ca.vertcat(*args)[node.index.materialize().tolist()]
        return ca.reshape(picked, node.size, 1)  # CasADi indexes a scalar into a row
    if isinstance(node, Call):
        raise SparseOptError(
            f"the external function {node.function.name!r} is translated to CasADi",
            why="CasADi knows nothing of functions that are not NumPy",
        )
    assert isinstance(node, Linear)
    if isinstance(node.matrix, RowSum):
        return ca.sum1(ca.reshape(args[0], node.matrix.width, node.matrix.num_rows)).T
    return ca.mtimes(_matrix(ca, node.matrix), args[0])


def is_translatable(program: Program) -> bool:
    """Whether CasADi has all functions of a Program."""
    known = casadi_functions().keys()
    return all(
        node.function.name in known if isinstance(node, Elementwise) else not isinstance(node, Call)
        for node in program.nodes()
    )


def translate(program: Program, kind: Any = None) -> tuple[Any, Any, list[Any]]:
    """Return (x, p, outputs) as CasADi expressions.

    Parameters
    ----------
    program : Program
        Without external functions.
    kind : optional
        ``casadi.SX``, the default, or ``casadi.MX``.

    Raises
    ------
    SparseOptError
        If CasADi is not installed, or for external functions.
    """
    ca = _casadi()
    kind = ca.SX if kind is None else kind
    x, p = kind.sym("x", program.num_variables), kind.sym("p", program.num_parameters)
    symbols: dict[int, Any] = {}
    node: Node
    for whole, group in ((x, program.variables), (p, program.parameters)):
        for node in group:
            start = program.offsets[id(node)]
            symbols[id(node)] = whole[start : start + node.size]
    values: dict[int, Any] = {}
    for node in program.nodes():
        values[id(node)] = _node(ca, node, [values[id(a)] for a in node.args], symbols)
    return x, p, [kind(values[id(o)]) for o in program.outputs]


class CasadiProblem:
    """Objective, constraints, and their derivatives and patterns, by CasADi."""

    def __init__(self, program: Program, kind: Any = None) -> None:
        ca = _casadi()
        kind = ca.SX if kind is None else kind
        x, p, (f, c) = translate(program, kind)
        c = ca.densify(c) if c.numel() else kind.zeros(0, 1)
        lam, weight = kind.sym("lam", c.numel()), kind.sym("weight")
        f = ca.densify(f)
        lagrangian = weight * f + ca.dot(lam, c)
        jacobian = ca.jacobian(c, x)
        hessian = ca.hessian(lagrangian, x)[0]
        self._functions = {
            "objective": ca.Function("f", [x, p], [f]),
            "constraints": ca.Function("c", [x, p], [c]),
            "gradient": ca.Function("g", [x, p], [ca.densify(ca.gradient(f, x))]),
            "jacobian": ca.Function("J", [x, p], [jacobian]),
            "hessian": ca.Function("H", [x, p, lam, weight], [hessian]),
        }
        self.jacobian_entries = _entries(jacobian.sparsity())
        self.hessian_entries = _entries(ca.tril(hessian).sparsity())

    def __call__(self, name: str, x: Any, *rest: Any) -> NDArray[np.float64]:
        """Return a value as a dense array; ``rest`` is p, and for the Hessian lam and weight."""
        p = rest[0] if rest and rest[0] is not None else np.zeros(0)
        found = self._functions[name](x, p, *rest[1:])
        return np.array(found.full())


def _entries(sparsity: Any) -> set[tuple[int, int]]:
    rows, cols = sparsity.get_triplet()
    return set(zip(rows, cols, strict=True))
