"""The binomial schedule takes the known number of steps with the given number of carries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparseopt.loops.body import Leaves, trace_body
from sparseopt.loops.checkpoints import (
    CheckpointPlan,
    binomial,
    default_checkpoints,
    fewest_forward_steps,
    repetitions,
)
from sparseopt.loops.function import ScanFunction
from sparseopt.loops.trees import Structure


def reversal(length, stored):
    """Return how many forward steps a reversal takes, and how many carries it keeps."""
    plan, end, times, steps, kept = CheckpointPlan(length, stored), length, [0], 0, 0
    while times:
        remaining = end - times[-1]
        if remaining == 1:
            end = times.pop()
            continue
        kept = max(kept, len(times))
        far = plan.split(remaining, len(times) - 1)
        steps += far
        times.append(times[-1] + far)
    return steps, kept


def logistic_map(length, checkpoints):
    """Return the loop x -> r x (1 - x) as a function of (x, r)."""
    scalar = Leaves(("carry",), ((),), Structure(object))
    nothing = Leaves((), (), Structure(None))
    pair = Leaves(("x", "r"), ((), ()), Structure(tuple, (), (scalar.structure,) * 2))
    body = trace_body(lambda c, _: ((c[1] * c[0] * (1 - c[0]), c[1]), None), pair, nothing)
    return ScanFunction(body, length, checkpoints, [])


@pytest.mark.parametrize(
    ("length", "stored", "steps"), [(10, 3, 15), (10, 1, 45), (1, 1, 0), (10, 10, 9), (56, 5, 140)]
)
def test_the_known_counts_of_revolve(length, stored, steps):
    assert fewest_forward_steps(length, stored) == steps
    assert reversal(length, stored)[0] == steps


@given(length=st.integers(1, 400), stored=st.integers(1, 20))
def test_every_reversal_takes_the_fewest_steps_and_keeps_what_it_may(length, stored):
    stored = min(stored, length)
    steps, kept = reversal(length, stored)
    assert steps == fewest_forward_steps(length, stored)
    assert kept <= stored


@given(length=st.integers(1, 120), stored=st.integers(1, 6))
def test_no_split_is_better(length, stored):
    """Dynamic programming over all splits."""
    best = {(1, s): 0 for s in range(stored + 1)}
    for s in range(1, stored + 1):
        for m in range(2, length + 1):
            best[m, s] = min(
                k + best[k, s] + best[m - k, s - 1] for k in range(1, m) if (m - k, s - 1) in best
            )
    assert fewest_forward_steps(length, stored) == best[length, stored]


@given(length=st.integers(1, 10**8))
def test_by_default_no_step_is_repeated_more_than_twice(length):
    stored = default_checkpoints(length, size=10**8)
    assert repetitions(length, stored) <= 2
    assert stored == 1 or binomial(stored - 1, 2) < length


def test_a_hundred_million_steps_need_fourteen_thousand_carries():
    assert default_checkpoints(10**8, size=10_000) == 14_141


def test_carries_that_take_little_memory_are_all_stored():
    assert default_checkpoints(100_000, size=10) == 100_000
    assert default_checkpoints(10**6, size=10) == 500_000  # 128 bytes each, 64 MB


@given(length=st.integers(1, 3000), stored=st.integers(1, 40))
def test_the_table_has_the_binomials(length, stored):
    plan = CheckpointPlan(length, stored)
    columns = range(-1, plan.repetitions + 1)
    expected = [[min(binomial(s, r), 2**62) for r in columns] for s in range(plan.stored + 1)]
    assert plan.table.tolist() == expected


@pytest.mark.parametrize(("length", "stored"), [(1, 1), (2, 1), (100, 3), (1000, 7), (500, 500)])
@pytest.mark.parametrize("backend", ["llvm", "numpy"])
def test_the_loop_takes_those_steps_and_stores_those_carries(length, stored, backend, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_BACKEND", backend)
    function = logistic_map(length, stored)
    gradient = np.zeros(2)
    function.pull(np.array([0.3, 3.7]), np.array([1.0, 0.0]), gradient)
    loop = function.first_order
    assert loop.forward_steps == fewest_forward_steps(length, stored)
    assert loop.most_stored <= stored


def test_gradients_do_not_depend_on_the_number_of_carries():
    point, weights = np.array([0.3, 3.2]), np.array([1.0, 0.0])
    found = []
    for stored in (1, 2, 5, 23, 300):
        gradient = np.zeros(2)
        logistic_map(300, stored).pull(point, weights, gradient)
        found.append(gradient)
    np.testing.assert_array_equal(found, [found[0]] * 5)
