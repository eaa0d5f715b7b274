"""Programs as CasADi expressions: a second opinion on values, derivatives and patterns."""

from __future__ import annotations

import casadi as ca
import numpy as np
import scipy.sparse as sp

from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, RowSum

__all__ = ["CasadiProblem", "translate"]


def _where(condition, first, second):
    return ca.if_else(condition != 0, first, second)


def _copysign(x, y):
    return ca.fabs(x) * ca.if_else(y >= 0, 1.0, -1.0)


_FUNCTIONS = {
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
    "copysign": _copysign,
    "remainder": lambda x, y: x - ca.floor(x / y) * y,
    "fmod": ca.fmod,
    "exp": ca.exp,
    "exp2": lambda x: ca.exp(np.log(2.0) * x),
    "expm1": ca.expm1,
    "log": ca.log,
    "log2": lambda x: ca.log(x) / np.log(2.0),
    "log10": ca.log10,
    "log1p": ca.log1p,
    "logaddexp": lambda x, y: ca.log(ca.exp(x) + ca.exp(y)),
    "logaddexp2": lambda x, y: ca.log(ca.exp(np.log(2) * x) + ca.exp(np.log(2) * y)) / np.log(2),
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
    "maximum": ca.fmax,
    "minimum": ca.fmin,
    "fmax": ca.fmax,
    "fmin": ca.fmin,
    "where": _where,
    "sign": ca.sign,
    "floor": ca.floor,
    "ceil": ca.ceil,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "logical_and": ca.logic_and,
    "logical_or": ca.logic_or,
    "logical_not": ca.logic_not,
    "erf": ca.erf,
    "erfc": lambda x: 1 - ca.erf(x),
    "expit": lambda x: 1 / (1 + ca.exp(-x)),
    "log_expit": lambda x: -ca.log1p(ca.exp(-x)),
    "logit": lambda x: ca.log(x / (1 - x)),
    "xlogy": lambda x, y: x * ca.log(y),
    "xlog1py": lambda x, y: x * ca.log1p(y),
    "entr": lambda x: -x * ca.log(x),
    "ndtr": lambda x: 0.5 + 0.5 * ca.erf(x * np.sqrt(0.5)),
}


def _matrix(matrix):
    csc = sp.csc_matrix(matrix)
    pattern = ca.Sparsity(*csc.shape, csc.indptr.tolist(), csc.indices.tolist())
    return ca.DM(pattern, csc.data.tolist())


def _node(node, args, symbols):
    if isinstance(node, Input):
        return symbols[id(node)]
    if isinstance(node, Constant):
        return ca.DM(node.values)
    if isinstance(node, Elementwise):
        value = _FUNCTIONS[node.function.name](*args)
        return value if value.numel() == node.size else ca.repmat(value, node.size, 1)
    if isinstance(node, Gather):
        picked = ca.vertcat(*args)[node.index.materialize().tolist()]
        return ca.reshape(picked, node.size, 1)  # CasADi indexes a scalar into a row
    assert isinstance(node, Linear)
    if isinstance(node.matrix, RowSum):
        return ca.sum1(ca.reshape(args[0], node.matrix.width, node.matrix.num_rows)).T
    return ca.mtimes(_matrix(node.matrix), args[0])


def translate(program, kind=ca.SX):
    """Return (x, p, outputs) as CasADi expressions of a kind, ``casadi.SX`` or ``casadi.MX``."""
    x, p = kind.sym("x", program.num_variables), kind.sym("p", program.num_parameters)
    symbols = {}
    for whole, group in ((x, program.variables), (p, program.parameters)):
        for node in group:
            start = program.offsets[id(node)]
            symbols[id(node)] = whole[start : start + node.size]
    values = {}
    for node in program.nodes():
        values[id(node)] = _node(node, [values[id(a)] for a in node.args], symbols)
    return x, p, [kind(values[id(o)]) for o in program.outputs]


class CasadiProblem:
    """Objective, constraints, and their derivatives and patterns, by CasADi."""

    def __init__(self, program, kind=ca.SX):
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

    def __call__(self, name, x, *rest):
        """Return a value as a dense array; ``rest`` is p, and for the Hessian lam and weight."""
        p = rest[0] if rest and rest[0] is not None else np.zeros(0)
        found = self._functions[name](x, p, *rest[1:])
        return np.array(found.full())


def _entries(sparsity):
    rows, cols = sparsity.get_triplet()
    return set(zip(rows, cols, strict=True))
