"""The exception tree: what callers may catch, and how messages read."""

from __future__ import annotations

import inspect
import pickle

import pytest

from sparseopt import errors

EXCEPTIONS = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, errors.SparseOptError)
]


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_every_exception_composes_its_message_in_the_same_order(exception):
    error = exception("what", where="model.py:3", why="because", instead="this")
    assert str(error) == "what\n  where:   model.py:3\n  why:     because\n  instead: this"


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_every_exception_survives_a_trip_to_another_process(exception):
    error = exception("what", where="model.py:3")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize("exception", [errors.ShapeError, errors.ProblemError])
def test_bad_values_can_be_caught_as_value_errors(exception):
    assert issubclass(exception, ValueError)


def test_a_failed_solve_carries_its_status():
    assert errors.SolveFailedError("stopped", status="iteration limit").status == "iteration limit"


def test_empty_parts_leave_no_line():
    assert str(errors.PatternError("an entry is missing")) == "an entry is missing"


def test_an_unknown_name_without_candidates_gets_no_advice():
    assert errors.did_you_mean("tol", []) == ""


def test_a_name_that_goes_on_after_a_known_one_is_taken_for_it():
    assert errors.did_you_mean("tolerance", ["max_iter", "tol"]) == "did you mean 'tol'?"
    assert errors.did_you_mean("xyz", ["x", "y"]) == "known names: x, y"


def test_of_many_known_names_the_nearest_are_given():
    names = [f"option_{k}_of_many" for k in range(300)]
    advice = errors.did_you_mean("iterations", [*names, "max_iter"])
    assert advice.startswith("the nearest of 301 known names: max_iter, ")
    assert advice.count(",") == 7
