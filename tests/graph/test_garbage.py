"""The collector of cycles rests while a problem is set up, and is as before afterwards."""

from __future__ import annotations

import gc

import pytest

from sparseopt.graph.garbage import collector_paused


def test_a_block_runs_without_the_collector():
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_exception_turns_the_collector_on_again():
    with pytest.raises(ValueError, match="inside"), collector_paused():
        raise ValueError("inside")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_blocks_may_be_nested():
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
