"""Complex steps through Programs: first derivatives exact to rounding.

What NumPy refuses, or means otherwise, for complex numbers is replaced by functions that follow the
imaginary part to first order (Squire and Trapp 1998, doi:10.1137/S003614459631241X).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.special as special

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.nodes import Constant, Elementwise, Input, Node
from sparseopt.graph.program import Program
from sparseopt.graph.scalar_function import ScalarFunction
from sparseopt.graph.special_functions import SPECIAL_FUNCTIONS
from sparseopt.graph.transform import with_args

__all__ = ["STEP", "complex_program"]

STEP = 1e-30
"""Small enough that no square of it counts; there is nothing to cancel."""

DIFFERENCE = 2e-3
_Function = Callable[..., Any]
_NAMES_OF_SPECIAL = frozenset(row.name for row in SPECIAL_FUNCTIONS)


def _sqrt_of_squares(x: Any, y: Any) -> Any:
    return np.sqrt(x * x + y * y)


def _real_step(name: str) -> _Function:
    return lambda *args: FUNCTIONS[name].numpy(*(np.real(a) for a in args)) + 0j


def _absolute(x: Any) -> Any:
    return np.where(np.real(x) < 0, -x, x)


def _arctan2(y: Any, x: Any) -> Any:
    return np.arctan2(np.real(y), np.real(x)) + 1j * (
        (np.real(x) * np.imag(y) - np.real(y) * np.imag(x))
        / np.maximum(np.real(x) ** 2 + np.real(y) ** 2, 1e-300)
    )


def _by_derivative(function: _Function, derivative: _Function) -> _Function:
    """One argument, first order in the imaginary part, which is all that a complex step needs."""
    return lambda x: function(np.real(x)) + 1j * np.imag(x) * derivative(np.real(x))


def _zeta(s: Any, q: Any) -> Any:
    """Return the Hurwitz zeta function; its first argument is never more than a constant."""
    s, real = np.real(s), np.real(q)
    return special.zeta(s, real) - 1j * np.imag(q) * s * special.zeta(s + 1.0, real)


def _choose(better: _Function) -> _Function:
    return lambda x, y: np.where(better(np.real(x), np.real(y)), x, y)


_STEPS = (
    "sign", "floor", "ceil", "rint", "trunc", "floor_divide", "heaviside", "less", "less_equal",
    "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_xor",
    "logical_not", "isnan", "isfinite", "isinf",
)  # fmt: skip

_COMPLEX: dict[str, _Function] = {
    **{name: _real_step(name) for name in _STEPS},
    "absolute": _absolute,
    "hypot": _sqrt_of_squares,
    "arctan2": _arctan2,
    "maximum": _choose(np.greater_equal),
    "minimum": _choose(np.less_equal),
    "fmax": _choose(np.greater_equal),
    "fmin": _choose(np.less_equal),
    "cbrt": _by_derivative(np.cbrt, lambda x: np.cbrt(x) / (3.0 * x)),
    "copysign": lambda x, y: _absolute(x) * np.copysign(1.0, np.real(y)),
    "remainder": lambda x, y: x - np.floor(np.real(x) / np.real(y)) * y,
    "fmod": lambda x, y: x - np.trunc(np.real(x) / np.real(y)) * y,
    "logaddexp": lambda x, y: np.log(np.exp(x) + np.exp(y)),
    "logaddexp2": lambda x, y: np.log(2.0**x + 2.0**y) / np.log(2.0),
    "gammaln": _by_derivative(special.gammaln, special.psi),
    "gamma": _by_derivative(special.gamma, lambda x: special.gamma(x) * special.psi(x)),
    "psi": _by_derivative(special.psi, lambda x: special.polygamma(1, x)),
    "zeta": _zeta,
    "huber": lambda d, x: np.where(
        np.abs(np.real(x)) <= np.real(d), 0.5 * x * x, d * (_absolute(x) - 0.5 * d)
    ),
    "expit": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "log_expit": lambda x: -np.log1p(np.exp(-x)),
    "logit": lambda x: np.log(x / (1.0 - x)),
    "entr": lambda x: -x * np.log(x),
    "where": lambda c, x, y: np.where(np.real(c) != 0.0, x, y),
}


def _by_differences(function: _Function) -> _Function:
    """Follow imaginary parts by eighth-order differences, where NumPy knows no complex values."""

    def step(*args: Any) -> Any:
        real = [np.real(a) for a in args]
        total = np.zeros(np.broadcast_shapes(*(np.shape(a) for a in args)))
        for k, argument in enumerate(args):
            if not np.any(np.imag(argument)):
                continue
            for j, weight in enumerate((4 / 5, -1 / 5, 4 / 105, -1 / 280), start=1):
                for sign in (1, -1):
                    moved = [a + sign * j * DIFFERENCE * (i == k) for i, a in enumerate(real)]
                    slope = sign * weight * function(*moved) / DIFFERENCE
                    total = total + slope * np.imag(argument)
        return function(*real) + 1j * total

    return step


def _following(function: ScalarFunction) -> _Function | None:
    """Return what replaces a function, or None if NumPy's own follows complex steps."""
    known = _COMPLEX.get(function.name)
    if known is None and function.name in _NAMES_OF_SPECIAL:
        known = _by_differences(function.numpy)
    return known


def complex_program(program: Program) -> Program:
    """Return the program with functions that follow a complex step to first order."""
    new: dict[int, Node] = {}
    for node in program.nodes():
        args = tuple(new[id(a)] for a in node.args)
        if isinstance(node, (Input, Constant)):
            new[id(node)] = node
        elif isinstance(node, Elementwise) and (followed := _following(node.function)):
            row = replace(node.function, numpy=followed)
            new[id(node)] = Elementwise(row, args, node.size, node.where)
        else:
            new[id(node)] = with_args(node, args)
    return program.with_outputs([new[id(o)] for o in program.outputs])
