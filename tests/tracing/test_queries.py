"""What code may ask of a traced array, and that every recorded NumPy function has a test."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sparseopt.tracing.dispatch import IMPLEMENTATIONS
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample


def ask(question, shape=(2, 3)):
    """Return what ``question`` learns of a traced array."""
    answers = []

    def function(x):
        answers.append(question(x))
        return np.sum(x)

    trace(function, shape)
    return answers[0]


QUERIES = [
    np.shape,
    np.ndim,
    np.size,
    np.iscomplexobj,
    np.isrealobj,
    np.iscomplex,
    np.isreal,
    np.common_type,
    lambda x: np.size(x, axis=1),
    lambda x: np.result_type(x, np.float32),
    lambda x: np.result_type(x, 1),
    lambda x: np.can_cast(x.dtype, np.complex128),
    lambda x: np.may_share_memory(x, x[1:]),
    lambda x: np.may_share_memory(x, np.zeros(2)),
]


@pytest.mark.parametrize("question", QUERIES)
def test_a_query_has_the_answer_of_a_plain_array(question):
    np.testing.assert_array_equal(ask(question), question(np.ones((2, 3))))


def test_can_cast_is_asked_of_a_type_not_an_array():
    assert ask(lambda x: np.can_cast(x, np.float64))


SPELLINGS = [
    lambda x: np.amin(x, axis=0),
    lambda x: np.real_if_close(x) + np.real(x),
    lambda x: np.isneginf(x) + np.isposinf(x) + x,
    lambda x: np.stack(np.dsplit(x, 2))[1],
]


@pytest.mark.parametrize("function", SPELLINGS)
def test_other_spellings_are_recorded_too(function):
    assert_same(function, sample((2, 3, 4)))


@pytest.mark.skipif(not hasattr(np, "unstack"), reason="NumPy 2.1 added it")
def test_unstack_and_cumulative_prod_are_recorded():
    assert_same(lambda x: np.unstack(x)[1], sample((3, 2)))
    assert_same(lambda x: np.cumulative_prod(x), sample(5), rtol=1e-14)


def test_every_recorded_numpy_function_occurs_in_a_test():
    tests = "\n".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    words = set(re.findall(r"\w+", tests))
    assert {function.__name__ for function in IMPLEMENTATIONS} - words == set()
