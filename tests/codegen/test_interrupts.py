"""Ctrl-C while code is compiled and linked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from sparseopt.codegen.interrupts import DeferredInterrupts
from sparseopt.codegen.workers import Job


def test_ctrl_c_waits_for_the_end():
    done = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with DeferredInterrupts():
            with DeferredInterrupts():
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            done.append("outer")
        done.append("never")
    assert done == ["inner", "outer"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_job_that_is_interrupted_is_done():
    def work():
        signal.raise_signal(signal.SIGINT)
        return 5

    job = Job(work)
    with pytest.raises(KeyboardInterrupt):
        job.run()
    assert job.result() == 5


def test_a_handler_that_ignores_stays(monkeypatch):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with DeferredInterrupts():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_leave_handlers_alone():
    found = []

    def work():
        with DeferredInterrupts():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]


INTERRUPTED = """
import os, random, signal, threading, time
import numpy as np
from tests.references import make_evaluator

rng, x = random.Random(0), np.linspace(0.0, 1.0, 20)

def values(factor):
    evaluator = make_evaluator(
        lambda x: np.sum(np.sin(x) ** 2), lambda x: x * x[0] + np.exp(factor * x), 20, "llvm"
    )
    return evaluator.jacobian_values(x).sum() + evaluator.hessian_values(x, x).sum()

struck = 0
for turn in range(15):
    seconds = rng.uniform(0.001, 0.03)
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        values(turn + 2)
        timer.join()
        time.sleep(1)
    except KeyboardInterrupt:
        struck += 1
    assert np.isfinite(values(turn + 2))
print(struck)
"""


@pytest.mark.skipif(os.name != "posix", reason="no signal to oneself")
def test_after_ctrl_c_at_any_time_the_same_problem_is_evaluated():
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        timeout=120, capture_output=True, text=True, check=True,
        env={**os.environ, "SPARSEOPT_CACHE": ""},
    )  # fmt: skip
    # Python itself drops an interrupt that strikes in a destructor.
    assert int(run.stdout) > 7
