"""Problems written by hand, each for one way in which derivatives go wrong.

A case is (objective, constraints, number of variables); all are smooth near x in [0.3, 1.2].
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

SPARSE = sp.random(5, 8, 0.5, random_state=1).tocsr()
DENSE = np.random.default_rng(2).standard_normal((4, 8))
FIRST = np.array([0, 3, 3, 5, 1])
SECOND = np.array([0, 2, 4, 5, 6])


def luksan_objective(x):
    return np.sum(100 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1) ** 2)


def luksan_constraints(x):
    a, b, c = x[:-2], x[1:-1], x[2:]
    return 3 * b**3 + 2 * c - 5 + np.sin(b - c) * np.sin(b + c) + 4 * b - a * np.exp(a - b) - 3


def padded_stencil(x):
    u = x.reshape(5, 6)
    p = np.pad(u, 1)
    neighbors = p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2]
    return (neighbors - 4 * u + np.exp(u)).ravel()


def loop_objective(x):
    total = 0.0
    for i in range(30):
        total = total + (x[i] * x[i + 1] - np.sin(x[i]) * 2.5 * i) ** 2
    return total


def loop_constraints(x):
    return np.stack([x[i] * x[i + 1] * np.exp(x[i + 1]) * (0.1 + i) - x[i] for i in range(39)])


def shooting(x):
    y, out = x[0], []
    for k in range(7):
        for _ in range(12):
            y = y + 0.01 * np.sin(y * x[k + 1])
        out.append(y)
    return np.stack(out)


def three_vectors(x):
    v = x.reshape(-1, 3)
    return np.sqrt(np.sum(v[1:] ** 2, axis=1)) * v[:-1, 0] - np.sum((v[1:] - v[:-1]) ** 2, axis=1)


def rotation(x):
    a, b = x[:9].reshape(3, 3), x[9:18].reshape(3, 3)
    return np.concatenate([(a @ b).ravel(), np.cross(x[:3], x[3:6]), (a.T @ a).ravel()])


CASES = {
    "luksan_vlcek": (luksan_objective, luksan_constraints, 8),
    "square_of_sum": (
        lambda x: np.sum(x) ** 2 + np.sin(np.sum(x * x)),
        lambda x: np.sum(x**2) * x + np.exp(np.sum(x[::2])),
        8,
    ),
    "products_by_name": (
        lambda x: x[0] * x[1] ** 3,
        lambda x: np.stack([x[0] * x[1], np.sin(x[2]) * x[0], x[2] * 2.0]),
        3,
    ),
    "coincident_leaves": (
        lambda x: np.sum(x[FIRST] * x[SECOND]),
        lambda x: SPARSE @ np.exp(x) + (SPARSE @ x) ** 2,
        8,
    ),
    "kinks": (
        lambda x: np.sum(np.maximum(x, 0.71) ** 2),
        lambda x: np.concatenate(
            [x[:2] * x[2:4], np.where(x > 0.53, x**3, np.exp(x) * x), x[1:] - 2 * x[:-1]]
        ),
        6,
    ),
    "one_variable_everywhere": (
        lambda x: np.sum((np.exp(x[0]) * x[1:] - x[:-1]) ** 2) + 3 * x[2],
        lambda x: x[0] * np.sin(x) + x[3],
        7,
    ),
    "stages_of_stages": (
        lambda x: np.log(np.sum(np.exp(x))),
        lambda x: np.sin(np.sum(np.sin(np.sum(x * x) * x))) * x,
        20,
    ),
    "linear_and_quadratic": (
        lambda x: np.sum(DENSE @ x) + np.sum((DENSE @ x) ** 2) / 2,
        lambda x: SPARSE @ x,
        8,
    ),
    "padded_stencil": (lambda x: np.sum((x - 0.5) ** 2) / 2, padded_stencil, 30),
    "scalar_loop": (loop_objective, loop_constraints, 40),
    "recurrence": (lambda x: np.sum(x**2), shooting, 8),
    "norms_of_rows": (lambda x: np.linalg.norm(x), three_vectors, 18),
    "small_matrices": (lambda x: np.sum(x**4), rotation, 18),
    "two_variables_hub": (
        lambda x: x[0] * x[1] * np.sum(x[2:] ** 2),
        lambda x: x[-1] * x[::-1] + np.cumsum(x * x),
        9,
    ),
    "quotients": (
        lambda x: np.sum(x[1:] / x[:-1]),
        lambda x: np.concatenate([x / np.sum(x), x[:3] / 2.0, 3.0 / x[:3], x / x[0]]),
        6,
    ),
    "powers": (
        lambda x: np.sum(x**1.5),
        lambda x: np.concatenate([x**0, x**1, x**2, x**-2, 2.0**x, x[:-1] ** x[1:], x**0.5]),
        5,
    ),
    "one_variable": (lambda x: np.exp(x[0]), lambda x: x * x, 1),
    "no_constraints": (lambda x: np.sum(np.cos(x) * x), lambda x: x[:0], 4),
    "constant_rows": (
        lambda x: 0.0 * x[0] + 3.0,
        lambda x: np.stack([x[0] * 0.0 + 2.0, x[1], x[0] * 1.0]),
        2,
    ),
    "overwritten_elements": (lambda x: np.sum(x), lambda x: _overwrite(x), 5),
    "reversed_and_strided": (
        lambda x: np.sum(x[::-1] * x * np.arange(8.0)),
        lambda x: np.concatenate([x[::-2] * x[::2], np.flip(x)[1:] ** 2, np.roll(x, 3) * x]),
        8,
    ),
    "outer_product": (
        lambda x: np.sum(np.outer(x[:4], x[4:]) ** 2),
        lambda x: np.outer(x[:4], x[2:5]).ravel() + np.outer(x[:4], x[:3]).ravel(),
        8,
    ),
    "variance": (lambda x: np.var(x) + np.std(x), lambda x: np.prod(x.reshape(2, 4), axis=1), 8),
    "einsum": (
        lambda x: np.einsum("ij,jk,ki->", *[x.reshape(3, 3)] * 3),
        lambda x: np.einsum("ii->i", x.reshape(3, 3)) ** 2,
        9,
    ),
}


def _overwrite(x):
    y = x.copy()
    y[1:3] = np.sin(y[2:4])
    y[0] = 7.0
    y[-1] = y[-1] * y[1]
    return y


def start(n, seed=0):
    """Return a point at which every case is smooth."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, n)
