"""docs/coverage.md: every public name of NumPy is in it, and every function does what it says."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import scipy.special as special

from benchmarks import coverage
from benchmarks.coverage_trials import NOISY, outcomes
from sparseopt.errors import TracingError, UnsupportedFunctionError
from sparseopt.tracing.dispatch import IMPLEMENTATIONS, REFUSED
from sparseopt.tracing.name_classes import DIFFERENTIABLE, NOT_APPLICABLE, class_of
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample

PAGE = coverage.PAGE.read_text()
ENTRIES = coverage.entries()
NOT_CALLED = {"settings and information", "reading, writing, printing", "classes"}
NEVER_ACCEPTED = {"special.factorialk"} | {f"special.{name}" for name in NOISY}
REGENERATE = "run `python -m benchmarks.coverage`"


def test_every_public_name_has_a_place():
    """A new function of NumPy: write a rule, refuse it, or list it in name_classes."""
    assert [entry.name for entry in ENTRIES if not entry.status] == []


def test_the_page_is_what_the_command_writes():
    if coverage.written_with(PAGE) == coverage.installed_versions():
        assert coverage.page() == PAGE, REGENERATE
    else:
        here, there = coverage.statuses(coverage.page()), coverage.statuses(PAGE)
        differing = {n for n in here.keys() & there.keys() if here[n] != there[n]}
        assert not differing, REGENERATE


def test_most_differentiable_functions_are_supported():
    good, count = coverage.differentiable_share(ENTRIES)
    assert count >= len(DIFFERENTIABLE) - 3  # an older NumPy lacks the youngest
    assert good / count >= 0.9


def test_no_name_has_two_places():
    names = [name for group in NOT_APPLICABLE for name in group.names.split()]
    assert len(names) == len(set(names))
    ours = {f for f in (*IMPLEMENTATIONS, *REFUSED) if f.__module__ == "numpy"}
    assert [f.__name__ for f in ours if class_of(f.__name__)] == []
    assert [f.__name__ for f in REFUSED if f in IMPLEMENTATIONS] == []


def called(prefix):
    module = coverage.NAMESPACES[prefix]
    for entry in ENTRIES:
        space, _, name = entry.name.rpartition(".")
        if space == prefix and entry.detail not in NOT_CALLED:
            function = getattr(module, name)
            if not inspect.isclass(function):
                yield entry, function


@pytest.mark.parametrize("prefix", [p for p in coverage.NAMESPACES if p != "ndarray"])
def test_what_numpy_accepts_is_recorded_or_refused_by_name(prefix):
    """No AttributeError from deep inside, no arrays of objects: whatever NumPy would compute."""
    wrong = []
    for entry, function in called(prefix):
        found = set(outcomes(function))
        allowed = {"traced", "scalar", "plain", "refused"}
        if entry.status == "not applicable":
            found = {word for word in found if not word.startswith(("TypeError", "ValueError"))}
            allowed |= {"objects"}  # of traced scalars, as np.array([x[0], 1.0]) gives
        if entry.status == "supported" and not found & {"traced", "scalar", "plain"}:
            wrong.append(f"{entry.name} never works: {found}")
        if entry.status == "refused" and "traced" in found:
            wrong.append(f"{entry.name} is not refused: {found}")
        if entry.status == "refused" and not found and entry.name not in NEVER_ACCEPTED:
            wrong.append(f"{entry.name} is never called")
        if not found <= allowed:
            wrong.append(f"{entry.name}: {found - allowed}")
    assert wrong == []


def test_methods_of_arrays_are_there_or_refused():
    def function(x):
        for entry in ENTRIES:
            if entry.name.startswith("ndarray."):
                name = entry.name.removeprefix("ndarray.")
                assert hasattr(x, name) == (entry.status == "supported") or entry.instead
        return x

    trace(function, (3, 3))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: np.packbits(x), "bits and integers: traced values are real numbers"),
        (lambda x: np.gcd(x, 2), "bits and integers"),
        (lambda x: np.array_repr(x), "reading, writing, printing"),
        (lambda x: np.isnat(x), "dates and times"),
    ],
)
def test_an_error_says_why_there_cannot_be_a_rule(call, words):
    with pytest.raises(UnsupportedFunctionError, match=words) as raised:
        trace(call, (3,))
    assert raised.value.instead


@pytest.mark.parametrize(
    "call", [lambda x: np.take(np.ones(3), x[0]), lambda x: np.repeat(2.0, x[0])]
)
def test_a_traced_scalar_is_no_index(call):
    with pytest.raises(TracingError, match="index, a count or a size"):
        trace(call, (3,))


SPELLINGS = {
    "bitwise": lambda x: (
        np.bitwise_and(x > 0.7, x < 1.2)
        + 2.0 * np.bitwise_or(x > 1.3, np.invert(x < 1.4))
        + 3.0 * np.bitwise_xor(x > 0.9, x > 1.1)
    ),
    "angles": lambda x: np.rad2deg(np.deg2rad(x)) + np.degrees(np.radians(x)),
    "real": lambda x: np.conjugate(x) + x.conjugate() + np.positive(x),
    "fabs": lambda x: np.fabs(x - 1.0) + np.float_power(x, 3),
}


SCIPY = {
    "softplus": lambda x: special.softplus(x),
    "bessel": lambda x: special.jvp(1, x) + special.yvp(1, x) + special.ivp(1, x),
    "kvp": lambda x: special.kvp(1, x),
    "zeta": lambda x: special.zeta(3.0, x),
}


@pytest.mark.parametrize("name", SCIPY)
def test_scipys_own_code_is_recorded_where_it_calls_known_functions(name):
    assert_same(SCIPY[name], sample(6), 1e-13)


@pytest.mark.parametrize("name", SPELLINGS)
def test_ufuncs_written_in_others_equal_numpy(name):
    assert_same(SPELLINGS[name], sample(6), 1e-15)


@pytest.mark.skipif(not hasattr(np, "vecmat"), reason="NumPy 2.2 added them")
def test_vecmat_and_matvec_equal_numpy():
    assert_same(lambda x: np.vecmat(x[0], x) + np.matvec(x, x[1]), sample((3, 3)), 1e-14)
