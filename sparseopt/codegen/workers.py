"""Jobs in the background: as many at a time as there are processors to spare, urgent ones first.

Who waits for a job does what has not been begun, instead of waiting.  Other jobs begin when none
has been urgent for a while: what they are for may be over by then, and never needs them.  Threads
end when there is nothing to do.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Generic, TypeVar

from sparseopt.codegen.interrupts import DeferredInterrupts

__all__ = ["Job", "finish_everything", "submit"]

T = TypeVar("T")

PATIENCE = 0.2
"""Seconds without urgent jobs before others begin."""
_BLINK = 0.02


class Job(Generic[T]):
    """Work that is done once, by whoever comes first."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._claimed = threading.Lock()
        self._future: Future[T] = Future()

    def run(self) -> None:
        """Do the work, unless somebody does it or has done it; Ctrl-C waits for its end."""
        if self._future.done() or self._claimed.locked():
            return
        with DeferredInterrupts():
            if not self._future.done() and self._claimed.acquire(blocking=False):
                self._do()

    def _do(self) -> None:
        try:
            self._future.set_result(self._work())
        except KeyboardInterrupt:
            self._leave()
            raise
        except BaseException as error:
            self._future.set_exception(error)

    def _leave(self) -> None:
        """Let somebody begin anew: Ctrl-C stops who waits, not what others need too."""
        if not self._future.done():
            self._claimed.release()
            _workers.add(self, urgent=True)  # type: ignore[arg-type]

    @property
    def is_done(self) -> bool:
        """Whether there is a result, or an error."""
        return self._future.done()

    @classmethod
    def done(cls, value: T) -> Job[T]:
        """Return a job that was done before."""
        job = cls(lambda: value)
        job._future.set_result(value)
        return job

    def result(self) -> T:
        """Return what came out, or raise it."""
        self.run()
        while not self._future.done() and (other := _workers.urgent_job()) is not None:
            other.run()
        return self._future.result()


class _Workers:
    """Threads that take jobs from two queues."""

    def __init__(self) -> None:
        self._urgent: deque[Job[object]] = deque()
        self._later: deque[Job[object]] = deque()
        self._changed = threading.Condition()
        self._running = 0
        self._finishing = 0
        self._urgent_at = 0.0

    def add(self, job: Job[object], urgent: bool) -> None:
        """Queue a job, and start a thread if one may run."""
        with self._changed:
            (self._urgent if urgent else self._later).append(job)
            if urgent:
                self._urgent_at = time.monotonic()
                self._changed.notify()
            if self._running >= _spare_processors():
                return
            self._running += 1
        self._start_thread()

    def _start_thread(self) -> None:
        try:
            threading.Thread(target=self._work).start()
        except RuntimeError:  # there are too many, or the interpreter ends: who waits does the work
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def urgent_job(self) -> Job[object] | None:
        """Take an urgent job from its queue."""
        with self._changed:
            return self._urgent.popleft() if self._urgent else None

    def _any_job(self) -> Job[object] | None:
        with self._changed:
            queue = self._urgent or self._later
            return queue.popleft() if queue else None

    def _next(self) -> Job[object] | None:
        with self._changed:
            while True:
                if self._urgent:
                    self._urgent_at = time.monotonic()
                    return self._urgent.popleft()
                # At the end of the process nobody waits for what is not urgent.
                if not self._later or not threading.main_thread().is_alive():
                    self._later.clear()
                    self._running -= 1
                    self._changed.notify_all()
                    return None
                if self._finishing or time.monotonic() > self._urgent_at + PATIENCE:
                    return self._later.popleft()
                self._changed.wait(_BLINK)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job.run()

    def finish(self) -> None:
        """Return when nothing is queued and nothing runs."""
        while (job := self._any_job()) is not None:
            job.run()
        with self._changed:
            self._finishing += 1
            self._changed.notify_all()
            try:
                self._changed.wait_for(lambda: not self._running)
            finally:
                self._finishing -= 1

    def pause(self) -> None:
        """Finish, and let nothing begin before `resume`."""
        self._changed.acquire()
        while self._urgent or self._later or self._running:
            self._changed.release()
            self.finish()
            self._changed.acquire()

    def resume(self) -> None:
        """Let jobs begin again; in the thread that has called `pause`."""
        with suppress(RuntimeError):  # Ctrl-C has ended the pause
            self._changed.release()


def _spare_processors() -> int:
    usable = getattr(os, "sched_getaffinity", None)
    count = len(usable(0)) if usable else os.cpu_count() or 1
    return max(1, count - 1)


_workers = _Workers()


def submit(work: Callable[[], T], *, urgent: bool = True) -> Job[T]:
    """Return a job that is done in the background; an urgent one also by who waits for any."""
    job = Job(work)
    _workers.add(job, urgent)  # type: ignore[arg-type]
    return job


def finish_everything() -> None:
    """Return when all jobs are done, those that are not urgent too."""
    _workers.finish()


# A forked process would have the locks of the work as they are, and nobody who releases them.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_workers.pause, after_in_parent=_workers.resume, after_in_child=_workers.resume
    )
