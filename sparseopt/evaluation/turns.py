"""One thread at a time: an evaluator's programs share their workspace between evaluations.

Evaluations of several threads wait for each other.  During a solve nobody else may evaluate, and
waiting would be a trap (the solve may itself wait for the other thread), so that is an error.
"""

from __future__ import annotations

import os
from threading import RLock, get_ident

from sparseopt.errors import SolverError

__all__ = ["Turns"]


class Turns:
    """Who may use an evaluator; as a context, an evaluation.

    Attributes
    ----------
    solving : int or None
        The thread that solves.

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
        self.solving: int | None = None

    def __enter__(self) -> None:
        if self.solving == get_ident():  # whose turn it is anyway
            return
        if self._process != os.getpid():
            self._renew()
        self._require_free()
        self._lock.acquire()
        if self.solving is not None:
            self._after_waiting()

    def __exit__(self, *_: object) -> None:
        if self.solving != get_ident():
            self._lock.release()

    def solve(self) -> _Solve:
        """Return a context that keeps other threads out for the time of a solve.

        Entering it raises `SolverError` if another thread is solving.
        """
        return _Solve(self)

    def _after_waiting(self) -> None:
        try:
            self._require_free()
        except SolverError:
            self._lock.release()
            raise

    def _require_free(self) -> None:
        if self.solving not in (None, get_ident()):
            raise SolverError(
                "the problem is used while another thread solves it",
                why="all evaluations of a compiled problem share their memory",
                instead="build a model in each thread, or guard the shared one by a threading.Lock",
            )

    def _renew(self) -> None:
        """Forget the threads of the parent process: they do not exist after a fork."""
        self._process = os.getpid()
        if self.solving != get_ident():
            self._lock, self.solving = RLock(), None


class _Solve:
    # Not by contextlib: it writes to exceptions that pass, and some refuse that.

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def __enter__(self) -> None:
        self._turns.__enter__()
        self._before, self._turns.solving = self._turns.solving, get_ident()

    def __exit__(self, *_: object) -> None:
        self._turns.solving = self._before
        self._turns.__exit__()
