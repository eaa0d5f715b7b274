"""Random NumPy code: a strategy that draws a function of one array and the shape of its argument.

A program is a list of steps.  Each takes arrays computed before it, so the code shares
subexpressions, slices what it joined, writes into copies and sums what it multiplied.  Every step
keeps values in a moderate range, so that nothing leaves its domain or overflows.  The same drawn
data give the same function, which may be called with plain or traced arrays any number of times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

SMOOTH = {
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "exp": lambda a: np.exp(np.tanh(a)),
    "log": lambda a: np.log(1.5 + a * a),
    "sqrt": lambda a: np.sqrt(0.5 + a**2),
    "power": lambda a: (1.0 + np.square(np.sin(a))) ** 1.5,
    "scaled": lambda a: 0.5 * a - 0.25,
    "negative": np.negative,
    "log1p": lambda a: np.log1p(np.exp(-(a * a))),
    "arctan": np.arctan,
    "reciprocal": lambda a: 1.0 / (2.0 + np.cos(a)),
    "dense matrix": lambda a: _weights(a.shape[-1]) @ a.reshape(-1, a.shape[-1]).T,
    "mean": lambda a: np.mean(a, axis=-1),
    "sum": lambda a: np.tanh(np.sum(a, axis=0)),
    "norm": lambda a: np.sqrt(1.0 + np.sum(a * a, keepdims=True)),
    "cumsum": lambda a: np.tanh(np.cumsum(a, axis=-1)),
    "prod": lambda a: np.prod(np.cos(a), axis=-1),
    "var": lambda a: np.var(a, axis=0, keepdims=True),
    "einsum": lambda a: np.tanh(np.einsum("...i,...i->...", a, np.sin(a))),
    "convolve": lambda a: np.convolve(a.ravel(), [0.5, -0.25, 0.125], "same"),
    "trapezoid": lambda a: np.trapezoid(a, dx=0.1, axis=-1),
}
KINKED = {
    "absolute": np.abs,
    "maximum": lambda a: np.maximum(a, 0.1),
    "clip": lambda a: np.clip(a, -0.5, 0.5),
    "where": lambda a: np.where(a > 0.0, a, 0.5 * a),
    "max": lambda a: np.max(a, axis=-1),
    "sign": np.sign,
}
MOVEMENT = {
    "ravel": np.ravel,
    "transpose": np.transpose,
    "flip": lambda a: np.flip(a, -1),
    "roll": lambda a: np.roll(a, 1),
    "tail": lambda a: a[1:] if len(a) > 1 else a,
    "head": lambda a: a[..., :-1] if a.shape[-1] > 1 else a,
    "stride": lambda a: a[::2],
    "fancy": lambda a: a[np.arange(len(a))[::-1] // 2],
    "mask": lambda a: a[np.arange(len(a)) % 3 != 1],
    "repeat": lambda a: np.repeat(a, 2, axis=0),
    "pad": lambda a: np.pad(a, [(0, 1)] + [(0, 0)] * (a.ndim - 1), constant_values=0.3),
    "rows": lambda a: a[None],
    "squeeze": lambda a: np.atleast_1d(np.squeeze(a)),
    "diff": lambda a: np.diff(a, axis=0) if len(a) > 1 else a,
    "overwritten": lambda a: _overwritten(a),
    "triangle": lambda a: np.tril(np.atleast_2d(a)),
}
PAIRS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - 0.5 * b,
    "multiply": lambda a, b: np.sin(a) * b,
    "divide": lambda a, b: a / (2.0 + np.sin(b)),
    "hypot": lambda a, b: np.hypot(a + 3.0, np.cos(b)),
    "arctan2": lambda a, b: np.arctan2(a, 2.0 + np.cos(b)),
    "logaddexp": np.logaddexp,
}
LARGEST = 40


@dataclass(frozen=True)
class RandomProgram:
    """A function of one array, drawn by Hypothesis.

    Attributes
    ----------
    shape : tuple of int
        Of the argument; take its values from [-1, 1].
    steps : list of (kind, name, first, second)
    is_smooth : bool
        Whether the function has derivatives of every order on that box.
    """

    shape: tuple[int, ...]
    steps: tuple[tuple[str, str, int, int], ...]
    is_smooth: bool

    def __call__(self, x: Any) -> Any:
        """Return the concatenated values of the last two arrays."""
        arrays = [x]
        for kind, name, first, second in self.steps:
            one, two = arrays[first % len(arrays)], arrays[second % len(arrays)]
            result = _step(kind, name, one, two)
            arrays.append(result if 0 < np.size(result) <= LARGEST else np.tanh(x))
        return np.concatenate([np.ravel(array) for array in arrays[-2:]])

    def point(self, seed: int = 0) -> Any:
        """Return values for the argument."""
        return np.random.default_rng(seed).uniform(-1.0, 1.0, self.shape)


def _step(kind: str, name: str, one: Any, two: Any) -> Any:
    one = np.atleast_1d(one)
    if kind == "pair":
        return PAIRS[name](one, two) if _fits(one, two) else np.outer(one, np.tanh(two))
    if kind == "join":
        return np.concatenate([np.ravel(one), [0.5], np.ravel(two)])
    return _UNARY[name](one)


_UNARY: dict[str, Callable[[Any], Any]] = {**SMOOTH, **KINKED, **MOVEMENT}


def _fits(one: Any, two: Any) -> bool:
    try:
        np.broadcast_shapes(np.shape(one), np.shape(two))
    except ValueError:
        return False
    return True


def _weights(n: int) -> Any:
    weights = 0.3 * np.cos(np.arange(3 * n).reshape(3, n))
    weights[1, ::2] = 0.0
    return weights


def _overwritten(a: Any) -> Any:
    b = a.copy()
    b[0] = np.sin(a[-1])
    b[1:] *= 0.5
    tail = b[-1:]
    tail += 0.1
    return b


def random_programs(
    smooth: bool | None = None, most_steps: int = 8
) -> st.SearchStrategy[RandomProgram]:
    """Return a strategy of programs; ``smooth=True`` leaves out kinks and jumps."""
    names = [("unary", name) for name in (*SMOOTH, *MOVEMENT)]
    names += [("pair", name) for name in PAIRS] + [("join", "")]
    kinked = [("unary", name) for name in KINKED]
    step = st.tuples(
        st.sampled_from(names if smooth else names + kinked),
        st.integers(0, 30),
        st.integers(0, 30),
    )
    shapes = st.sampled_from([(1,), (2,), (5,), (2, 3), (3, 1), (2, 2, 2)])

    def build(shape: tuple[int, ...], steps: list[Any]) -> RandomProgram:
        flat = tuple((kind, name, first, second) for (kind, name), first, second in steps)
        return RandomProgram(shape, flat, all(name not in KINKED for _, name, _, _ in flat))

    return st.builds(build, shapes, st.lists(step, min_size=1, max_size=most_steps))
