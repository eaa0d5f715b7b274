"""Jobs in the background: done once, urgent ones first, and helped by who waits."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from sparseopt.codegen import workers
from sparseopt.codegen.workers import Job, finish_everything, submit


@pytest.fixture
def busy():
    """Keep every worker busy until the event is set."""
    free, started = threading.Event(), threading.Semaphore(0)
    count = workers._spare_processors()
    for _ in range(count):
        submit(lambda: (started.release(), free.wait()))
    for _ in range(count):
        started.acquire()
    yield free
    free.set()
    finish_everything()


def test_a_job_returns_what_came_out():
    assert [submit(lambda k=k: k * k).result() for k in range(5)] == [0, 1, 4, 9, 16]


def test_a_job_raises_what_went_wrong():
    def fail():
        raise ZeroDivisionError("in the job")

    job = submit(fail)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="in the job"):
            job.result()


def test_a_job_is_done_once_whoever_comes_first():
    done = []
    job = Job(lambda: done.append(threading.get_ident()))
    threads = [threading.Thread(target=job.run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.result()
    assert len(done) == 1


def test_who_waits_does_what_has_not_begun(busy):
    assert submit(threading.get_ident).result() == threading.get_ident()


def test_what_is_not_urgent_comes_last_and_is_nobody_elses_work(busy):
    order = []
    submit(lambda: order.append("later"), urgent=False)
    jobs = [submit(lambda k=k: order.append(k)) for k in range(3)]
    for job in jobs:
        job.result()
    assert sorted(order) == [0, 1, 2]
    busy.set()
    finish_everything()
    assert order[-1] == "later"


def test_no_thread_stays_when_there_is_nothing_to_do():
    before = threading.active_count()
    jobs = [submit(lambda: None) for _ in range(20)]
    for job in jobs:
        job.result()
    finish_everything()
    for thread in threading.enumerate():
        if thread.name.endswith("(_work)"):
            thread.join()
    assert threading.active_count() <= before


def test_what_is_not_urgent_begins_when_nothing_has_been_urgent_for_a_while(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1e9)
    done = []
    submit(lambda: None).result()
    job = submit(lambda: done.append(1), urgent=False)
    submit(lambda: None).result()
    assert done == []
    monkeypatch.setattr(workers, "PATIENCE", 0.0)
    job._future.result(timeout=60)
    assert done == [1]


def test_who_needs_everything_does_not_wait_for_that_while(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1e9)
    done = []
    submit(lambda: done.append(1), urgent=False)
    finish_everything()
    assert done == [1]


def test_ctrl_c_stops_who_waits_and_not_the_work():
    """Whosever work the main thread did when it struck, others need that too."""
    done = []

    def work():
        done.append(threading.current_thread())
        if len(done) == 1:
            raise KeyboardInterrupt
        return "done"

    job = Job(work)
    with pytest.raises(KeyboardInterrupt):
        job.result()
    assert [job.result(), job.result()] == ["done", "done"]
    assert len(done) == 2


def test_ctrl_c_after_the_work_does_not_repeat_it():
    done = []
    job = Job(lambda: done.append(1))
    job.run()
    job._leave()
    finish_everything()
    job.run()
    assert done == [1]


def test_ctrl_c_while_everything_is_waited_for_leaves_no_trace(busy, monkeypatch):
    def interrupted(condition):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(workers._workers._changed, "wait_for", interrupted)
        with pytest.raises(KeyboardInterrupt):
            finish_everything()
    assert workers._workers._finishing == 0


def test_without_threads_the_work_is_done_by_who_waits(monkeypatch):
    def full(thread):
        raise RuntimeError("can't start new thread")

    finish_everything()
    done = []
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", full)
        assert submit(lambda: 5).result() == 5
        submit(lambda: done.append("urgent"))
        submit(lambda: done.append("later"), urgent=False)
        finish_everything()
    assert done == ["urgent", "later"]
    assert submit(lambda: 6).result() == 6


FORKS = """
import os, signal, sys, threading, time
from sparseopt.codegen.workers import finish_everything, submit

sys.setswitchinterval(1e-6)  # a submission between what precedes a fork and the fork

def submit_on_and_on():
    while not over:
        submit(lambda: time.sleep(1e-5)).result()

over = []
threads = [threading.Thread(target=submit_on_and_on) for _ in range(3)]
for thread in threads:
    thread.start()
statuses = []
for _ in range(60):
    child = os.fork()
    if not child:
        signal.alarm(20)  # ends a process that waits for ever
        good = submit(lambda: 7).result() == 7
        finish_everything()
        os._exit(0 if good else 1)
    statuses.append(os.waitpid(child, 0)[1])
over.append(True)
sys.exit(any(statuses))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forks_find_nothing_half_done_though_other_threads_submit():
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKS]
    assert subprocess.run(command, timeout=120).returncode == 0


EXIT = """
import threading, time
from sparseopt.codegen.workers import submit

def work():
    threading.main_thread().join()
    for _ in range(4):  # a thread cannot be started any more
        submit(lambda: print("more"))

submit(work)
submit(lambda: print("never"), urgent=False)
"""


def test_a_process_ends_though_jobs_make_jobs():
    command = [sys.executable, "-c", EXIT]
    run = subprocess.run(command, timeout=60, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("more\n" * 4, "")
