"""Exceptions raised on the way into a callback: kept for those who asked, printed otherwise."""

from __future__ import annotations

import ctypes
import sys
import threading

import pytest

from sparseopt.codegen.lost_exceptions import kept_exceptions


def fail():
    raise ZeroDivisionError("mine")


CALLBACK = ctypes.CFUNCTYPE(None)(fail)


@pytest.fixture
def printed(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: seen.append(lost.exc_value))
    return seen


def test_the_hook_is_there_only_inside(printed):
    before, kept = sys.unraisablehook, []
    with kept_exceptions(kept.append):
        CALLBACK()
    assert sys.unraisablehook is before
    CALLBACK()
    assert [str(error) for error in kept] == ["mine"]
    assert [str(error) for error in printed] == ["mine"]


def test_the_innermost_listener_gets_the_exception(printed):
    outer, inner = [], []
    with kept_exceptions(outer.append):
        with kept_exceptions(inner.append):
            CALLBACK()
        CALLBACK()
    assert (len(outer), len(inner), len(printed)) == (1, 1, 0)


def test_other_threads_exceptions_are_passed_on(printed):
    kept = []
    with kept_exceptions(kept.append):
        thread = threading.Thread(target=CALLBACK)
        thread.start()
        thread.join()
    assert kept == []
    assert len(printed) == 1


def test_exceptions_of_finalizers_are_passed_on(printed):
    class Dying:
        def __del__(self):
            raise ValueError("in __del__")

    kept = []
    with kept_exceptions(kept.append):
        Dying()
    assert kept == []
    assert [str(error) for error in printed] == ["in __del__"]
