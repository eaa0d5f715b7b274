"""One thread at a time: an evaluator's programs share their workspace between evaluations.

Evaluations of several threads wait for each other.  During a solve nobody else may evaluate, and
waiting would be a trap (the solve may itself wait for the other thread), so that is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, get_ident

from sparseopt.errors import SolverError

__all__ = ["Turns"]


class Turns:
    """Who may use an evaluator; as a context, an evaluation.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns.solve(), turns:
    ...     "an evaluation of the thread that solves"
    'an evaluation of the thread that solves'
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._process = os.getpid()
        self._solving: int | None = None

    def __enter__(self) -> None:
        if self._process != os.getpid():
            self._renew()
        self._require_free()
        self._lock.acquire()
        if self._solving is not None:
            self._after_waiting()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    @contextmanager
    def solve(self) -> Iterator[None]:
        """Keep other threads out for the time of a solve.

        Raises
        ------
        SolverError
            If another thread is solving.
        """
        with self:
            before, self._solving = self._solving, get_ident()
            try:
                yield
            finally:
                self._solving = before

    def _after_waiting(self) -> None:
        try:
            self._require_free()
        except SolverError:
            self._lock.release()
            raise

    def _require_free(self) -> None:
        if self._solving not in (None, get_ident()):
            raise SolverError(
                "the problem is used while another thread solves it",
                why="all evaluations of a compiled problem share their memory",
                instead="build a model in each thread, or guard the shared one by a threading.Lock",
            )

    def _renew(self) -> None:
        """Forget the threads of the parent process: they do not exist after a fork."""
        self._process = os.getpid()
        if self._solving != get_ident():
            self._lock, self._solving = RLock(), None
