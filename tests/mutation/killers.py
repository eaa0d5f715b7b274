"""Quick checks of structural rules: small programs that exercise every part of the chain rule."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.derivatives.assembly import assemble
from sparseopt.derivatives.entry_map import EntryMap
from sparseopt.graph.index import index_of
from sparseopt.testing.checks import Checks, check_program
from sparseopt.testing.programs import SourceProgram
from sparseopt.testing.recording import make_program
from sparseopt.testing.thresholds import lowered
from tests.references import check_everything

STAGES, DIRECTIONS = "every sum is a stage", "few directions"
SPLIT = "wide sums are split"

# name -> (code, shape, thresholds, whether it is smooth)
PROGRAMS: dict[str, tuple[str, tuple[int, ...], str, bool]] = {
    "products and sums": (
        "def f(x): return np.append(x[1:] * np.sin(x[:-1]) + x[0] * x[-1], x * x * x)",
        (4,), "as they are", True,
    ),
    "stages inside stages": (
        "def f(x):\n    s = np.sin(np.sum(x * x)) + np.cos(x).sum()\n"
        "    t = np.exp(0.3 * np.sum(x[::2] * s))\n    return np.append(t * x * s, t * t)",
        (4,), STAGES, True,
    ),
    "two stage values in one product": (
        "def f(x):\n    z = np.sin(np.array([[1., 2., 0.], [0., .5, 3.], [1., 0., 1.]]) @ x)\n"
        "    w = np.array([[1., 1., 0.], [0., 2., 1.]]) @ (z * z[::-1])\n"
        "    return np.append(w * w[::-1] * x[0], np.tanh(w).sum() ** 2)",
        (3,), STAGES, True,
    ),
    "many directions": (
        "def f(x):\n    y = np.cumsum(np.sin(x)) * x[::-1]\n    return np.tanh(np.cumsum(y * y))",
        (7,), DIRECTIONS, True,
    ),
    "repeated and scattered elements": (
        "def f(x):\n    y = x[[0, 0, 2, 1, 2]]\n    z = np.repeat(y * y, 2)[::-1]\n"
        "    z[::3] += x[1] ** 2\n    return np.append(z[[1, 1, 4]] * x, np.sum(z) ** 2)",
        (3,), SPLIT, True,
    ),
    "rows and columns": (
        "def f(x):\n    y = x.reshape(2, 3)\n    m = y.T @ np.sin(y)\n"
        "    return np.append(m.sum(axis=0) * m.sum(axis=1), np.trace(m) ** 2)",
        (6,), STAGES, True,
    ),
    "constant matrices": (
        "def f(x):\n    y = sp.csr_array(np.array([[2., 0., 1.], [0., 3., 0.]])) @ (x * x)\n"
        "    return np.append(y * y[::-1], 2.0 * x - 3.0)",
        (3,), SPLIT, True,
    ),
    "scalar functions of two arguments": (
        "def f(x): return np.append(np.arctan2(x[1:], 2.5 + x[:-1]), np.hypot(x, 3.0 + x[::-1]))",
        (4,), "as they are", True,
    ),
    "edges of records": (
        "def f(x):\n    u, v = x.reshape(5, 2).T\n    i, j = [0, 2, 1, 4, 3, 1], [1, 0, 2, 2, 4, 3]\n"  # noqa: E501
        "    d = np.exp(0.3 * u[i] * v[j]) * u[j]\n    k, l = [4, 0, 3, 2], [1, 1, 1, 4]\n"
        "    return np.append(np.sum(d), np.append(np.sin(u[k] * v[l]), v[i] * u[i] * v[j]))",
        (10,), "entries have names", True,
    ),
    "lone values": (
        "def f(x): return np.stack([x[0], x[1] * 2.0, x[0] * x[1], np.sin(x[2]), 1.0 + 0.0 * x[2]])",  # noqa: E501
        (3,), "as they are", True,
    ),
    "branches": (
        "def f(x):\n    y = np.where(x > 0.03, x * x, np.sin(3.0 * x))\n"
        "    return np.append(np.maximum(y, x[::-1]) * x, np.minimum(x, 0.1) + np.abs(x) * x[0])",
        (4,), "as they are", False,
    ),
    "branches of stages": (
        "def f(x):\n    s = np.sum(x * x)\n    t = np.where(s > 0.7, np.exp(s), s ** 3)\n"
        "    return np.append(np.max(x * t), np.clip(t * x, -0.4, 0.4))",
        (5,), STAGES, False,
    ),
    "an undefined branch": (
        "def f(x):\n    y = x[[0, 1, 1]]\n    s = np.sum(np.where(y > 2.0, np.sqrt(y - 2.0), y * y))\n"  # noqa: E501
        "    return np.where(x > 2.0, np.log(x - 2.0), x * s)",
        (2,), "as they are", False,
    ),
    "small templates": (
        "def f(x):\n    y = x\n    for k in range(12):\n        y = np.sin(y + 0.1 * x[::-1]) * 1.1\n"  # noqa: E501
        "    return y",
        (3,), "templates are small", True,
    ),
    "arrow": (
        "def f(x):\n    y = np.sin(x) * np.sum(x * x)\n    z = np.cos(x[0]) * x + x[0] ** 2\n"
        "    return np.append(z, np.tanh(np.sum(np.sin(z))))",
        (9,), STAGES, True,
    ),
    "chain": (
        "def f(x):\n    return np.sin(x[1:] * x[:-1]) * x[1:]",
        (7,), DIRECTIONS, True,
    ),
    "stages of different variables": (
        "def f(x):\n    a = np.stack([np.sum(x[2:] ** 2), np.sum(np.sin(x[:2]))])\n"
        "    return np.exp(0.2 * a[0] * a[1]) * np.ones(2)",
        (4,), STAGES, True,
    ),
    "known zeros": (
        "def f(x): return x * np.array([0., 1., 2.]) * x[0] + np.where([1., 0., 1.], x[1], x)",
        (3,), "as they are", True,
    ),
    "sums of sums": (
        "def f(x):\n    y = np.array([[2., 0., 1.], [0., 3., 0.]]) @ x - 2.0 * np.eye(2, 3) @ x\n"
        "    z = np.cumsum(x)[::-1]\n    return np.append(y - z[:2] / 4.0, np.append(-z, y)[[3, 0]])",  # noqa: E501
        (3,), SPLIT, True,
    ),
    "sums times something": (
        "def f(x):\n    a = np.sum(np.sin(x.reshape(2, 2)), axis=1)\n"
        "    return np.append(a / (2.0 + x[:2]), x[1:3] * a[::-1] - a) + np.sum(x * x)",
        (4,), SPLIT, True,
    ),
    "sums in sums with factors": (
        "def f(x):\n    a = np.sum(x[:2]) - np.sum(x[2:] * 3.0)\n"
        "    return np.stack([a * x[0] / (2.0 + x[1] ** 2), a / 4.0 - x[0], a * a, -a])",
        (4,), SPLIT, True,
    ),
}  # fmt: skip


def program(name: str) -> SourceProgram:
    """Return one of the programs."""
    code, shape, _, is_smooth = PROGRAMS[name]
    return SourceProgram(code, shape, is_smooth=is_smooth)


def check(name: str, checks: Checks | None = None) -> None:
    """Check one of the programs with its thresholds."""
    thresholds = PROGRAMS[name][2]
    chosen = checks or Checks(taylor=False, thresholds=thresholds)
    check_program(program(name), 0, chosen)


def check_linear_sums() -> None:
    """Check sums that nothing nonlinear is made of: they are taken apart, never stages."""
    weights = np.array([[2.0, 0.0, 1.0, 3.0], [0.0, 3.0, 1.0, 0.5]])

    def constraints(x: Any) -> Any:
        y = weights @ np.sin(x) - weights[::-1] @ (x * x) / 4.0
        z = -(weights @ x**3) / np.array([2.0, 4.0]) + 2.0 * (weights @ x) - 3.0 * x[:2]
        w = (weights @ np.cos(x)) / (2.0 + x[:2]) - x[2:] * (weights[::-1] @ (x * x))
        s = np.sum(np.sin(x.reshape(2, 2)), axis=1)[::-1] * np.array([2.0, 5.0])
        return np.concatenate([np.append(y, z)[[3, 0, 1]], -w, 2.0 * s, np.append(w, s)[2:0:-1]])

    program = make_program(lambda x: x[0] ** 2, constraints, 4)
    with lowered(SPLIT):
        check_everything(program, np.array([0.3, -0.7, 0.9, 0.2]), backends=("numpy",))


def check_places() -> None:
    """Check that entries have one place each, and that shared ones are not stored."""
    owners, others = np.array([4, 0, 2, 4, 1, 3]), np.array([1, 0, 3, 4, 4, 1])
    maps = [index_of(2 * vertices + k) for vertices in (owners, others) for k in (0, 1)]
    pairs = [(i, j) for i in range(4) for j in range(i)]
    folded = [EntryMap(maps[i], maps[j], is_folded=True) for i, j in pairs]
    firsts = [index_of(2 * np.array(vertices)) for vertices in ([5, 7, 6, 8], [5, 9, 4])]
    _check_places([*folded, *(EntryMap(index, index) for index in firsts)])
    cols = np.array([0, 12, 3, 17, 8, 15, 4, 6, 11, 2, 9, 16])
    rows = [cols + np.tile(steps, 4) for steps in ([1, 2, 2], [0, 2, 1])]
    _check_places([EntryMap(index_of(own), index_of(cols)) for own in rows])


def _check_places(slots: list[EntryMap]) -> None:
    with lowered("entries have names"):
        made = assemble(slots, (20, 20))
    keys = 20 * made.rows.astype(int) + made.cols
    assert np.unique(keys).size == keys.size, "an entry has two places"
    uses = np.zeros(made.size, int)
    for slot, place in zip(slots, made.places, strict=True):
        own = 20 * slot.rows.materialize().astype(int) + slot.cols.materialize()
        assert (keys[place.materialize()] == own).all(), "a value goes to another entry"
        np.add.at(uses, place.materialize(), 1)
    for place, alone in zip(made.places, made.exclusive, strict=True):
        assert alone == bool((uses[place.materialize()] == 1).all()), "stored, but not alone"


def killers(*first: str) -> tuple[Callable[[], Any], ...]:
    """Return checks of all programs, the named ones first."""
    names = [*first, *(name for name in PROGRAMS if name not in first)]
    checks = [functools.partial(check, name) for name in names]
    return (*checks[: len(first)], check_linear_sums, check_places, *checks[len(first) :])
