"""Small problems with hand-written derivatives, and ways to make them misbehave."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace

import numpy as np
import scipy.sparse

KINDS = ("objective", "gradient", "constraints", "jacobian", "hessian")
METHODS = {kind: kind for kind in KINDS} | {
    "jacobian": "jacobian_values",
    "hessian": "hessian_values",
}


class Example:
    """What the adapters need to know of a problem, from a few arrays and formulas."""

    evaluator = SimpleNamespace(native=None)
    is_hessian_constant = False

    def __init__(self, start, lower, upper, row_lower, row_upper, jacobian, hessian):
        self.initial_point = np.array(start, float)
        n = self.num_variables = self.initial_point.size
        self.variable_lower = np.broadcast_to(np.asarray(lower, float), n).copy()
        self.variable_upper = np.broadcast_to(np.asarray(upper, float), n).copy()
        self.constraint_lower = np.array(row_lower, float)
        self.constraint_upper = np.array(row_upper, float)
        m = self.num_constraints = self.constraint_lower.size
        self.jacobian_pattern = pattern(*jacobian, (m, n))
        self.hessian_pattern = pattern(*hessian, (n, n))
        self.is_linear_row = np.zeros(m, bool)

    def jacobian(self, x):
        return as_csr(self.jacobian_pattern, self.jacobian_values(x))

    def hessian(self, x, multipliers, objective_weight=1.0):
        values = self.hessian_values(x, multipliers, objective_weight)
        lower = as_csr(self.hessian_pattern, values)
        return (lower + lower.T - scipy.sparse.diags_array(lower.diagonal())).tocsr()

    def hessian_vector_product(self, x, multipliers, vector, objective_weight=1.0):
        return self.hessian(x, multipliers, objective_weight) @ vector

    def variable_name(self, index):
        return f"x[{index}]"

    def constraint_name(self, index):
        return f"row[{index}]"

    def require_finite(self, x):
        pass

    def constraint_source(self, index):
        return f"example.py:{10 + index}"


def pattern(rows, cols, shape):
    rows, cols = np.array(rows, np.int32), np.array(cols, np.int32)
    return SimpleNamespace(rows=rows, cols=cols, nnz=rows.size, shape=shape)


def as_csr(pattern, values):
    entries = (values, (pattern.rows, pattern.cols))
    return scipy.sparse.csr_array(scipy.sparse.coo_array(entries, shape=pattern.shape))


class HS071(Example):
    """Hock and Schittkowski (1981), problem 71: f* = 17.0140173 at (1, 4.743, 3.8211, 1.3794)."""

    best = 17.0140172891563

    def __init__(self):
        rows, cols = np.tril_indices(4)
        everywhere = np.divmod(np.arange(8), 4)
        super().__init__([1, 5, 5, 1], 1, 5, [25, 40], [np.inf, 40], everywhere, (rows, cols))

    def objective(self, x):
        return x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2]

    def gradient(self, x):
        a, b, c, d = x
        return np.array([d * (2 * a + b + c), a * d, a * d + 1, a * (a + b + c)])

    def constraints(self, x):
        return np.array([np.prod(x), x @ x])

    def jacobian_values(self, x):
        a, b, c, d = x
        return np.array([b * c * d, a * c * d, a * b * d, a * b * c, *(2 * x)])

    def hessian_values(self, x, multipliers, objective_weight=1.0):
        a, b, c, d = x
        s, (p, q) = objective_weight, multipliers
        H = s * np.array(
            [[2 * d, d, d, 2 * a + b + c], [d, 0, 0, a], [d, 0, 0, a], [2 * a + b + c, a, a, 0]]
        )
        H += p * np.array(
            [
                [0, c * d, b * d, b * c],
                [c * d, 0, a * d, a * c],
                [b * d, a * d, 0, a * b],
                [b * c, a * c, a * b, 0],
            ]
        )
        H += 2 * q * np.eye(4)
        return H[np.tril_indices(4)]


class Chain(Example):
    """min Σ (x_i − 2)² + Σ (x_i x_{i+1})²/4, with x_i² + x_{i+1} = 1 + shift for even i."""

    def __init__(self, size=20, shift=0.0):
        self.links = np.arange(0, size - 1, 2)
        i, k = np.arange(size), self.links.size
        rows = np.repeat(np.arange(k), 2)
        cols = np.stack([self.links, self.links + 1], axis=1).ravel()
        hessian = (np.concatenate([i, i[1:]]), np.concatenate([i, i[:-1]]))
        target = np.full(k, 1.0 + shift)
        start = np.full(size, 0.5)
        super().__init__(start, -np.inf, np.inf, target, target, (rows, cols), hessian)

    def objective(self, x):
        return np.sum((x - 2) ** 2) + np.sum((x[1:] * x[:-1]) ** 2) / 4

    def gradient(self, x):
        g = 2 * (x - 2)
        g[:-1] += x[:-1] * x[1:] ** 2 / 2
        g[1:] += x[1:] * x[:-1] ** 2 / 2
        return g

    def constraints(self, x):
        return x[self.links] ** 2 + x[self.links + 1]

    def jacobian_values(self, x):
        return np.stack([2 * x[self.links], np.ones(self.links.size)], axis=1).ravel()

    def hessian_values(self, x, multipliers, objective_weight=1.0):
        diagonal = np.full(x.size, 2.0)
        diagonal[:-1] += x[1:] ** 2 / 2
        diagonal[1:] += x[:-1] ** 2 / 2
        diagonal *= objective_weight
        diagonal[self.links] += 2 * multipliers
        return np.concatenate([diagonal, objective_weight * x[1:] * x[:-1]])


class Rosenbrock(Example):
    """min 100 (x_1 − x_0²)² + (1 − x_0)²; with `lower`, `upper` a problem with bounds only."""

    def __init__(self, lower=-np.inf, upper=np.inf, start=(-1.2, 1.0)):
        super().__init__(start, lower, upper, [], [], ([], []), ([0, 1, 1], [0, 0, 1]))

    def objective(self, x):
        return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2

    def gradient(self, x):
        r = x[1] - x[0] ** 2
        return np.array([-400 * r * x[0] - 2 * (1 - x[0]), 200 * r])

    def constraints(self, x):
        return np.empty(0)

    def jacobian_values(self, x):
        return np.empty(0)

    def hessian_values(self, x, multipliers, objective_weight=1.0):
        return objective_weight * np.array([1200 * x[0] ** 2 - 400 * x[1] + 2, -400 * x[0], 200])


class Native:
    """A C-callable ``run`` made of a problem's Python functions; schedules are numbers."""

    def __init__(self, problem):
        self._problem = problem
        signature = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_double, ctypes.c_void_p)
        self._function = signature(self._run)
        self.run_address = ctypes.cast(self._function, ctypes.c_void_p).value

    def schedule(self, kind):
        return KINDS.index(kind) + 1

    def _run(self, schedule, x, multipliers, weight, out):
        problem, kind = self._problem, KINDS[schedule - 1]
        point = _vector(x, problem.num_variables).copy()
        arguments = [point]
        if kind == "hessian":
            m = problem.num_constraints
            arguments += [_vector(multipliers, m).copy() if m else np.empty(0), weight]
        values = np.atleast_1d(getattr(problem, METHODS[kind])(*arguments))
        _vector(out, values.size)[:] = values


@cache
def _array_type(size):
    return ctypes.c_double * size


def _vector(address, size):
    return np.frombuffer(_array_type(size).from_address(address))


def with_native(problem):
    problem.evaluator = SimpleNamespace(native=Native(problem))
    return problem


def sabotage(problem, kind, act: Callable, call=1):
    """Make `problem`'s function of that kind run ``act(value)`` from its `call`-th call on."""
    original = getattr(problem, METHODS[kind])
    calls = [0]

    def function(*arguments):
        calls[0] += 1
        value = original(*arguments)
        return act(value) if calls[0] >= call else value

    setattr(problem, METHODS[kind], function)
    problem.calls = calls
    return problem
