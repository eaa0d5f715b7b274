"""What code may ask of a traced array, and that every recorded NumPy function has a test."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sparseopt.errors import ArrayConversionError, UnsupportedFunctionError
from sparseopt.tracing.array_methods import FOREIGN_ATTRIBUTES, REFUSED_ATTRIBUTES
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


def test_generic_code_of_the_array_api_finds_numpy():
    def norm(x):
        xp = x.__array_namespace__()
        return xp.pow(xp.sum(xp.square(xp.astype(x.to_device(x.device), np.float64))), 0.5)

    assert_same(norm, sample(4), rtol=1e-14)
    assert ask(lambda x: (x.itemsize, x.nbytes, (x > 0.0).nbytes)) == (8, 48, 6)


def test_masks_and_matrices_change_in_place_for_all_who_hold_them():
    def function(x):
        mask = x > 0.7
        same = mask
        mask &= x < 1.2
        mask |= x > 1.4
        mask ^= x > 1.45
        y = x.copy()
        rows = y[:2]
        rows @= np.array([[0.0, 1.0], [1.0, 0.0]])
        return np.where(same, y, 0.0)

    assert_same(function, sample((3, 2)))


def test_what_is_refused_by_name_is_numpys_or_of_others():
    assert all(hasattr(np.zeros(2), name) for name in REFUSED_ATTRIBUTES)
    assert not any(hasattr(np.zeros(2), name) for name in FOREIGN_ATTRIBUTES)


@pytest.mark.parametrize("name", sorted(REFUSED_ATTRIBUTES | FOREIGN_ATTRIBUTES))
def test_what_only_numbers_have_is_refused_by_name(name):
    assert ask(lambda x: hasattr(x, name)) is False
    with pytest.raises(UnsupportedFunctionError, match=rf"\.{name} of a traced array") as raised:
        ask(lambda x: getattr(x, name))
    assert raised.value.instead


def test_a_traced_array_is_not_handed_to_other_libraries():
    with pytest.raises(ArrayConversionError, match="another library"):
        ask(np.from_dlpack)


def test_an_array_method_that_nobody_knows_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'TracedArray' object has no attribute 'tocsr'"):
        ask(lambda x: x.tocsr())


def test_every_recorded_numpy_function_occurs_in_a_test():
    tests = "\n".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    words = set(re.findall(r"\w+", tests))
    assert {function.__name__ for function in IMPLEMENTATIONS} - words == set()
