"""Jobs in the background: done once, urgent ones first, and helped by who waits."""

from __future__ import annotations

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
