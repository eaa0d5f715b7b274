"""Functions that do something else when they are called again: the line that differs is named."""

from __future__ import annotations

import random
import time
from itertools import count

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from sparseopt.tracing import repetition

X = np.array([0.5, 1.5, 2.5])


def random_number(x):
    return x * np.random.default_rng().uniform()


def random_module(x):
    return x**2 + random.random() * x


def random_choice(x):
    order = np.random.default_rng().permutation(3000)
    return np.tile(x, 1000)[order]


def random_matrix(x):
    return sp.random_array((3, 3), density=0.9) @ x


def clock(x):
    return x + time.perf_counter()


COUNTER = count()


def counter(x):
    for _ in range(next(COUNTER)):
        x = np.sin(x)
    return x


def other_operation(x):
    return np.sin(x) if next(COUNTER) % 2 else np.cos(x)


def other_shape(x):
    return 2.0 * x[: 1 + next(COUNTER) % 3]


NUMBERS = iter([1.0])


def exhausted(x):
    return x * next(NUMBERS)


FUNCTIONS = [random_number, random_module, random_choice, random_matrix, clock, counter]
FUNCTIONS += [other_operation, other_shape, exhausted]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_function_with_state_is_refused_with_its_line(function):
    with pytest.raises(so.TracingError, match="something else when it is called again") as caught:
        so.jacobian(function, X)
    error = caught.value
    assert function.__name__ in error.what
    lines = range(function.__code__.co_firstlineno, function.__code__.co_firstlineno + 5)
    assert any(f"test_repetition.py:{line}" in error.where for line in lines), error
    assert "parameters" in error.instead


def test_the_changed_number_is_shown():
    steps = count(2.0)
    with pytest.raises(so.TracingError, match="a constant is 2 at first, then 3"):
        so.gradient(lambda x: np.sum(x) * next(steps), X)


def scaled(x):
    return np.sum(x**2) * next(COUNTER)


@pytest.mark.parametrize(
    "use",
    [
        lambda: so.minimize(scaled, X),
        lambda: so.hessian(scaled, X),
        lambda: so.least_squares(lambda x: x * next(COUNTER), X),
        lambda: so.minimize(np.sum, X, constraints={"type": "eq", "fun": scaled}),
    ],
)
def test_every_way_to_trace_notices(use):
    with pytest.raises(so.TracingError, match="called again"):
        use()


def test_what_is_drawn_with_a_seed_inside_is_allowed():
    J = so.jacobian(lambda x: x * np.random.default_rng(3).uniform(size=3), X)
    assert J(X).nnz == 3


def test_what_is_kept_from_the_first_call_is_allowed():
    kept = {}

    def remembering(x):
        if "square" not in kept:
            kept["square"] = x**2
        return kept["square"] * x

    assert so.jacobian(remembering, X)(X).diagonal() == pytest.approx(3 * X**2)


def test_nan_and_signed_zeros_are_compared_by_their_bytes():
    data = np.array([np.nan, -0.0, 0.0])
    assert so.jacobian_pattern(lambda x: x * data, X).nnz == 1


def test_long_recordings_are_made_once(monkeypatch):
    monkeypatch.setattr(repetition, "MOST_NODES", 50)
    calls = []

    def loop(x):
        calls.append(1)
        for _ in range(60):
            x = np.sin(x)
        return x

    so.jacobian(loop, X)
    assert len(calls) == 1


def test_functions_inside_of_functions_are_not_repeated_many_times():
    calls = []

    def inner(x):
        calls.append(1)
        return x**2

    so.jacobian(lambda x: so.jacobian(inner, x)(x) @ x, X)
    assert len(calls) == 2
