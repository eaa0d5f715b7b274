"""One function with every derivative written by hand, for the tests of this folder.

f_i(x) = x_{i+1}² sin x_i for i = 0 … 4: a Jacobian of two diagonals, a tridiagonal Hessian.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from sparseopt.external_functions.function import external

N, M = 6, 5
BAND = np.eye(M, N) + np.eye(M, N, k=1)
TRIDIAGONAL = np.eye(N) + np.eye(N, k=1) + np.eye(N, k=-1)
X = np.array([0.6, 1.2, 0.9, 0.7, 1.4, 1.1])
W = np.array([1.0, -2.0, 0.5, 3.0, -1.0])
V = np.array([0.3, -0.4, 1.0, 0.2, -0.7, 0.5])


def f(x):
    return x[1:] ** 2 * np.sin(x[:-1])


def f_real_only(x):
    """Return the same, but fail for complex numbers."""
    return np.array([float(value) for value in f(x)])


def jacobian(x):
    J = np.zeros((M, N), x.dtype)
    i = np.arange(M)
    J[i, i] = x[1:] ** 2 * np.cos(x[:-1])
    J[i, i + 1] = 2 * x[1:] * np.sin(x[:-1])
    return J


def jvp(x, v):
    return jacobian(x) @ v


def vjp(x, w):
    return w @ jacobian(x)


def hessian(x, w):
    H = np.zeros((N, N))
    for i in range(M):
        H[i, i] -= w[i] * x[i + 1] ** 2 * np.sin(x[i])
        H[i + 1, i + 1] += 2 * w[i] * np.sin(x[i])
        H[i, i + 1] += 2 * w[i] * x[i + 1] * np.cos(x[i])
        H[i + 1, i] += 2 * w[i] * x[i + 1] * np.cos(x[i])
    return H


def hvp(x, w, v):
    return hessian(x, w) @ v


def sparse_jacobian(x):
    return sp.csc_array(jacobian(x))


class Counted:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function = function
        self.__name__ = function.__name__
        self.calls = 0

    def __call__(self, *arguments):
        self.calls += 1
        return self.function(*arguments)


def bound(function, shape_out, shapes, fixed=None, **given):
    """Return an external function at shapes of its arguments, flat."""
    F = external(function, shape_out, **given)
    return F._at(tuple(shapes), tuple(fixed or [False] * len(shapes)))


def bound_f(function=f, **given):
    return bound(function, M, [(N,)], **given)


def dense_jacobian(opaque, x):
    values = np.empty(opaque.jacobian_rows.size)
    opaque.jacobian_values(x, values)
    J = np.zeros((opaque.size_out, opaque.size_in))
    J[opaque.jacobian_rows, opaque.jacobian_cols] = values
    return J


def dense_hessian(opaque, x, w):
    values = np.empty(opaque.hessian_rows.size)
    opaque.hessian_values(x, w, values)
    H = np.zeros((opaque.size_in, opaque.size_in))
    H[opaque.hessian_rows, opaque.hessian_cols] = values
    return H + np.tril(H, -1).T


def pushed(opaque, x, v):
    out = np.zeros(opaque.size_out)
    opaque.push(x, v, out)
    return out


def pulled(opaque, x, w):
    out = np.zeros(opaque.size_in)
    opaque.pull(x, w, out)
    return out


def curved(opaque, x, w, v):
    out = np.zeros(opaque.size_in)
    opaque.curve(x, w, v, out)
    return out
