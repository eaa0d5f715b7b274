"""Code that cannot be recorded: what it says, and how its message must begin, end and help."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.linalg import expm

import sparseopt as so


@dataclass(frozen=True)
class Refused:
    """Code, the error it gives, and words of its advice."""

    code: str
    error: type[so.SparseOptError]
    instead: str
    run: Callable[[Any], Any]


COUNTER = count(1.0)

REFUSED: list[Refused] = []


def refused(code: str, error: type[so.SparseOptError], instead: str):
    def register(function):
        REFUSED.append(Refused(code, error, instead, function))
        return function

    return register


@refused("if x[0] > 0", so.BranchError, "np.where")
def branch_if(x):
    return x if x[0] > 0 else -x


@refused("while x.sum() > 1", so.BranchError, "np.where")
def branch_while(x):
    while x.sum() > 1.0:
        x = x - 1.0
    return x


@refused("x[0] > 0 and x[1] > 0", so.BranchError, "np.where")
def branch_and(x):
    return x[0] > 0 and x[1] > 0


@refused("not x[0]", so.BranchError, "np.where")
def branch_not(x):
    return 0.0 if not x[0] else x[0]


@refused("max(x[0], 0.0)", so.BranchError, "np.maximum")
def branch_max(x):
    return max(x[0], 0.0)


@refused("min(x)", so.BranchError, "np.maximum")
def branch_min(x):
    return min(x)


@refused("sorted(x)", so.BranchError, "np.maximum")
def branch_sorted(x):
    return sorted(x)


@refused("0 < x[0] < 1", so.BranchError, "np.where")
def branch_chained(x):
    return 0.0 < x[0] < 1.0


@refused("if x[0] == 1", so.BranchError, "np.where")
def branch_equal(x):
    return x if x[0] == 1.0 else -x


@refused("x[0] in [1.0, 2.0]", so.BranchError, "np.where")
def branch_in_list(x):
    return x if x[0] in [1.0, 2.0] else -x


@refused("1.0 in x", so.BranchError, "np.where")
def branch_contains(x):
    return x if 1.0 in x else -x


@refused("[1.0, 2.0].index(x[0])", so.BranchError, "np.where")
def branch_index(x):
    return x[[1.0, 2.0].index(x[0])]


@refused("assert np.all(x > 0)", so.BranchError, "np.where")
def branch_assert(x):
    assert np.all(x > 0.0)
    return x


@refused("if np.any(x > 0)", so.BranchError, "np.where")
def branch_any(x):
    return x if np.any(x > 0.0) else -x


@refused("all(v > 0 for v in x)", so.BranchError, "np.where")
def branch_all_builtin(x):
    return x if all(v > 0.0 for v in x) else -x


@refused("for _ in range(9): if abs(x[0]) < 1e-3: break", so.BranchError, "np.where")
def branch_abs_loop(x):
    for _ in range(9):
        if abs(x[0]) < 1e-3:
            break
        x = 0.5 * x
    return x


@refused("float(x[0])", so.ArrayConversionError, "leave out float()")
def to_float(x):
    return float(x[0]) * x


@refused("math.sin(x[0])", so.ArrayConversionError, "np.sin for math.sin")
def to_float_of_math(x):
    return math.sin(x[0])


@refused("int(x[0])", so.ArrayConversionError, "must not depend")
def to_int(x):
    return x[int(x[0])]


@refused("complex(x[0])", so.ArrayConversionError, "two real arrays")
def to_complex(x):
    return complex(x[0])


@refused("x[0].item()", so.ArrayConversionError, "x[i]")
def to_item(x):
    return x[0].item()


@refused("x.tolist()", so.ArrayConversionError, "traced array")
def to_list(x):
    return x.tolist()


@refused("np.asarray(x)", so.ArrayConversionError, "np.stack")
def to_array(x):
    return np.asarray(x)


@refused("np.array([x, 2 * x])", so.ArrayConversionError, "np.stack")
def to_array_of_two(x):
    return np.array([x, 2.0 * x])


@refused("x.astype(int)", so.ArrayConversionError, "np.floor")
def to_integers(x):
    return x.astype(int)


@refused("range(x[0])", so.ArrayConversionError, "must not depend")
def to_range(x):
    return sum(x[k] for k in range(x[0]))


@refused("[1.0, 2.0][x[0]]", so.ArrayConversionError, "must not depend")
def to_list_index(x):
    return [1.0, 2.0][x[0]] * x


@refused("np.arange(3.0)[x[0]]", so.TracingError, "constant")
def to_array_index(x):
    return np.arange(3.0)[x[0]]


@refused("np.zeros(x[0])", so.TracingError, "must not depend")
def to_repetition(x):
    return np.zeros(x[0]) + x


@refused("{1.0: 2.0}[x[0]]", so.TracingError, "plain index")
def to_key(x):
    return {1.0: 2.0}[x[0]] * x


@refused("set(x)", so.TracingError, "plain index")
def to_set(x):
    return sum(set(x))


@refused("g = np.zeros(3); g[0] = x[0]", so.ArrayConversionError, "np.zeros_like(x)")
def write_element(x):
    g = np.zeros(3)
    g[0] = x[0]
    return g


@refused("g = np.zeros(3); g[:] = x", so.ArrayConversionError, "np.zeros_like(x)")
def write_slice(x):
    g = np.zeros(3)
    g[:] = x
    return g


@refused("g = np.zeros(3); g += x", so.TracingError, "zeros_like")
def write_in_place(x):
    g = np.zeros(3)
    g += x
    return g


@refused("np.sin(x, out=g)", so.TracingError, "np.zeros_like(x)")
def write_out(x):
    g = np.zeros(3)
    np.sin(x, out=g)
    return g


@refused("x[0] = 1.0", so.TracingError, "x.copy()")
def write_input(x):
    x[0] = 1.0
    return x


@refused("x += 1.0", so.TracingError, "x.copy()")
def write_input_in_place(x):
    x += 1.0
    return x


@refused("x[x > 0]", so.TracingError, "np.where")
def mask(x):
    return x[x > 0.0]


@refused("x[np.argmax(x)]", so.TracingError, "np.max")
def index_argmax(x):
    return x[np.argmax(x)]


@refused("np.nonzero(x)", so.TracingError, "np.where(condition, a, b)")
def nonzero(x):
    return x[np.nonzero(x)[0]]


@refused("np.where(x > 0)", so.TracingError, "np.where(condition, a, b)")
def where_alone(x):
    return x[np.where(x > 0.0)[0]]


@refused("np.unique(x)", so.TracingError, "constant data")
def unique(x):
    return np.unique(x)


@refused("np.linalg.eigvals(np.outer(x, x))", so.TracingError, "A @ v == w * v")
def eigenvalues(x):
    return np.linalg.eigvals(np.outer(x, x))


@refused("np.vectorize(math.sin)(x)", so.TracingError, "so.external")
def vectorize(x):
    return np.vectorize(math.sin)(x)


@refused("np.random.default_rng(0).normal(x)", so.TracingError, "so.external")
def random_of(x):
    return np.random.default_rng(0).normal(x)


@refused("A.dot(x), A a dense array", so.ArrayConversionError, "A @ x")
def sparse_dot(x):
    return np.eye(3).dot(x)


@refused("A + x, A sparse", so.ArrayConversionError, "toarray")
def sparse_add(x):
    return sp.csr_array(np.eye(3)) + x


@refused("CubicSpline(a, b)(x)", so.ArrayConversionError, "so.interpolant")
def interpolator(x):
    return CubicSpline(np.arange(4.0), np.ones(4))(x)


@refused("solve_ivp(..., x).y", so.ArrayConversionError, "the steps of the method")
def integrator(x):
    return solve_ivp(lambda t, y: -y, (0.0, 1.0), x).y


@refused("scipy.linalg.expm(np.outer(x, x))", so.ArrayConversionError, "np.linalg.solve")
def linear_algebra_of_scipy(x):
    return expm(np.outer(x, x))


@refused('x + "a"', so.ArrayConversionError, "floats")
def text_data(x):
    return x + "a"


@refused("x * None", so.ArrayConversionError, "floats")
def none_data(x):
    return x * None


@refused("return None", so.TracingError, "return the value")
def returns_none(x):
    x**2


@refused('return "text"', so.ArrayConversionError, "floats")
def returns_text(x):
    return "text"


@refused("return [x, x[:2]]", so.ShapeError, "np.concatenate")
def returns_ragged(x):
    return [x, x[:2]]


@refused("x * np.random.default_rng().uniform()", so.TracingError, "with a seed")
def random_numbers(x):
    return x * np.random.default_rng().uniform()


@refused("x * next(counter)", so.TracingError, "no counters")
def global_counter(x):
    return x * next(COUNTER)
